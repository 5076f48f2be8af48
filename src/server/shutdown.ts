/** An orderly end: what was opened last is closed first, each within its bound, whatever fails. */
import type { Logger } from "../shared/logger.ts";

/** npm and a terminal both pass Ctrl-C on, so one key press can arrive twice. */
const SAME_PRESS_MS = 1_000;

interface Step {
  name: string;
  timeoutMs: number;
  close: () => void | Promise<void>;
}

export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

export class Shutdown {
  readonly #logger: Logger;
  readonly #steps: Step[] = [];
  #run: Promise<boolean> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** To be called when the thing is open. Steps run in reverse order. */
  add(name: string, timeoutMs: number, close: () => void | Promise<void>): void {
    this.#steps.push({ name, timeoutMs, close });
  }

  /** Runs every step once, however often it is called. False when one failed or took too long. */
  run(reason: string): Promise<boolean> {
    this.#run ??= this.#closeAll(reason);
    return this.#run;
  }

  async #closeAll(reason: string): Promise<boolean> {
    const began = performance.now();
    this.#logger.info("Shutting down", { reason });
    let clean = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      clean = (await this.#close(step)) && clean;
    }
    this.#logger.info("Shut down", { clean, ms: Math.round(performance.now() - began) });
    return clean;
  }

  async #close({ name, timeoutMs, close }: Step): Promise<boolean> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`Not closed within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      await Promise.race([Promise.try(close), late]);
      return true;
    } catch (error) {
      this.#logger.error(`Cannot close ${name} in order`, { error });
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Resolves with the first SIGTERM or SIGINT. `force` is called on one that comes a second or more
 * later: someone does not want to wait.
 */
export function nextSignal(force: () => void, source: SignalSource = process): Promise<string> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const heard = (name: string) => (): void => {
      if (first === undefined) {
        first = performance.now();
        resolve(name);
      } else if (performance.now() - first >= SAME_PRESS_MS) force();
    };
    source.on("SIGTERM", heard("SIGTERM"));
    source.on("SIGINT", heard("SIGINT"));
  });
}
