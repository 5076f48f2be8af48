/**
 * Ends the wait for a database that hangs. A server that is frozen, or behind a network that drops
 * packets, answers nothing and closes nothing: without this, calls would wait for hours.
 */

/** Work that has taken this long makes the database be asked whether it still answers. */
const PATIENCE_MS = 3_000;

export interface StallOptions {
  /** Whether the database answers a new connection, within a bound. */
  answers(): Promise<boolean>;
  patienceMs?: number;
}

export class StallGuard {
  readonly #options: StallOptions;
  #asking: Promise<boolean> | undefined;
  #stalled = false;

  constructor(options: StallOptions) {
    this.#options = options;
  }

  /**
   * Rejects with a fault of the database when it hangs; long work beside a database that answers goes on.
   * What was begun is not undone: it may still come to its end when the database thaws.
   */
  async guard<Result>(work: () => Promise<Result>): Promise<Result> {
    // Known to hang: not one more query for it to find when it thaws.
    if (this.#stalled && !(await this.#answers())) throw stallFault();
    const { promise: stalled, reject } = Promise.withResolvers<never>();
    const look = async (): Promise<void> => {
      const answered = await this.#answers();
      if (isDone) return;
      if (answered) timer = setTimeout(() => void look(), patienceMs);
      else reject(stallFault());
    };
    const { patienceMs = PATIENCE_MS } = this.#options;
    let isDone = false;
    let timer = setTimeout(() => void look(), patienceMs);
    try {
      return await Promise.race([work(), stalled]);
    } finally {
      isDone = true;
      clearTimeout(timer);
    }
  }

  /** One question for all that wait. */
  async #answers(): Promise<boolean> {
    this.#asking ??= this.#options.answers().finally(() => {
      this.#asking = undefined;
    });
    const answered = await this.#asking;
    this.#stalled = !answered;
    return answered;
  }
}

const stallFault = (): Error =>
  Object.assign(new Error("The database does not answer"), { code: "ETIMEDOUT" });
