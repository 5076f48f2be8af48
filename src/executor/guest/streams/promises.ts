/** Promise operations of the Streams Standard on the built-ins as they were when the part was loaded. */
const NativePromise = Promise;
const nativeThen = NativePromise.prototype.then;
const { apply } = Reflect;

export type Fulfil = (value: never) => unknown;
export type Reject = (reason: unknown) => unknown;

export const then = (
  promise: Promise<unknown>,
  fulfil?: Fulfil,
  reject?: Reject,
): Promise<unknown> => apply(nativeThen, promise, [fulfil, reject]) as Promise<unknown>;

export const resolvedWith = <T>(value: T): Promise<Awaited<T>> =>
  new NativePromise((resolve) => resolve(value as Awaited<T>));

export const rejectedWith = (reason: unknown): Promise<never> =>
  new NativePromise((_, reject) => reject(reason));

export const makePromise = <T>(
  executor: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> => new NativePromise(executor as never);

export const noop = (): undefined => undefined;

export const markHandled = (promise: Promise<unknown>): void => {
  void then(promise, undefined, noop);
};

/** Reacts without making the outcome anybody's unhandled rejection. */
export const upon = (promise: Promise<unknown>, fulfil?: Fulfil, reject: Reject = noop): void => {
  void then(promise, fulfil, reject);
};

const PENDING = 0;
const FULFILLED = 1;
const REJECTED = 2;

/** A promise that is made only when somebody looks at it. */
export class LazyPromise<T = undefined> {
  readonly #handled: boolean;
  #state = PENDING;
  #value: unknown;
  #promise: Promise<T> | undefined;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  /** `handled`: nobody need react to its rejection. */
  constructor(handled = true) {
    this.#handled = handled;
  }
  get promise(): Promise<T> {
    if (this.#promise !== undefined) return this.#promise;
    if (this.#state === FULFILLED) return (this.#promise = resolvedWith(this.#value) as Promise<T>);
    this.#promise = makePromise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.#state === REJECTED) this.#reject?.(this.#value);
    if (this.#handled) markHandled(this.#promise);
    return this.#promise;
  }
  get pending(): boolean {
    return this.#state === PENDING;
  }
  resolve(value: T): void {
    if (this.#state !== PENDING) return;
    this.#state = FULFILLED;
    this.#value = value;
    this.#resolve?.(value);
  }
  reject(reason: unknown): void {
    if (this.#state !== PENDING) return;
    this.#state = REJECTED;
    this.#value = reason;
    this.#reject?.(reason);
  }
}

export function lazyResolved(): LazyPromise {
  const lazy = new LazyPromise();
  lazy.resolve(undefined);
  return lazy;
}

export function lazyRejected(reason: unknown): LazyPromise {
  const lazy = new LazyPromise();
  lazy.reject(reason);
  return lazy;
}
