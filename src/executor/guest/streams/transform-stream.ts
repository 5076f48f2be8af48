import { defineInterface, illegalConstructor, toDictionary } from "../events/idl.ts";
import { promiseCall, readCallback } from "./callbacks.ts";
import type { DefaultControllerState } from "./default-controller.ts";
import {
  LazyPromise,
  makePromise,
  noop,
  rejectedWith,
  resolvedWith,
  then,
  upon,
} from "./promises.ts";
import { createReadable } from "./create.ts";
import { ERRORED } from "./readable-state.ts";
import { extractHighWaterMark, readStrategy, type SizeOf } from "./strategies.ts";
import { createWritable, type WritableStream } from "./writable-stream.ts";
import { ERRORED as W_ERRORED, ERRORING, type WritableState } from "./writable-state.ts";

const { apply } = Reflect;
const INTERNAL = Symbol("internal");

export interface TransformerAlgorithms {
  transform?: ((chunk: unknown, controller: TransformState) => Promise<unknown>) | undefined;
  flush?: ((controller: TransformState) => Promise<unknown>) | undefined;
  cancel?: ((reason: unknown) => Promise<unknown>) | undefined;
}

/** The slots of TransformStream and its controller. */
export class TransformState {
  readonly readable: object;
  readonly writable: WritableStream;
  readonly #readable: DefaultControllerState;
  readonly #writable: WritableState;
  #algorithms: TransformerAlgorithms = {};
  #backpressure: boolean | undefined;
  #change = new LazyPromise();
  #finish: Promise<unknown> | undefined;
  #self: TransformStreamDefaultController | undefined;

  constructor(
    algorithms: TransformerAlgorithms,
    started: Promise<unknown>,
    writableMark = 1,
    writableSize?: SizeOf,
    readableMark = 0,
    readableSize?: SizeOf,
  ) {
    this.#algorithms = algorithms;
    const start = (): Promise<unknown> => started;
    const writable = createWritable(
      start,
      {
        write: (chunk) => this.#write(chunk),
        abort: (reason) => this.#abort(reason),
        close: () => this.#close(),
      },
      writableMark,
      writableSize,
    );
    this.writable = writable.stream;
    this.#writable = writable.state;
    const readable = createReadable(
      start,
      () => this.#pull(),
      (reason) => this.#cancel(reason),
      readableMark,
      readableSize,
    );
    this.readable = readable.stream;
    this.#readable = readable.controller;
    this.#setBackpressure(true);
  }
  get self(): TransformStreamDefaultController {
    return (this.#self ??= new TransformStreamDefaultController(INTERNAL, this));
  }
  get desiredSize(): number | null {
    return this.#readable.desiredSize();
  }

  #setBackpressure(backpressure: boolean): void {
    if (this.#backpressure !== undefined) this.#change.resolve(undefined);
    this.#change = new LazyPromise();
    this.#backpressure = backpressure;
  }
  #clear(): void {
    this.#algorithms = {};
  }
  enqueue(chunk: unknown): void {
    const readable = this.#readable;
    if (!readable.canCloseOrEnqueue())
      throw new TypeError("The readable side takes no chunk: it is closed or errored");
    try {
      readable.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw readable.stream.error;
    }
    if (readable.hasBackpressure() !== this.#backpressure) this.#setBackpressure(true);
  }
  error(error: unknown): void {
    this.#readable.error(error);
    this.#errorWritable(error);
  }
  #errorWritable(error: unknown): void {
    this.#clear();
    this.#writable.controller.errorIfNeeded(error);
    this.#unblockWrite();
  }
  #unblockWrite(): void {
    if (this.#backpressure === true) this.#setBackpressure(false);
  }
  terminate(): void {
    this.#readable.close();
    this.#errorWritable(new TypeError("The transform stream was terminated"));
  }

