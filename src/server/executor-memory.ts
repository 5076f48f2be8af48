/** What the executor processes hold, for the gate: their own memory, read once a second at most. */
import { readFileSync } from "node:fs";
import type { ExecutorStats } from "../shared/execution.ts";

const SAMPLE_MS = 1_000;

interface MemoryOptions {
  /** Bytes of a process, or null where that cannot be told. */
  sizeOf?: (pid: number) => number | null;
  now?: () => number;
}

/**
 * Looked at when it is asked for, so that an idle platform reads nothing. Image bytes are taken off:
 * they are a cache with a bound of its own.
 */
export function executorMemory(
  executor: { stats(): ExecutorStats },
  { sizeOf = processSize, now = () => performance.now() }: MemoryOptions = {},
): () => number {
  let sampledAt = Number.NEGATIVE_INFINITY;
  let bytes = 0;
  return () => {
    if (now() - sampledAt < SAMPLE_MS) return bytes;
    sampledAt = now();
    const { pids = [], imageBytes } = executor.stats();
    const held = pids.reduce((sum, pid) => sum + (sizeOf(pid) ?? 0), 0);
    bytes = Math.max(0, held - imageBytes);
    return bytes;
  };
}

/** Anonymous memory: what the process shares with none. `smaps_rollup` would say more and walks all pages (9 ms for 400 MB). */
function processSize(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    // It has just ended, or there is no /proc.
    return null;
  }
}
