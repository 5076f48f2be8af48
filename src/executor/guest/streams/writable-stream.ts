import { defineInterface, toDictionary } from "../events/idl.ts";
import { algorithm, readCallback } from "./callbacks.ts";
import { rejectedWith } from "./promises.ts";
import { provideWritable, toWritableState } from "./stream-of.ts";
import { extractHighWaterMark, readStrategy, type SizeOf } from "./strategies.ts";
import { WritableControllerState, type SinkAlgorithms } from "./writable-controller.ts";
import { WritableState, WriterState } from "./writable-state.ts";

const { apply } = Reflect;
const INTERNAL = Symbol("internal");

const illegal = (): Promise<never> => rejectedWith(new TypeError("Illegal invocation"));
const failed = (text: string): Promise<never> => rejectedWith(new TypeError(text));

/** Runs an underlying sink of a script. */
function setUpFromSink(
  stream: WritableState,
  underlyingSink: unknown,
  strategyInit: unknown,
): void {
  const sink = underlyingSink ?? {};
  const dictionary = toDictionary(
    underlyingSink === null ? 0 : underlyingSink,
    "The underlying sink",
  );
  const strategy = readStrategy(strategyInit);
  const abort = readCallback(dictionary, "abort");
  const close = readCallback(dictionary, "close");
  const start = readCallback(dictionary, "start");
  const { type } = dictionary;
  const write = readCallback(dictionary, "write");
  if (type !== undefined)
    throw new RangeError("The underlying sink's type is not known: leave it out");
  const highWaterMark = extractHighWaterMark(strategy, 1);
  const controller = new WritableControllerState(stream, highWaterMark, strategy.size);
  const writeChunk = algorithm(write, sink);
  controller.setup(
    start === undefined ? () => undefined : () => apply(start, sink, [controller.self]),
    {
      write: (chunk) => writeChunk(chunk, controller.self),
      close: algorithm(close, sink),
      abort: algorithm(abort, sink),
    },
  );
}

export class WritableStream {
  #state: WritableState;
  constructor(underlyingSink: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSink === INTERNAL) {
      this.#state = strategy as WritableState;
      return;
    }
    this.#state = new WritableState();
    setUpFromSink(this.#state, underlyingSink, strategy);
  }
  get locked(): boolean {
    return this.#state.writer !== undefined;
  }
  abort(reason: unknown = undefined): Promise<unknown> {
    const state = toWritableState(this);
    if (state === undefined) return illegal();
    if (state.writer !== undefined) return failed("The stream is locked: abort through its writer");
    return state.abort(reason);
  }
  close(): Promise<unknown> {
    const state = toWritableState(this);
    if (state === undefined) return illegal();
    if (state.writer !== undefined) return failed("The stream is locked: close through its writer");
    if (state.closeQueuedOrInFlight()) return failed("The stream is closing already");
    return state.close();
  }
  getWriter(): WritableStreamDefaultWriter {
    return new WritableStreamDefaultWriter(this);
  }
  static {
    provideWritable((value) => (#state in value ? value.#state : undefined));
  }
}
defineInterface(WritableStream, "WritableStream", 0);

/** A stream made by the platform, with the algorithms given. `start` may return a promise. */
export function createWritable(
  start: () => unknown,
  sink: SinkAlgorithms,
  highWaterMark = 1,
  size?: SizeOf,
): { stream: WritableStream; state: WritableState } {
  const state = new WritableState();
  const stream = new WritableStream(INTERNAL, state);
  new WritableControllerState(state, highWaterMark, size).setup(start, sink);
  return { stream, state };
}

export class WritableStreamDefaultWriter {
  #state: WriterState;
  constructor(stream: WritableStream) {
    const state = toWritableState(stream);
    if (state === undefined) throw new TypeError("The argument is not a WritableStream");
    this.#state = new WriterState(state);
  }
  get closed(): Promise<undefined> {
    return isWriter(this) ? this.#state.closed.promise : illegal();
  }
  get desiredSize(): number | null {
    const state = this.#state;
    if (state.stream === undefined) throw new TypeError("The writer was released");
    return state.desiredSize();
  }
  get ready(): Promise<undefined> {
    return isWriter(this) ? this.#state.ready.promise : illegal();
  }
  abort(reason: unknown = undefined): Promise<unknown> {
    if (!isWriter(this)) return illegal();
    const { stream } = this.#state;
    return stream === undefined ? failed("The writer was released") : stream.abort(reason);
  }
  close(): Promise<unknown> {
    if (!isWriter(this)) return illegal();
    const { stream } = this.#state;
    if (stream === undefined) return failed("The writer was released");
    if (stream.closeQueuedOrInFlight()) return failed("The stream is closing already");
    return stream.close();
  }
  releaseLock(): void {
    const state = this.#state;
    if (state.stream !== undefined) state.release();
  }
  write(chunk: unknown = undefined): Promise<unknown> {
    if (!isWriter(this)) return illegal();
    const state = this.#state;
    return state.stream === undefined ? failed("The writer was released") : state.write(chunk);
  }
  static has = (value: object): boolean => #state in value;
}
const { has } = WritableStreamDefaultWriter;
delete (WritableStreamDefaultWriter as { has?: unknown }).has;
const isWriter = (value: unknown): boolean =>
  typeof value === "object" && value !== null && has(value);
defineInterface(WritableStreamDefaultWriter, "WritableStreamDefaultWriter", 1);