  #transform(chunk: unknown): Promise<unknown> {
    const { transform } = this.#algorithms;
    if (transform !== undefined) {
      return then(transform(chunk, this), undefined, (error) => {
        this.error(error);
        throw error;
      });
    }
    try {
      this.enqueue(chunk);
      return resolvedWith(undefined);
    } catch (error) {
      return then(rejectedWith(error), undefined, (reason) => {
        this.error(reason);
        throw reason;
      });
    }
  }
  #write(chunk: unknown): Promise<unknown> {
    if (this.#backpressure !== true) return this.#transform(chunk);
    const writable = this.#writable;
    return then(this.#change.promise, () => {
      if (writable.state === ERRORING) throw writable.error;
      return this.#transform(chunk);
    });
  }

  /** What abort, cancel and close share: one of them runs its algorithm, the others wait for it. */
  #finishWith(
    run: () => Promise<unknown>,
    settle: (failed: boolean, error?: unknown) => unknown,
  ): Promise<unknown> {
    if (this.#finish !== undefined) return this.#finish;
    let resolve: (value: unknown) => void = noop;
    let reject: (reason: unknown) => void = noop;
    const finish = makePromise<unknown>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    this.#finish = finish;
    const running = run();
    this.#clear();
    upon(
      running,
      () => {
        const failure = settle(false) as { error: unknown } | undefined;
        if (failure === undefined) resolve(undefined);
        else reject(failure.error);
      },
      (error) => {
        settle(true, error);
        reject(error);
      },
    );
    return finish;
  }
  #runCancel(reason: unknown): Promise<unknown> {
    const { cancel } = this.#algorithms;
    return cancel === undefined ? resolvedWith(undefined) : cancel(reason);
  }
  #abort(reason: unknown): Promise<unknown> {
    const readable = this.#readable;
    return this.#finishWith(
      () => this.#runCancel(reason),
      (failed, error) => {
        if (failed) readable.error(error);
        else if (readable.stream.state === ERRORED) return { error: readable.stream.error };
        else readable.error(reason);
        return undefined;
      },
    );
  }
  #close(): Promise<unknown> {
    const readable = this.#readable;
    return this.#finishWith(
      () => {
        const { flush } = this.#algorithms;
        return flush === undefined ? resolvedWith(undefined) : flush(this);
      },
      (failed, error) => {
        if (failed) readable.error(error);
        else if (readable.stream.state === ERRORED) return { error: readable.stream.error };
        else readable.close();
        return undefined;
      },
    );
  }
  #cancel(reason: unknown): Promise<unknown> {
    const writable = this.#writable;
    return this.#finishWith(
      () => this.#runCancel(reason),
      (failed, error) => {
        if (!failed && writable.state === W_ERRORED) return { error: writable.error };
        writable.controller.errorIfNeeded(failed ? error : reason);
        this.#unblockWrite();
        return undefined;
      },
    );
  }
  #pull(): Promise<unknown> {
    this.#setBackpressure(false);
    return this.#change.promise;
  }
}

export class TransformStreamDefaultController {
  #state: TransformState;
  constructor(token?: symbol, state?: TransformState) {
    if (token !== INTERNAL) illegalConstructor();
    this.#state = state as TransformState;
  }
  get desiredSize(): number | null {
    return this.#state.desiredSize;
  }
  enqueue(chunk: unknown = undefined): void {
    this.#state.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }
  terminate(): void {
    this.#state.terminate();
  }
}
defineInterface(TransformStreamDefaultController, "TransformStreamDefaultController", 0);

function fromTransformer(
  transformer: unknown,
  writableInit: unknown,
  readableInit: unknown,
): TransformState {
  toDictionary(transformer === null ? 0 : transformer, "The transformer");
  const writableStrategy = readStrategy(writableInit);
  const readableStrategy = readStrategy(readableInit);
  const self = transformer ?? {};
  const dictionary = self as Record<string, unknown>;
  const cancel = readCallback(dictionary, "cancel");
  const flush = readCallback(dictionary, "flush");
  const { readableType } = dictionary;
  const start = readCallback(dictionary, "start");
  const transform = readCallback(dictionary, "transform");
  const { writableType } = dictionary;
  if (readableType !== undefined)
    throw new RangeError("The transformer's readableType is not known: leave it out");
  if (writableType !== undefined)
    throw new RangeError("The transformer's writableType is not known: leave it out");
  const readableMark = extractHighWaterMark(readableStrategy, 0);
  const writableMark = extractHighWaterMark(writableStrategy, 1);
  let startDone: (value: unknown) => void = noop;
  const started = makePromise<unknown>((resolve) => {
    startDone = resolve;
  });
  const state = new TransformState(
    {
      transform:
        transform && ((chunk, stream) => promiseCall(transform, self, [chunk, stream.self])),
      flush: flush && ((stream) => promiseCall(flush, self, [stream.self])),
      cancel: cancel && ((reason) => promiseCall(cancel, self, [reason])),
    },
    started,
    writableMark,
    writableStrategy.size,
    readableMark,
    readableStrategy.size,
  );
  startDone(start === undefined ? undefined : apply(start, self, [state.self]));
  return state;
}

interface Sides {
  readonly readable: object;
  readonly writable: object;
}

/** The two sides of a genuine TransformStream; undefined for anything else. */
export let sidesOf: (value: object) => Sides | undefined;
/** A TransformStream of two sides that exist already. */
export let newTransformFrom: (readable: object, writable: object) => object;

export class TransformStream {
  #state: Sides;
  constructor(
    transformer: unknown = undefined,
    writableStrategy: unknown = undefined,
    readableStrategy: unknown = undefined,
  ) {
    this.#state =
      transformer === INTERNAL
        ? (writableStrategy as Sides)
        : fromTransformer(transformer, writableStrategy, readableStrategy);
  }
  get readable(): object {
    return this.#state.readable;
  }
  get writable(): object {
    return this.#state.writable;
  }
  static {
    sidesOf = (value) => (#state in value ? value.#state : undefined);
    newTransformFrom = (readable, writable) =>
      new TransformStream(INTERNAL, { readable, writable });
  }
}
defineInterface(TransformStream, "TransformStream", 0);
