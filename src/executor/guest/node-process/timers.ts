/** node:timers, node:timers/promises, setImmediate: over the web timers, with Node's Timeout objects. */
import { invalidType } from "../node-buffer/errors.ts";

type Callback = (...args: unknown[]) => void;
interface Signal {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: string, listener: () => void, options?: object): void;
  removeEventListener(type: string, listener: () => void): void;
}
const web = globalThis as unknown as {
  setTimeout(callback: Callback, delay?: number, ...args: unknown[]): number;
  setInterval(callback: Callback, delay?: number, ...args: unknown[]): number;
  clearTimeout(id: number): void;
};
// Read when called: AsyncLocalStorage replaces the globals.
const webTimeout: typeof web.setTimeout = (...args) => web.setTimeout(...args);
const webInterval: typeof web.setInterval = (...args) => web.setInterval(...args);
const webClear = (id: number): void => web.clearTimeout(id);

class Timeout {
  #id: number;
  readonly #again: () => number;
  #referenced = true;

  constructor(again: () => number) {
    this.#again = again;
    this.#id = again();
  }

  ref(): this {
    this.#referenced = true;
    return this;
  }

  unref(): this {
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  refresh(): this {
    webClear(this.#id);
    this.#id = this.#again();
    return this;
  }

  close(): this {
    webClear(this.#id);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

function checked(callback: unknown): Callback {
  if (typeof callback !== "function") throw invalidType("callback", "of type function", callback);
  return callback as Callback;
}

const clear = (timer: unknown): void => {
  if (timer instanceof Timeout) timer.close();
  else if (timer !== undefined && timer !== null) webClear(Number(timer));
};

export const timers = {
  setTimeout: (callback: unknown, delay?: number, ...args: unknown[]) =>
    new Timeout(() => webTimeout(checked(callback), delay, ...args)),
  setInterval: (callback: unknown, delay?: number, ...args: unknown[]) =>
    new Timeout(() => webInterval(checked(callback), delay, ...args)),
  setImmediate: (callback: unknown, ...args: unknown[]) =>
    new Timeout(() => webTimeout(checked(callback), 0, ...args)),
  clearTimeout: clear,
  clearInterval: clear,
  clearImmediate: clear,
};

function wait<T>(
  delay: number | undefined,
  value: T,
  options: { signal?: Signal } = {},
): Promise<T> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      webClear(id);
      reject(
        Object.assign(new Error("The operation was aborted", { cause: signal?.reason }), {
          name: "AbortError",
          code: "ABORT_ERR",
        }),
      );
    };
    const id = webTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    }, delay ?? 1);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

async function* ticks<T>(
  delay?: number,
  value?: T,
  options: { signal?: Signal } = {},
): AsyncGenerator<T | undefined> {
  while (true) yield await wait(delay, value, options);
}

export const timersPromises = {
  setTimeout: wait,
  setImmediate: <T>(value: T, options?: { signal?: Signal }) => wait(0, value, options),
  setInterval: ticks,
  scheduler: {
    wait: (delay: number, options?: { signal?: Signal }) => wait(delay, undefined, options),
    yield: () => wait(0, undefined),
  },
};

for (const name of ["setTimeout", "setImmediate"] as const)
  Object.defineProperty(timers[name], Symbol.for("nodejs.util.promisify.custom"), {
    value: timersPromises[name],
  });
Object.assign(timers, { promises: timersPromises });
