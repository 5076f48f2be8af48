import { defineInterface, toDictionary } from "../events/idl.ts";
import { enforceRange } from "./byte-controller.ts";
import { ByteControllerState } from "./byte-state.ts";
import { algorithm, readCallback, type Callback } from "./callbacks.ts";
import { DefaultControllerState } from "./default-controller.ts";
import { readableFrom } from "./from.ts";
import { newIterator } from "./iterator.ts";
import { pipeTo, readPipeOptions } from "./pipe.ts";
import { noop, markHandled, rejectedWith } from "./promises.ts";
import { cancelStream, isLocked, ReadableState } from "./readable-state.ts";
import {
  newByobReader,
  newDefaultReader,
  type ReadableStreamBYOBReader,
  type ReadableStreamDefaultReader,
} from "./readers.ts";
import { provideReadable, toReadableState, toWritableState } from "./stream-of.ts";
import { extractHighWaterMark, readStrategy, type Strategy } from "./strategies.ts";
import { tee } from "./tee.ts";
import type { WritableStream } from "./writable-stream.ts";

const { apply } = Reflect;
const INTERNAL = Symbol("internal");

interface Source {
  self: unknown;
  autoAllocateChunkSize: number | undefined;
  cancel: Callback | undefined;
  pull: Callback | undefined;
  start: Callback | undefined;
  byte: boolean;
}

function readSource(underlyingSource: unknown): Source {
  const self = underlyingSource ?? {};
  const dictionary = toDictionary(
    underlyingSource === null ? undefined : underlyingSource,
    "The underlying source",
  );
  const auto = dictionary["autoAllocateChunkSize"];
  const autoAllocateChunkSize = auto === undefined ? undefined : enforceRange(auto);
  const cancel = readCallback(dictionary, "cancel");
  const pull = readCallback(dictionary, "pull");
  const start = readCallback(dictionary, "start");
  const { type } = dictionary;
  const byte = type !== undefined;
  if (byte && `${type as string}` !== "bytes") {
    throw new TypeError("The underlying source's type is not known: use 'bytes' or leave it out");
  }
  return { self, autoAllocateChunkSize, cancel, pull, start, byte };
}

function setUpFromSource(stream: ReadableState, source: Source, strategy: Strategy): void {
  const { self, pull, cancel, start } = source;
  const makeController = (): ByteControllerState | DefaultControllerState => {
    if (!source.byte)
      return new DefaultControllerState(stream, extractHighWaterMark(strategy, 1), strategy.size);
    if (strategy.size !== undefined)
      throw new RangeError("The strategy of a byte stream cannot have a size function");
    const highWaterMark = extractHighWaterMark(strategy, 0);
    const auto = source.autoAllocateChunkSize;
    if (auto === 0) throw new TypeError("autoAllocateChunkSize must be greater than 0");
    return new ByteControllerState(stream, highWaterMark, auto);
  };
  const controller = makeController();
  const pulled = algorithm(pull, self);
  controller.setup(
    start === undefined ? noop : () => apply(start, self, [controller.self]),
    pull === undefined ? undefined : () => pulled(controller.self),
    cancel === undefined ? undefined : algorithm(cancel, self),
  );
}

export class ReadableStream {
  #state: ReadableState;
  constructor(underlyingSource: unknown = undefined, strategy: unknown = undefined) {
    this.#state = new ReadableState(this);
    if (underlyingSource === INTERNAL) return;
    // WebIDL converts the source (an object), then the strategy, before the source's members are read.
    toDictionary(underlyingSource === null ? 0 : underlyingSource, "The underlying source");
    const converted = readStrategy(strategy);
    setUpFromSource(this.#state, readSource(underlyingSource), converted);
  }
  static from(iterable: unknown): ReadableStream {
    if (arguments.length === 0)
      throw new TypeError("ReadableStream.from needs 1 argument, but got 0");
    return readableFrom(iterable) as ReadableStream;
  }
  get locked(): boolean {
    return isLocked(this.#state);
  }
  cancel(reason: unknown = undefined): Promise<unknown> {
    const state = toReadableState(this);
    if (state === undefined) return rejectedWith(new TypeError("Illegal invocation"));
    if (isLocked(state))
      return rejectedWith(new TypeError("The stream is locked: cancel through its reader"));
    return cancelStream(state, reason);
  }
  getReader(options: unknown = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    const state = this.#state;
    const { mode } = toDictionary(options, "The reader's options");
    if (mode === undefined) return newDefaultReader(state);
    if (`${mode as string}` !== "byob")
      throw new TypeError("The reader's mode is not known: use 'byob' or leave it out");
    return newByobReader(state);
  }
  pipeThrough(
    transform: { readable: ReadableStream; writable: WritableStream },
    options: unknown = undefined,
  ): ReadableStream {
    const source = this.#state;
    if (arguments.length === 0)
      throw new TypeError("ReadableStream.pipeThrough needs 1 argument, but got 0");
    const pair = toDictionary(transform, "The transform");
    const { readable } = pair;
    if (toReadableState(readable) === undefined)
      throw new TypeError("The transform's readable is not a ReadableStream");
    const destination = toWritableState(pair["writable"]);
    if (destination === undefined)
      throw new TypeError("The transform's writable is not a WritableStream");
    const converted = readPipeOptions(options);
    if (isLocked(source)) throw new TypeError("The stream is locked, so that it cannot be piped");
    if (destination.writer !== undefined) throw new TypeError("The transform's writable is locked");
    markHandled(pipeTo(source, destination, converted));
    return readable as ReadableStream;
  }
  pipeTo(destination: WritableStream, options: unknown = undefined): Promise<unknown> {
    try {
      const source = this.#state;
      const target = toWritableState(destination);
      if (target === undefined) throw new TypeError("The destination is not a WritableStream");
      const converted = readPipeOptions(options);
      if (isLocked(source)) throw new TypeError("The stream is locked, so that it cannot be piped");
      if (target.writer !== undefined) throw new TypeError("The destination is locked");
      return pipeTo(source, target, converted);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  tee(): ReadableStream[] {
    return tee(this.#state, false) as ReadableStream[];
  }
  values(options: unknown = undefined): AsyncIterator<unknown> {
    const state = this.#state;
    const { preventCancel } = toDictionary(options, "The iterator's options");
    return newIterator(state, Boolean(preventCancel));
  }
  static {
    provideReadable(
      (value) => (#state in value ? value.#state : undefined),
      () => new ReadableStream(INTERNAL),
    );
  }
}
defineInterface(ReadableStream, "ReadableStream", 0);
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values,
  writable: true,
  configurable: true,
});
for (const [name, length] of [
  ["pipeThrough", 1],
  ["pipeTo", 1],
] as const) {
  Object.defineProperty(ReadableStream.prototype[name], "length", {
    value: length,
    configurable: true,
  });
}
