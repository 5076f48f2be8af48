/** Bounds what runs at once. Entering and refusing are a few map lookups: no queue, no timer. */
export interface GateSizes {
  /** Executions of this process. */
  running: number;
  /** Executions of one app. */
  runningPerApp: number;
  /** Memory of running executions past which no further one starts. */
  memoryBytes: number;
}

export type GateRefusal = "instance" | "app" | "script" | "memory";

/** What a full gate asks clients to wait. */
export const RETRY_AFTER_SECONDS = 1;

const MIB = 1024 * 1024;

/**
 * Sizes for a machine: half of its memory for running scripts, and from 4 GB on at least 256
 * executions of one script beside others.
 */
export function gateSizesFor(totalMemoryBytes: number): GateSizes {
  const running = Math.max(64, Math.min(4096, Math.floor(totalMemoryBytes / (8 * MIB))));
  return {
    running,
    runningPerApp: Math.max(64, Math.floor(running * 0.75)),
    memoryBytes: Math.floor(totalMemoryBytes / 2),
  };
}

export class Gate {
  readonly #sizes: GateSizes;
  readonly #memoryInUse: () => number;
  readonly #apps = new Map<string, number>();
  readonly #scripts = new Map<string, number>();
  #running = 0;

  constructor(sizes: GateSizes, memoryInUse: () => number) {
    this.#sizes = sizes;
    this.#memoryInUse = memoryInUse;
  }

  get running(): number {
    return this.#running;
  }

  /** Undefined when the execution may start; then `leave` must follow exactly once. */
  enter(appId: string, scriptId: string, concurrency: number): GateRefusal | undefined {
    if (this.#running >= this.#sizes.running) return "instance";
    const ofApp = this.#apps.get(appId) ?? 0;
    if (ofApp >= this.#sizes.runningPerApp) return "app";
    const ofScript = this.#scripts.get(scriptId) ?? 0;
    if (ofScript >= concurrency) return "script";
    // With nothing running the memory is not executions', and refusing would never end.
    if (this.#running > 0 && this.#memoryInUse() >= this.#sizes.memoryBytes) return "memory";
    this.#running++;
    this.#apps.set(appId, ofApp + 1);
    this.#scripts.set(scriptId, ofScript + 1);
    return undefined;
  }

  leave(appId: string, scriptId: string): void {
    this.#running--;
    decrement(this.#apps, appId);
    decrement(this.#scripts, scriptId);
  }
}

function decrement(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0;
  if (count <= 1) counts.delete(key);
  else counts.set(key, count - 1);
}
