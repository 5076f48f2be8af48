/** Counts of every execution, in spans of ten seconds, until they are written. */
import type { CountedExecution } from "../../shared/execution.ts";
import { addSteps, DURATION_STEPS, stepOf } from "../executions/durations.ts";

const SPAN_MS = 10_000;
/** Spans that wait for a database that is away; past it, those of one script become one. */
const CLOSED_MAX = 5_000;

export interface SpanCount {
  appId: string;
  scriptId: string;
  atMs: number;
  byOutcome: Record<string, number>;
  cpuMs: number;
  durations: number[];
  /** Changed since it was last written. */
  dirty: boolean;
  /** A row of it is in the database: what is written next takes its place. */
  stored: boolean;
}

export class ExecutionCounts {
  readonly #closedMax: number;
  #atMs = 0;
  #current = new Map<string, SpanCount>();
  /** Of earlier spans, not written yet. */
  #closed: SpanCount[] = [];

  constructor(closedMax: number = CLOSED_MAX) {
    this.#closedMax = closedMax;
  }

  add(log: CountedExecution, nowMs: number): void {
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
    if (this.#closed.length > this.#closedMax) this.#closed = merged(this.#closed);
  }

  /** After `take`, when the write went well. */
  stored(counts: readonly SpanCount[]): void {
    for (const count of counts) count.stored = true;
  }

  #roll(atMs: number): void {
    for (const count of this.#current.values()) if (count.dirty) this.#closed.push(count);
    this.#current = new Map();
    this.#atMs = atMs;
  }
}

function newCount({ appId, scriptId }: CountedExecution, atMs: number): SpanCount {
  const durations = Array.from({ length: DURATION_STEPS }, () => 0);
  return { appId, scriptId, atMs, byOutcome: {}, cpuMs: 0, durations, dirty: false, stored: false };
}

/** Nothing is lost but when exactly: what ran in a long outage counts at its begin. */
function merged(counts: readonly SpanCount[]): SpanCount[] {
  const kept: SpanCount[] = [];
  const first = new Map<string, SpanCount>();
  for (const count of counts) {
    const into = count.stored ? undefined : first.get(count.scriptId);
    if (into === undefined) {
      if (!count.stored) first.set(count.scriptId, count);
      kept.push(count);
      continue;
    }
    into.atMs = Math.min(into.atMs, count.atMs);
    for (const [outcome, ran] of Object.entries(count.byOutcome))
      into.byOutcome[outcome] = (into.byOutcome[outcome] ?? 0) + ran;
    into.cpuMs += count.cpuMs;
    addSteps(into.durations, count.durations);
  }
  return kept;
}
