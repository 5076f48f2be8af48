/** What a request of a script is likely to cost, from those before it. */

/** CPU time below which nobody needs to keep out of a script's way. */
const LONG_MS = 5;
/** Weight of the latest run. */
const LATEST = 0.25;

export class RunCosts {
  readonly #longMs = new Map<number, number>();

  learn(scriptNumber: number, cpuMs: number): void {
    // One that never began says nothing of its script.
    if (cpuMs === 0) return;
    const known = this.#longMs.get(scriptNumber);
    if (known === undefined && cpuMs < LONG_MS) return;
    const expected = known === undefined ? cpuMs : known + (cpuMs - known) * LATEST;
    if (expected < LONG_MS) this.#longMs.delete(scriptNumber);
    else this.#longMs.set(scriptNumber, expected);
  }

  /** CPU time in ms of a script that takes long, else 0. */
  expected(scriptNumber: number): number {
    return this.#longMs.get(scriptNumber) ?? 0;
  }

  forget(scriptNumber: number): void {
    this.#longMs.delete(scriptNumber);
  }
}

/** The long runs that are under way in one process. */
export class LongRuns {
  readonly #runs = new Map<number, { ms: number; until: number }>();

  /** It counts for about as long as it computes: one that then waits or streams is in nobody's way. */
  begin(number: number, ms: number, now: number): void {
    if (ms > 0) this.#runs.set(number, { ms, until: now + 2 * ms });
  }

  end(number: number): void {
    this.#runs.delete(number);
  }

  /** CPU time that those who come now may have to wait for. */
  expectedMs(now: number): number {
    let sum = 0;
    for (const { ms, until } of this.#runs.values()) if (now < until) sum += ms;
    return sum;
  }
}
