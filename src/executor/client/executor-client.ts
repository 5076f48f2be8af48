/** Hands executions to executor processes: started when needed, replaced when they die, stopped when idle. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket, UnixSocketListener } from "bun";
import { unrunEnd } from "../../shared/execution.ts";
import type {
  EvaluationResult,
  ExecRequest,
  ExecResult,
  ExecutableScript,
  ExecutorClient,
  ExecutorStats,
  HostServices,
} from "../../shared/execution.ts";
import { selfCommand } from "../../shared/self-command.ts";
import { InlineExecutor } from "../inline/inline-executor.ts";
import { executorCommand, executorEnvironment } from "./child-process.ts";
import { ProcessHandle, type RunObserver } from "./process-handle.ts";
import { RunCosts } from "./run-costs.ts";

export interface ExecutorClientOptions {
  /** Answers what scripts ask of the platform. */
  services: HostServices;
  /** Starts an executor process; by default this very program with the argument `executor`. */
  command?: readonly string[];
  /** One per core by default. */
  processesMax?: number;
  /** A process without work is stopped after this long; 60 s by default. */
  idleStopMs?: number;
  /** Bound of the images that each process keeps in memory; 256 MiB by default. */
  imageCacheBytes?: number;
  /** How long a process may be silent beyond the limits of what runs in it, before it is killed; 10 s by default. */
  patienceMs?: number;
  /** Whether short synchronous scripts run in this process; not by default. */
  inline?: boolean;
  /** Where images are kept over restarts, encrypted; nowhere by default. */
  imageDirectory?: string;
  /** 32 bytes, with `imageDirectory`. */
  imageKey?: Uint8Array;
  /** Told when a process died that was not asked to. */
  onProcessDeath?: (details: {
    pid: number;
    exitCode: number | null;
    signal: string | null;
    lost: number;
  }) => void;
}

const DEFAULT_IDLE_STOP_MS = 60_000;
const DEFAULT_IMAGE_CACHE_BYTES = 256 * 1024 * 1024;
const DEFAULT_PATIENCE_MS = 10_000;
/** Of the image cache of a process, for what runs in this one. */
const INLINE_SHARE = 1 / 8;
const START_PAUSE_MS = 500;
const WATCH_INTERVAL_MS = 250;
/** A process that has not answered for this long is passed over while others are there. */
const BUSY_MS = 5;
const SILENT_COST = 1_000;
/** Below so many requests at once, one more process would only cost memory. */
const ENOUGH_LOAD = 8;

type Defaulted = "patienceMs" | "command" | "processesMax" | "idleStopMs" | "imageCacheBytes";
type FilledOptions = ExecutorClientOptions & Required<Pick<ExecutorClientOptions, Defaulted>>;

interface Slot {
  handle: ProcessHandle;
}

type Link = { handle?: ProcessHandle };

class PooledExecutor implements ExecutorClient {
  readonly #options: FilledOptions;
  readonly #slots = new Set<Slot>();
  readonly #numbers = new Map<string, number>();
  readonly #live = new Set<number>();
  readonly #inline: InlineExecutor | null;
  readonly #observer: RunObserver | null;
  readonly #costs = new RunCosts();
  readonly #numberOf = new WeakMap<ExecutableScript, number>();
  readonly #numbersOfScript = new Map<string, Set<string>>();
  #nextNumber = 1;
  #directory: string | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #closing = false;
  #nextSocket = 1;
  #failedStartAt = -Infinity;

