import { defineInterface, requireArguments, toDictionary } from "../events/idl.ts";
import { bufferLength, isDetached, typedLength, viewParts, type View } from "./buffers.ts";
import { enforceRange } from "./byte-controller.ts";
import type { ByteControllerState } from "./byte-state.ts";
import { makePromise, rejectedWith } from "./promises.ts";
import {
  cancelReader,
  ERRORED,
  readFrom,
  ReaderState,
  releaseReader,
  type ReadableState,
  type ReadIntoRequest,
} from "./readable-state.ts";
import { toReadableState } from "./stream-of.ts";

export interface ReadResult<T = unknown> {
  value: T;
  done: boolean;
}

const illegal = (): Promise<never> => rejectedWith(new TypeError("Illegal invocation"));
const released = (): TypeError => new TypeError("The reader was released");

const INTERNAL = Symbol("internal");

/** The argument of a reader's constructor; with the token, a state that is locked already. */
function lock(stream: unknown, token: unknown, count: number, byob: boolean): ReaderState {
  if (token === INTERNAL) return stream as ReaderState;
  requireArguments(count, 1, "Reader constructor");
  const state = toReadableState(stream);
  if (state === undefined) throw new TypeError("The argument is not a ReadableStream");
  return new ReaderState(state, byob);
}

function readNext(reader: ReaderState): Promise<ReadResult> {
  return makePromise((resolve, reject) => {
    readFrom(reader, {
      chunk: (value) => resolve({ value, done: false }),
      close: () => resolve({ value: undefined, done: true }),
      error: reject,
    });
  });
}

function cancelOf(reader: ReaderState, reason: unknown): Promise<unknown> {
  if (reader.stream === undefined) return rejectedWith(released());
  return cancelReader(reader, reason);
}

export class ReadableStreamDefaultReader {
  #state: ReaderState;
  constructor(stream: unknown, token?: symbol) {
    this.#state = lock(stream, token, arguments.length, false);
  }
  get closed(): Promise<undefined> {
    return isDefaultReader(this) ? this.#state.closed.promise : illegal();
  }
  cancel(reason: unknown = undefined): Promise<unknown> {
    return isDefaultReader(this) ? cancelOf(this.#state, reason) : illegal();
  }
  read(): Promise<ReadResult> {
    if (!isDefaultReader(this)) return illegal();
    const state = this.#state;
    return state.stream === undefined ? rejectedWith(released()) : readNext(state);
  }
  releaseLock(): void {
    const state = this.#state;
    if (state.stream !== undefined) releaseReader(state);
  }
  static has = (value: object): boolean => #state in value;
}
const hasDefault = ReadableStreamDefaultReader.has;
delete (ReadableStreamDefaultReader as { has?: unknown }).has;
const isDefaultReader = (value: unknown): boolean =>
  typeof value === "object" && value !== null && hasDefault(value);
defineInterface(ReadableStreamDefaultReader, "ReadableStreamDefaultReader", 1);

export class ReadableStreamBYOBReader {
  #state: ReaderState;
  constructor(stream: unknown, token?: symbol) {
    this.#state = lock(stream, token, arguments.length, true);
  }
  get closed(): Promise<undefined> {
    return isByobReader(this) ? this.#state.closed.promise : illegal();
  }
  cancel(reason: unknown = undefined): Promise<unknown> {
    return isByobReader(this) ? cancelOf(this.#state, reason) : illegal();
  }
  read(view: ArrayBufferView, options: unknown = {}): Promise<ReadResult<View | undefined>> {
    if (!isByobReader(this)) return illegal();
    try {
      requireArguments(arguments.length, 1, "ReadableStreamBYOBReader.read");
      return readInto(this.#state, view, options);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  releaseLock(): void {
    const state = this.#state;
    if (state.stream !== undefined) releaseReader(state);
  }
  static has = (value: object): boolean => #state in value;
}
const hasByob = ReadableStreamBYOBReader.has;
delete (ReadableStreamBYOBReader as { has?: unknown }).has;
const isByobReader = (value: unknown): boolean =>
  typeof value === "object" && value !== null && hasByob(value);
defineInterface(ReadableStreamBYOBReader, "ReadableStreamBYOBReader", 1);

function readInto(
  reader: ReaderState,
  view: ArrayBufferView,
  options: unknown,
): Promise<ReadResult<View | undefined>> {
  const parts = viewParts(view);
  const { min: given } = toDictionary(options, "The read options");
  const min = given === undefined ? 1 : enforceRange(given);
  if (parts.length === 0) throw new TypeError("The view is empty");
  if (bufferLength(parts.buffer) === 0) throw new TypeError("The view's buffer is empty");
  if (isDetached(parts.buffer)) throw new TypeError("The view's buffer is detached");
  if (min === 0) throw new TypeError("The option min must be greater than 0");
  if (min > (parts.typed ? typedLength(view) : parts.length)) {
    throw new RangeError("The option min is larger than the view");
  }
  if (reader.stream === undefined) throw released();
  return makePromise((resolve, reject) => {
    byobRead(reader, parts, min, {
      chunk: (value) => resolve({ value: value as View, done: false }),
      close: (value) => resolve({ value: value as View | undefined, done: true }),
      error: reject,
    });
  });
}

export function byobRead(
  reader: ReaderState,
  view: ReturnType<typeof viewParts>,
  min: number,
  request: ReadIntoRequest,
): void {
  const stream = reader.stream as ReadableState;
  stream.disturbed = true;
  if (stream.state === ERRORED) request.error(stream.error);
  else (stream.controller as ByteControllerState).pullInto(view, min, request);
}

export const newDefaultReader = (stream: ReadableState): ReadableStreamDefaultReader =>
  new ReadableStreamDefaultReader(new ReaderState(stream, false), INTERNAL);

export const newByobReader = (stream: ReadableState): ReadableStreamBYOBReader =>
  new ReadableStreamBYOBReader(new ReaderState(stream, true), INTERNAL);
