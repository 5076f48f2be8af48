/** `for await` over a ReadableStream: WebIDL's asynchronous iterator. */
import { makePromise, rejectedWith, resolvedWith, then } from "./promises.ts";
import {
  cancelReader,
  readFrom,
  ReaderState,
  releaseReader,
  type ReadableState,
} from "./readable-state.ts";

interface IteratorState {
  reader: ReaderState;
  preventCancel: boolean;
  ongoing: Promise<unknown> | undefined;
  finished: boolean;
}

// oxlint-disable-next-line no-empty-function
const generator = async function* () {};
const AsyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(generator.prototype),
) as object;

let stateOf: (value: object) => IteratorState | undefined;

class ReadableStreamAsyncIterator {
  #state: IteratorState;
  constructor(state: IteratorState) {
    this.#state = state;
  }
  static {
    stateOf = (value) => (#state in value ? value.#state : undefined);
  }
}

const END = Symbol("end");

function nextStep(state: IteratorState): Promise<unknown> {
  if (state.finished) return resolvedWith({ value: undefined, done: true });
  const { reader } = state;
  const chunk = makePromise((resolve, reject) => {
    readFrom(reader, {
      chunk: resolve,
      close: () => {
        releaseReader(reader);
        resolve(END);
      },
      error: (reason) => {
        releaseReader(reader);
        reject(reason);
      },
    });
  });
  return then(
    chunk,
    (value: unknown) => {
      state.ongoing = undefined;
      if (value !== END) return { value, done: false };
      state.finished = true;
      return { value: undefined, done: true };
    },
    (reason) => {
      state.ongoing = undefined;
      state.finished = true;
      throw reason;
    },
  );
}

function returnStep(state: IteratorState, value: unknown): Promise<unknown> {
  if (state.finished) return resolvedWith({ value, done: true });
  state.finished = true;
  const { reader } = state;
  if (!state.preventCancel) {
    const canceled = cancelReader(reader, value);
    releaseReader(reader);
    return then(canceled, () => ({ value, done: true }));
  }
  releaseReader(reader);
  return resolvedWith({ value, done: true });
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const methods = {
  next(): Promise<unknown> {
    const state = isObject(this) ? stateOf(this) : undefined;
    if (state === undefined) return rejectedWith(new TypeError("Illegal invocation"));
    const step = (): Promise<unknown> => nextStep(state);
    return (state.ongoing = state.ongoing === undefined ? step() : then(state.ongoing, step, step));
  },
  return(value: unknown): Promise<unknown> {
    const state = isObject(this) ? stateOf(this) : undefined;
    if (state === undefined) return rejectedWith(new TypeError("Illegal invocation"));
    const step = (): Promise<unknown> => returnStep(state, value);
    return (state.ongoing = state.ongoing === undefined ? step() : then(state.ongoing, step, step));
  },
};

const prototype = Object.create(AsyncIteratorPrototype, {
  ...Object.getOwnPropertyDescriptors(methods),
  [Symbol.toStringTag]: { value: "ReadableStream AsyncIterator", configurable: true },
}) as object;

export function newIterator(stream: ReadableState, preventCancel: boolean): AsyncIterator<unknown> {
  const reader = new ReaderState(stream, false);
  const iterator = new ReadableStreamAsyncIterator({
    reader,
    preventCancel,
    ongoing: undefined,
    finished: false,
  });
  return Object.setPrototypeOf(iterator, prototype) as AsyncIterator<unknown>;
}
