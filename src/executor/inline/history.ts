/** Which scripts may run in the platform's own process: those that have been short and synchronous so far. */
import type { ExecutableScript } from "../../shared/execution.ts";

/** One execution as it was metered. */
export interface Run {
  cpuMs: number;
  /** It answered in the turn that it began in, and left nothing running. */
  inOneTurn: boolean;
}

/** CPU time up to which an execution is short: this long it may hold up everybody else. */
const SHORT_MS = 1;
const RUNS_BEFORE = 8;
/** Where a reused instance would be recycled anyway, so that no state is lost by the move. */
const RUNS_BEFORE_REUSE = 10_000;
/** After each failure to run inline so many times more short runs are asked for. */
const PATIENCE_FACTOR = 8;
const RUNS_BEFORE_MAX = 1_000_000;
/** Short turns are timed by the wall clock, so that on a busy machine some look long: one in eight may. */
const SLOW_COST = 8;
const SLOW_MAX = 64;

export class ScriptHistory {
  #shortRuns = 0;
  #slow = 0;
  #needed: number;
  readonly #mayReturn: boolean;

  constructor({ instance }: Pick<ExecutableScript, "instance">) {
    this.#mayReturn = instance === "fresh";
    this.#needed = this.#mayReturn ? RUNS_BEFORE : RUNS_BEFORE_REUSE;
  }

  /** Of an executor process. True when the script has been short often enough. */
  add({ cpuMs, inOneTurn }: Run): boolean {
    if (!inOneTurn || this.isSlow(cpuMs)) this.#shortRuns = 0;
    else this.#shortRuns += 1;
    return this.#shortRuns >= this.#needed;
  }

  /** Counts a run, wherever it was; true when too many of the latest were long. */
  isSlow(cpuMs: number): boolean {
    this.#slow = cpuMs > SHORT_MS ? this.#slow + SLOW_COST : Math.max(0, this.#slow - 1);
    return this.#slow > SLOW_MAX;
  }

  /** A run inline had to be given up, or too many took long. */
  failed(): void {
    this.#shortRuns = 0;
    this.#slow = 0;
    this.#needed = this.#mayReturn
      ? Math.min(this.#needed * PATIENCE_FACTOR, RUNS_BEFORE_MAX)
      : Infinity;
  }
}
