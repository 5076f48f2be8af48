/** Counts of every execution, in spans of ten seconds, until they are written. */
import type { ExecutionLog } from "../../shared/execution.ts";
import { DURATION_STEPS, stepOf } from "../executions/durations.ts";

const SPAN_MS = 10_000;

export interface SpanCount {
  appId: string;
  scriptId: string;
  atMs: number;
  byOutcome: Record<string, number>;
  cpuMs: number;
  durations: number[];
  /** Changed since it was last written. */
  dirty: boolean;
}

export class ExecutionCounts {
  #atMs = 0;
  #current = new Map<string, SpanCount>();
  /** Of earlier spans, not written yet. */
  #closed: SpanCount[] = [];

  add(log: ExecutionLog, nowMs: number): void {
    const atMs = Math.floor(nowMs / SPAN_MS) * SPAN_MS;
    if (atMs !== this.#atMs) this.#roll(atMs);
    let count = this.#current.get(log.scriptId);
    if (count === undefined) {
      count = newCount(log, atMs);
      this.#current.set(log.scriptId, count);
    }
    count.byOutcome[log.outcome] = (count.byOutcome[log.outcome] ?? 0) + 1;
    count.cpuMs += log.cpuMs;
    const step = stepOf(log.durationMs);
    count.durations[step] = (count.durations[step] ?? 0) + 1;
    count.dirty = true;
  }

  /** What is to be written now. Marked as written; `putBack` undoes that. */
  take(): SpanCount[] {
    const taken = [...this.#closed, ...[...this.#current.values()].filter(({ dirty }) => dirty)];
    this.#closed = [];
    for (const count of taken) count.dirty = false;
    return taken;
  }

  putBack(counts: readonly SpanCount[]): void {
    for (const count of counts) {
      count.dirty = true;
      if (this.#current.get(count.scriptId) !== count) this.#closed.push(count);
    }
  }

  #roll(atMs: number): void {
    for (const count of this.#current.values()) if (count.dirty) this.#closed.push(count);
    this.#current = new Map();
    this.#atMs = atMs;
  }
}

function newCount({ appId, scriptId }: ExecutionLog, atMs: number): SpanCount {
  const durations = Array.from({ length: DURATION_STEPS }, () => 0);
  return { appId, scriptId, atMs, byOutcome: {}, cpuMs: 0, durations, dirty: false };
}
