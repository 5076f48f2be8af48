/** Which scripts may run in the platform's own process: those that have been short and synchronous so far. */
import type { ExecutableScript } from "../../shared/execution.ts";

/** One execution as it was metered. */
export interface Run {
  cpuMs: number;
  /** See ExecutionPort.complete. */
  isShort: boolean;
}

/** So long an execution may usually take here, as it holds up everybody else. */
const USUAL_MS_MAX = 2;
const RUNS_BEFORE = 2;
/** A script that is asked more seldom gains nothing, and its image would push out that of one that does. */
const RECENT_MS = 1_000;
/** Where a reused instance would be recycled anyway, so that no state is lost by the move. */
const RUNS_BEFORE_REUSE = 10_000;
/** After each failure to run inline so many times more short runs are asked for. */
const PATIENCE_FACTOR = 8;
const RUNS_BEFORE_MAX = 1_000_000;
/** So many good runs here make up for one failure: over days a busy machine makes any script look long now and then. */
const FORGIVEN_AFTER = 10_000;
/** Short turns are timed by the wall clock, so on a busy machine many look long; not more than quick ones. */
const SLOW_MAX = 64;

export class ScriptHistory {
  #shortRuns = 0;
  #lastAt = -Infinity;
  #slow = 0;
  #needed: number;
  /** Since the last failure. */
  #runsHere = 0;
  readonly #least: number;

  constructor({ instance }: Pick<ExecutableScript, "instance">) {
    this.#least = instance === "fresh" ? RUNS_BEFORE : RUNS_BEFORE_REUSE;
    this.#needed = this.#least;
  }

  /** Of an executor process, at `now` ms. True when the script has been short often enough, one run close after the other. */
  add(run: Run, now: number): boolean {
    if (now - this.#lastAt > RECENT_MS) this.#shortRuns = 0;
    this.#lastAt = now;
    this.#shortRuns = this.suits(run) ? this.#shortRuns + 1 : 0;
    return this.#shortRuns >= this.#needed;
  }

  /** Of this process. False when the script has to leave. */
  ran(run: Run): boolean {
    this.#runsHere += 1;
    if (this.#runsHere % FORGIVEN_AFTER === 0)
      this.#needed = Math.max(this.#least, this.#needed / PATIENCE_FACTOR);
    return this.suits(run);
  }

  /** Counts a run, wherever it was; false when it, or too many of the latest, took long. */
  suits({ cpuMs, isShort }: Run): boolean {
    this.#slow = cpuMs > USUAL_MS_MAX ? this.#slow + 1 : Math.max(0, this.#slow - 1);
    return isShort && this.#slow <= SLOW_MAX;
  }

  /** A run inline had to be given up, or too many took long. */
  failed(): void {
    this.#shortRuns = 0;
    this.#slow = 0;
    this.#runsHere = 0;
    this.#needed = Math.min(this.#needed * PATIENCE_FACTOR, RUNS_BEFORE_MAX);
  }
}
