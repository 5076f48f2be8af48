/** ReadableStreamPipeTo of the standard. */
import { toDictionary } from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import { hasPart, usePart } from "../registry.ts";
import { makePromise, noop, resolvedWith, then, upon } from "./promises.ts";
import {
  cancelStream,
  CLOSED,
  ERRORED,
  readFrom,
  ReaderState,
  releaseReader,
  type ReadableState,
} from "./readable-state.ts";
import * as writable from "./writable-state.ts";

type Signal = InstanceType<Events["AbortSignal"]>;

export interface PipeOptions {
  preventAbort: boolean;
  preventCancel: boolean;
  preventClose: boolean;
  signal: Signal | undefined;
}

export function readPipeOptions(value: unknown): PipeOptions {
  const dictionary = toDictionary(value, "The pipe options");
  const preventAbort = Boolean(dictionary["preventAbort"]);
  const preventCancel = Boolean(dictionary["preventCancel"]);
  const preventClose = Boolean(dictionary["preventClose"]);
  const { signal } = dictionary;
  // Whoever holds a signal has loaded the part.
  if (signal !== undefined && !(hasPart("events") && usePart<Events>("events").isSignal(signal))) {
    throw new TypeError("The signal option is not an AbortSignal");
  }
  return { preventAbort, preventCancel, preventClose, signal: signal };
}

const DONE = resolvedWith(undefined);

type Action = (() => Promise<unknown>) | undefined;

class Pipe {
  readonly #source: ReadableState;
  readonly #target: writable.WritableState;
  readonly #options: PipeOptions;
  readonly #reader: ReaderState;
  readonly #writer: writable.WriterState;
  readonly #resolve: (value: undefined) => void;
  readonly #reject: (reason: unknown) => void;
  #shuttingDown = false;
  #currentWrite: Promise<unknown> = DONE;
  /** A chunk was read and is written in the next microtask. */
  #handedOver: Promise<unknown> | undefined;
  #forgetSignal = noop as () => unknown;

  constructor(
    source: ReadableState,
    target: writable.WritableState,
    options: PipeOptions,
    resolve: (value: undefined) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#reader = new ReaderState(source, false);
    this.#writer = new writable.WriterState(target);
    this.#resolve = resolve;
    this.#reject = reject;
    source.disturbed = true;
  }

  start(): void {
    const { signal } = this.#options;
    if (signal !== undefined) {
      const onAbort = (): void => this.#abort(signal.reason);
      if (signal.aborted) {
        onAbort();
        return;
      }
      this.#forgetSignal = usePart<Events>("events").onAbort(signal, onAbort);
    }
    this.#watchSource();
    this.#watchTarget();
    this.#loop();
  }

  #watchSource(): void {
    const source = this.#source;
    const target = this.#target;
    const { preventAbort, preventClose } = this.#options;
    const onError = (error: unknown): void => {
      this.#shutdown(preventAbort ? undefined : () => target.abort(error), true, error);
    };
    const onClose = (): void => {
      this.#shutdown(preventClose ? undefined : () => this.#writer.closeWithPropagation(), false);
    };
    if (source.state === ERRORED) onError(source.error);
    else if (source.state === CLOSED) onClose();
    else upon(this.#reader.closed.promise, onClose, onError);
  }
  #watchTarget(): void {
    const source = this.#source;
    const target = this.#target;
    const { preventCancel } = this.#options;
    const cancel = (error: unknown): void => {
      this.#shutdown(preventCancel ? undefined : () => cancelStream(source, error), true, error);
    };
    if (target.state === writable.ERRORED) cancel(target.error);
    else upon(this.#writer.closed.promise, noop, cancel);
    if (target.closeQueuedOrInFlight() || target.state === writable.CLOSED) {
      cancel(new TypeError("The destination closed before the source was read to its end"));
    }
  }

  #abort(reason: unknown): void {
    const source = this.#source;
    const target = this.#target;
    const { preventAbort, preventCancel } = this.#options;
    const actions: (() => Promise<unknown>)[] = [];
    if (!preventAbort) {
      actions.push(() =>
        target.state === writable.WRITABLE ? target.abort(reason) : resolvedWith(undefined),
      );
    }
    if (!preventCancel) {
      actions.push(() =>
        source.state === 0 ? cancelStream(source, reason) : resolvedWith(undefined),
      );
    }
    this.#shutdown(() => waitForAll(actions.map((action) => action())), true, reason);
  }

  #loop(): void {
    if (this.#shuttingDown) return;
    const writer = this.#writer;
    const room = writer.desiredSize();
    // Errored or closed: whoever watches the target deals with it.
    if (room === null) return;
    if (room <= 0) {
      upon(writer.ready.promise, () => this.#loop());
      return;
    }
    readFrom(this.#reader, {
      chunk: (chunk) => {
        // A write right here would run the sink inside of the source's enqueue.
        this.#handedOver = then(DONE, () => {
          this.#handedOver = undefined;
          this.#currentWrite = then(writer.write(chunk), undefined, noop);
          this.#loop();
        });
      },
      close: noop,
      error: noop,
    });
  }

  /** What was read already goes out before the pipe ends. */
  #afterWrites(run: () => void): void {
    const last = this.#handedOver ?? this.#currentWrite;
    upon(last, () => {
      const idle = this.#handedOver === undefined && last === this.#currentWrite;
      if (idle) upon(DONE, run);
      else this.#afterWrites(run);
    });
  }
  #shutdown(action: Action, failed: boolean, error?: unknown): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const run = (): void => {
      if (action === undefined) this.#finish(failed, error);
      else
        upon(
          action(),
          () => this.#finish(failed, error),
          (newError) => this.#finish(true, newError),
        );
    };
    const target = this.#target;
    if (target.state === writable.WRITABLE && !target.closeQueuedOrInFlight())
      this.#afterWrites(run);
    else run();
  }
  #finish(failed: boolean, error: unknown): void {
    this.#writer.release();
    releaseReader(this.#reader);
    this.#forgetSignal();
    if (failed) this.#reject(error);
    else this.#resolve(undefined);
  }
}

/** Promise.all of WebIDL: rejects with the first rejection. */
function waitForAll(promises: Promise<unknown>[]): Promise<unknown> {
  return makePromise((resolve, reject) => {
    let left = promises.length;
    if (left === 0) resolve(undefined);
    for (const promise of promises) upon(promise, () => --left === 0 && resolve(undefined), reject);
  });
}

export function pipeTo(
  source: ReadableState,
  target: writable.WritableState,
  options: PipeOptions,
): Promise<unknown> {
  return makePromise<undefined>((resolve, reject) =>
    new Pipe(source, target, options, resolve, reject).start(),
  );
}