  constructor(options: ExecutorClientOptions) {
    this.#options = {
      command: selfCommand("executor"),
      processesMax: Math.max(1, navigator.hardwareConcurrency),
      idleStopMs: DEFAULT_IDLE_STOP_MS,
      patienceMs: DEFAULT_PATIENCE_MS,
      imageCacheBytes: DEFAULT_IMAGE_CACHE_BYTES,
      ...options,
    };
    const inline =
      options.inline === true
        ? new InlineExecutor(this.#options.imageCacheBytes * INLINE_SHARE)
        : null;
    this.#inline = inline;
    this.#observer = inline && {
      ran: (number, script, run) => this.#live.has(number) && inline.observe(number, script, run),
      image: (number, image) => void inline.adopt(number, image),
    };
  }

  execute(script: ExecutableScript, request: ExecRequest): ExecResult | Promise<ExecResult> {
    if (this.#closing) return Promise.resolve(refused("The server is shutting down"));
    const number = this.#number(script);
    const answer = this.#inline?.run(number, script, request);
    if (answer !== undefined) return answer;
    if (this.#cannotStart())
      return Promise.resolve(refused("Executor processes do not start: see the server's log"));
    const slot = (script.instance === "reuse" && this.#home(number)) || this.#pick(number);
    return slot.handle.execute(number, script, request).promise;
  }

  evaluate(script: ExecutableScript): Promise<EvaluationResult> {
    const number = this.#number(script);
    return this.#pick(number).handle.evaluate(number, script);
  }

  forget(scriptId: string): void {
    for (const key of this.#numbersOfScript.get(scriptId) ?? []) this.#forgetKey(key);
    this.#numbersOfScript.delete(scriptId);
  }

  stats(): ExecutorStats {
    const pids = [...this.#slots].map(({ handle }) => handle.child.pid);
    const stats = {
      processes: this.#slots.size,
      running: 0,
      images: this.#inline?.images ?? 0,
      imageBytes: this.#inline?.imageBytes ?? 0,
      inlineRuns: this.#inline?.runs ?? 0,
      inlineEscapes: this.#inline?.escapes ?? 0,
      pids,
    };
    for (const { handle } of this.#slots) {
      stats.running += handle.load;
      stats.images += handle.images;
      stats.imageBytes += handle.imageBytes;
    }
    return stats;
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const until = performance.now() + graceMs;
    while (this.stats().running > 0 && performance.now() < until) await Bun.sleep(5);
    clearInterval(this.#watch);
    const ended = [...this.#slots].map(async ({ handle }) => {
      handle.retiring = true;
      handle.close();
      const forced = setTimeout(() => handle.kill(), 500);
      await handle.child.exited;
      clearTimeout(forced);
    });
    await Promise.all(ended);
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  }

  // --- scripts ---

  /** The number by which processes know a script; one for all objects with the same content. */
  #number(script: ExecutableScript): number {
    const known = this.#numberOf.get(script);
    if (known !== undefined && this.#live.has(known)) return known;
    const key = scriptKey(script);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#nextNumber;
      this.#nextNumber += 1;
      this.#replaceVersions(script.scriptId, key);
      this.#numbers.set(key, number);
      this.#live.add(number);
    }
    this.#numberOf.set(script, number);
    return number;
  }

  /** Two versions of a script are kept, as the old one still answers while the new one spreads. */
  #replaceVersions(scriptId: string, key: string): void {
    let keys = this.#numbersOfScript.get(scriptId);
    if (keys === undefined) this.#numbersOfScript.set(scriptId, (keys = new Set()));
    keys.add(key);
    for (const oldest of keys) {
      if (keys.size <= 2) break;
      keys.delete(oldest);
      this.#forgetKey(oldest);
    }
  }

  #forgetKey(key: string): void {
    const number = this.#numbers.get(key);
    this.#numbers.delete(key);
    if (number === undefined) return;
    this.#live.delete(number);
    this.#inline?.forget(number);
    this.#costs.forget(number);
    for (const { handle } of this.#slots) handle.forget(number);
  }

  // --- processes ---

  /**
   * Where a reused script runs already, unless that process has no time: what its requests share (a chat's
   * members, a cache) should be in one place as long as one place is enough.
   */
  #home(scriptNumber: number): Slot | undefined {
    const now = performance.now();
    for (const slot of this.#slots) {
      const { handle } = slot;
      if (handle.dead || handle.retiring || !handle.has(scriptNumber)) continue;
      if (handle.silentMs(now) <= BUSY_MS) return slot;
    }
    return undefined;
  }

  /**
   * The least loaded process that answers, where a millisecond of computing weighs as much as a request. Another one is started when that one has enough to do, and
   * takes part when it is ready: until then the present ones are faster.
   */
  #pick(scriptNumber: number): Slot {
    let best: Slot | undefined;
    let bestCost = Infinity;
    const now = performance.now();
    for (const slot of this.#slots) {
      const { handle } = slot;
      if (handle.dead || handle.retiring) continue;
      const cost =
        handle.load +
        handle.busyMs(now) +
        (handle.silentMs(now) > BUSY_MS ? SILENT_COST : 0) +
        (handle.ready ? 0 : SILENT_COST * 2) +
        (handle.has(scriptNumber) ? 0 : 0.5);
      if (cost >= bestCost) continue;
      best = slot;
      bestCost = cost;
    }
    if (best === undefined) return this.#spawn();
    const isBusy = best.handle.ready && bestCost >= ENOUGH_LOAD;
    if (isBusy) this.#addProcess();
    return best;
  }

  #addProcess(): void {
    if (this.#slots.size < this.#options.processesMax) this.#spawn();
  }

  #spawn(): Slot {
    const link: Link = {};
    const path = this.#socketPath();
    const listener: UnixSocketListener<Link> = Bun.listen<Link>({
      unix: path,
      socket: {
        binaryType: "uint8array",
        open: (socket) => this.#connected(socket, link, listener),
        data: (_socket, bytes) => link.handle?.received(bytes),
        drain: () => link.handle?.drained(),
        close: () => link.handle?.died(),
        error: () => link.handle?.died(),
      },
    });
    const child = Bun.spawn(executorCommand(this.#options.command), {
      env: executorEnvironment(path, this.#options.imageCacheBytes),
      stdio: ["ignore", "inherit", "inherit"],
      onExit: (_child, exitCode, signal) => this.#exited(slot, exitCode, signal),
    });
    const handle = new ProcessHandle(child, this.#options.services, this.#observer, this.#costs);
    link.handle = handle;
    const slot: Slot = { handle };
    const { imageCacheBytes, imageDirectory = null, imageKey = new Uint8Array(0) } = this.#options;
    handle.hello({ imageCacheBytes, imageDirectory }, imageKey);
    this.#slots.add(slot);
    this.#watch ??= setInterval(() => this.#check(), WATCH_INTERVAL_MS);
    this.#watch.unref();
    return slot;
  }

  #connected(socket: Socket<Link>, link: Link, listener: UnixSocketListener<Link>): void {
    listener.stop();
    link.handle?.attach(socket);
  }

  #socketPath(): string {
    const path = join(this.#socketDirectory(), `executor-${this.#nextSocket}.sock`);
    this.#nextSocket += 1;
    return path;
  }

  /** Only this user may look into it. */
  #socketDirectory(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), "picloud-executor-"));
    return this.#directory;
  }

  /** After a process that died before it was ready, new ones are not tried at the rate of requests. */
  #cannotStart(): boolean {
    return this.#slots.size === 0 && performance.now() - this.#failedStartAt < START_PAUSE_MS;
  }

  #exited(slot: Slot, exitCode: number | null, signal: number | string | null): void {
    const { handle } = slot;
    this.#slots.delete(slot);
    handle.died();
    if (handle.retiring) return;
    if (!handle.ready) this.#failedStartAt = performance.now();
    const { lost } = handle;
    const details = {
      pid: handle.child.pid,
      exitCode,
      signal: signal === null ? null : String(signal),
      lost,
    };
    this.#options.onProcessDeath?.(details);
  }

  /** Kills what does not answer, stops what is idle, and helps where requests wait for a long turn. */
  #check(): void {
    const now = performance.now();
    for (const { handle } of this.#slots) {
      if (handle.dead) continue;
      if (handle.load === 0) {
        if (now - handle.idleSince > this.#options.idleStopMs) {
          handle.retiring = true;
          handle.close();
        }
        continue;
      }
      if (handle.load > 1 && handle.silentMs(now) > BUSY_MS) this.#addProcess();
      const since = Math.max(handle.heardAt, handle.pingedAt);
      if (handle.pingedAt !== 0 && now - since > handle.longestTurnMs() + this.#options.patienceMs)
        handle.kill();
      else handle.ping();
    }
  }
}

const scriptKey = (script: ExecutableScript): string =>
  `${script.scriptId}:${script.version}:${script.contentHash}:${script.envRevision}:${script.instance}:${Object.values(script.limits).join(",")}`;

function refused(message: string): ExecResult {
  return { response: null, end: unrunEnd("overloaded", { name: "Error", message }) };
}

/** The executor as the orchestrator uses it. Processes start with the first work. */
export function createExecutorClient(options: ExecutorClientOptions): ExecutorClient {
  return new PooledExecutor(options);
}
