/** Keeps PostgreSQL running: started again, with growing pauses, when it ends by itself. */
import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Postmaster } from "./postmaster.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;
/** A run of this length ends the series of failures. */
const STEADY_MS = 60_000;
const FAST_STOP_MS = 10_000;
const FORCED_STOP_MS = 3_000;

export interface SupervisorOptions {
  /** Clears what the last run left, starts, and resolves when ready. */
  start: () => Promise<Postmaster>;
  clock: Clock;
  logger: Logger;
  pause?: (ms: number) => Promise<void>;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  #running: Postmaster | undefined;
  #watch: Promise<void> = Promise.resolve();
  #stopping = false;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  get restarts(): number {
    return this.#restarts;
  }

  async start(): Promise<void> {
    const first = await this.#options.start();
    this.#running = first;
    this.#watch = this.#keepRunning(first);
  }

  async #keepRunning(first: Postmaster): Promise<void> {
    const { clock, logger, pause = Bun.sleep } = this.#options;
    let current: Postmaster | undefined = first;
    let began = clock.now();
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#stopping) {
      const how = current === undefined ? "a failed start" : await current.ended;
      this.#running = undefined;
      if (this.#stopping) return;
      if (clock.now() - began >= STEADY_MS) pauseMs = FIRST_PAUSE_MS;
      logger.error("PostgreSQL ended by itself; it is started again", { how, pause_ms: pauseMs });
      await pause(pauseMs);
      if (this.#stopping) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      began = clock.now();
      current = await this.#restart();
    }
  }

  async #restart(): Promise<Postmaster | undefined> {
    const { logger, start } = this.#options;
    try {
      const started = await start();
      this.#running = started;
      this.#restarts += 1;
      if (this.#stopping) started.kill("SIGINT");
      logger.info("PostgreSQL runs again", { restarts: this.#restarts });
      return started;
    } catch (error) {
      logger.error("Cannot start PostgreSQL again", { error });
      return undefined;
    }
  }

  /** Ends all sessions and stops; what was committed is on disk. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#running;
    if (running !== undefined) {
      running.kill("SIGINT");
      if (!(await settlesWithin(running.ended, FAST_STOP_MS))) {
        this.#options.logger.warn("PostgreSQL did not stop in time; it is stopped by force");
        running.kill("SIGQUIT");
        if (!(await settlesWithin(running.ended, FORCED_STOP_MS))) running.kill("SIGKILL");
      }
    }
    await this.#watch;
  }
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: Timer | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
