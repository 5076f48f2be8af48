import { domError } from "./dom-exception.ts";
import { Event } from "./event.ts";
import { defineHandlers, EventTarget, fire, provideSignals } from "./event-target.ts";
import { defineInterface, illegalConstructor, requireArguments } from "./idl.ts";

const INTERNAL = Symbol("internal");

interface Internals {
  abort(signal: AbortSignal, reason?: unknown): void;
  isSignal(value: unknown): value is AbortSignal;
  /** Runs when the signal aborts, before listeners; gives the function that takes it back. */
  onAbort(signal: AbortSignal, algorithm: () => void): () => void;
  /** A signal that follows every one of `sources`. */
  dependent(sources: AbortSignal[]): AbortSignal;
}
export let signalInternals: Internals;

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** WebIDL [EnforceRange] unsigned long long, as far as a timer can use it. */
function toMilliseconds(value: unknown): number {
  const ms = Math.trunc(Number(value));
  if (!(ms >= 0 && ms <= MAX_SAFE))
    throw new TypeError("The number of milliseconds is out of range");
  return ms;
}

export class AbortSignal extends EventTarget {
  declare onabort: ((event: Event) => unknown) | null;
  #aborted = false;
  #reason: unknown;
  #algorithms: Set<() => void> | undefined;
  /** Of a dependent signal: the signals it follows. */
  #sources: Set<AbortSignal> | undefined;
  #dependents: Set<AbortSignal> | undefined;

  constructor(token?: symbol) {
    if (token !== INTERNAL) illegalConstructor();
    super();
  }
  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(INTERNAL);
    signal.#settle(reason);
    return signal;
  }
  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, "AbortSignal.timeout");
    const ms = toMilliseconds(milliseconds);
    const signal = new AbortSignal(INTERNAL);
    setTimeout(
      () => signal.#abort(domError("TimeoutError", "The operation was aborted due to timeout")),
      ms,
    );
    return signal;
  }
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    requireArguments(arguments.length, 1, "AbortSignal.any");
    if (typeof signals !== "object" || signals === null)
      throw new TypeError("The argument is not a sequence");
    const sources = [...signals];
    for (const source of sources) {
      if (!signalInternals.isSignal(source))
        throw new TypeError("A member of the sequence is not an AbortSignal");
    }
    return signalInternals.dependent(sources);
  }
  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  #settle(reason: unknown): void {
    this.#aborted = true;
    this.#reason =
      reason === undefined ? domError("AbortError", "The signal has been aborted") : reason;
  }
  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#settle(reason);
    const following: AbortSignal[] = [];
    for (const dependent of this.#dependents ?? []) {
      if (dependent.#aborted) continue;
      dependent.#settle(this.#reason);
      following.push(dependent);
    }
    this.#run();
    for (const dependent of following) dependent.#run();
  }
  #run(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = undefined;
    if (algorithms !== undefined) for (const algorithm of algorithms) algorithm();
    fire(this, new Event("abort"));
  }
  #follow(source: AbortSignal): void {
    (this.#sources as Set<AbortSignal>).add(source);
    (source.#dependents ??= new Set()).add(this);
  }

  static {
    signalInternals = {
      abort: (signal, reason) => signal.#abort(reason),
      isSignal: (value): value is AbortSignal =>
        typeof value === "object" && value !== null && #aborted in value,
      onAbort: (signal, algorithm) => {
        if (signal.#aborted) return () => undefined;
        const algorithms = (signal.#algorithms ??= new Set());
        algorithms.add(algorithm);
        return () => algorithms.delete(algorithm);
      },
      dependent: (sources) => {
        const result = new AbortSignal(INTERNAL);
        const aborted = sources.find((source) => source.#aborted);
        if (aborted !== undefined) {
          result.#settle(aborted.#reason);
          return result;
        }
        result.#sources = new Set();
        for (const source of sources) {
          if (source.#sources === undefined) result.#follow(source);
          else for (const further of source.#sources) result.#follow(further);
        }
        return result;
      },
    };
    provideSignals({
      isSignal: signalInternals.isSignal,
      aborted: (signal) => (signal as AbortSignal).#aborted,
      onAbort: (signal, algorithm) => signalInternals.onAbort(signal as AbortSignal, algorithm),
    });
  }
}
const { setTimeout } = globalThis as unknown as {
  setTimeout(run: () => void, ms: number): unknown;
};
defineInterface(AbortSignal, "AbortSignal", 0);
defineHandlers(AbortSignal, "abort");

export const newSignal = (): AbortSignal => new AbortSignal(INTERNAL);

export class AbortController {
  #signal = newSignal();
  get signal(): AbortSignal {
    return this.#signal;
  }
  abort(reason?: unknown): void {
    signalInternals.abort(this.#signal, reason);
  }
}
defineInterface(AbortController, "AbortController", 0);
Object.defineProperty(AbortController.prototype.abort, "length", { value: 0, configurable: true });
