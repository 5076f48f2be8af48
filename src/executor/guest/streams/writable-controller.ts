import { defineInterface, illegalConstructor } from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import { usePart } from "../registry.ts";
import { resolvedWith, upon } from "./promises.ts";
import { SizedQueue } from "./queue.ts";
import { chunkSize, type SizeOf } from "./strategies.ts";
import { ERRORING, WRITABLE, type WritableControl, type WritableState } from "./writable-state.ts";

const INTERNAL = Symbol("internal");
const CLOSE = Symbol("close");

export interface SinkAlgorithms {
  write(chunk: unknown): Promise<unknown>;
  close(): Promise<unknown>;
  abort(reason: unknown): Promise<unknown>;
}

const DONE: SinkAlgorithms = {
  write: () => resolvedWith(undefined),
  close: () => resolvedWith(undefined),
  abort: () => resolvedWith(undefined),
};

/** The slots of WritableStreamDefaultController. */
export class WritableControllerState implements WritableControl {
  readonly stream: WritableState;
  readonly queue = new SizedQueue();
  readonly highWaterMark: number;
  started = false;
  size: SizeOf;
  sink: SinkAlgorithms = DONE;
  #self: WritableStreamDefaultController | undefined;
  // Made on demand: most sinks never look at it.
  #signal: InstanceType<Events["AbortSignal"]> | undefined;

  constructor(stream: WritableState, highWaterMark: number, size: SizeOf) {
    this.stream = stream;
    this.highWaterMark = highWaterMark;
    this.size = size;
    stream.controller = this;
  }
  get self(): WritableStreamDefaultController {
    return (this.#self ??= new WritableStreamDefaultController(INTERNAL, this));
  }
  get signal(): InstanceType<Events["AbortSignal"]> {
    if (this.#signal === undefined) {
      const events = usePart<Events>("events");
      this.#signal = events.newSignal();
      if (this.#aborted !== undefined) events.abortSignal(this.#signal, this.#aborted.reason);
    }
    return this.#signal;
  }
  #aborted: { reason: unknown } | undefined;
  signalAbort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    if (this.#signal !== undefined) usePart<Events>("events").abortSignal(this.#signal, reason);
  }

  setup(start: () => unknown, sink: SinkAlgorithms): void {
    const { stream } = this;
    this.sink = sink;
    stream.updateBackpressure(this.#backpressure());
    const settle = (): void => {
      this.started = true;
    };
    upon(
      resolvedWith(start()),
      () => {
        settle();
        this.#advance();
      },
      (error) => {
        settle();
        stream.dealWithRejection(error);
      },
    );
  }
  desiredSize(): number {
    return this.highWaterMark - this.queue.total;
  }
  #backpressure(): boolean {
    return this.desiredSize() <= 0;
  }
  chunkSize(chunk: unknown): number {
    // Cleared algorithms count as a size of 1.
    try {
      return chunkSize(this.size, chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }
  write(chunk: unknown, size: number): void {
    const { stream } = this;
    try {
      this.queue.enqueue(chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    if (!stream.closeQueuedOrInFlight() && stream.state === WRITABLE)
      stream.updateBackpressure(this.#backpressure());
    this.#advance();
  }
  close(): void {
    this.queue.enqueue(CLOSE, 0);
    this.#advance();
  }
  errorIfNeeded(error: unknown): void {
    if (this.stream.state === WRITABLE) this.error(error);
  }
  error(error: unknown): void {
    this.#clear();
    this.stream.startErroring(error);
  }
  errorSteps(): void {
    this.queue.reset();
  }
  abortSteps(reason: unknown, done: (failed: boolean, error?: unknown) => void): void {
    const aborted = this.sink.abort(reason);
    this.#clear();
    upon(
      aborted,
      () => done(false),
      (error) => done(true, error),
    );
  }
  #clear(): void {
    this.sink = DONE;
    this.size = undefined;
  }

  #advance(): void {
    const { stream, queue } = this;
    if (!this.started || stream.inFlightWrite !== undefined) return;
    if (stream.state === ERRORING) {
      stream.finishErroring();
      return;
    }
    if (queue.length === 0) return;
    const value = queue.peek();
    if (value === CLOSE) this.#processClose();
    else this.#processWrite(value);
  }
  #processClose(): void {
    const { stream } = this;
    stream.inFlightClose = stream.closeRequest;
    stream.closeRequest = undefined;
    this.queue.dequeue();
    const closed = this.sink.close();
    this.#clear();
    upon(
      closed,
      () => stream.finishClose(),
      (error) => stream.finishCloseWithError(error),
    );
  }
  #processWrite(chunk: unknown): void {
    const { stream } = this;
    stream.inFlightWrite = stream.writeRequests.shift();
    upon(
      this.sink.write(chunk),
      () => {
        stream.finishWrite();
        this.queue.dequeue();
        if (!stream.closeQueuedOrInFlight() && stream.state === WRITABLE) {
          stream.updateBackpressure(this.#backpressure());
        }
        this.#advance();
      },
      (error) => {
        if (stream.state === WRITABLE) this.#clear();
        stream.finishWriteWithError(error);
      },
    );
  }
}

export class WritableStreamDefaultController {
  #state: WritableControllerState;
  constructor(token?: symbol, state?: WritableControllerState) {
    if (token !== INTERNAL) illegalConstructor();
    this.#state = state as WritableControllerState;
  }
  get signal(): InstanceType<Events["AbortSignal"]> {
    return this.#state.signal;
  }
  error(reason: unknown = undefined): void {
    const state = this.#state;
    if (state.stream.state === WRITABLE) state.error(reason);
  }
}
defineInterface(WritableStreamDefaultController, "WritableStreamDefaultController", 0);
