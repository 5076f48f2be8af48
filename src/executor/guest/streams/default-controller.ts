import { defineInterface, illegalConstructor } from "../events/idl.ts";
import { resolvedWith, upon } from "./promises.ts";
import { SizedQueue } from "./queue.ts";
import {
  closeStream,
  errorStream,
  READABLE,
  type ReadableControllerState,
  type ReadableState,
  type ReadRequest,
} from "./readable-state.ts";
import { chunkSize, type SizeOf } from "./strategies.ts";

export type PullAlgorithm = () => Promise<unknown>;
export type CancelAlgorithm = (reason: unknown) => Promise<unknown>;

const INTERNAL = Symbol("internal");

/** The slots of ReadableStreamDefaultController. */
export class DefaultControllerState implements ReadableControllerState {
  readonly isByte = false;
  readonly stream: ReadableState;
  readonly queue = new SizedQueue();
  readonly highWaterMark: number;
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  size: SizeOf;
  pull: PullAlgorithm | undefined;
  cancel: CancelAlgorithm | undefined;
  #self: ReadableStreamDefaultController | undefined;

  constructor(stream: ReadableState, highWaterMark: number, size: SizeOf) {
    this.stream = stream;
    this.highWaterMark = highWaterMark;
    this.size = size;
    stream.controller = this;
  }
  get self(): ReadableStreamDefaultController {
    return (this.#self ??= new ReadableStreamDefaultController(INTERNAL, this));
  }

  pullSteps(request: ReadRequest): void {
    const { queue, stream } = this;
    if (queue.length === 0) {
      stream.reader?.reads.push(request);
      this.callPullIfNeeded();
      return;
    }
    const chunk = queue.dequeue();
    if (this.closeRequested && queue.length === 0) {
      this.clear();
      closeStream(stream);
    } else this.callPullIfNeeded();
    request.chunk(chunk);
  }
  cancelSteps(reason: unknown): Promise<unknown> {
    this.queue.reset();
    const { cancel } = this;
    this.clear();
    return cancel === undefined ? resolvedWith(undefined) : cancel(reason);
  }
  releaseSteps(): void {}

  clear(): void {
    this.size = undefined;
    this.pull = undefined;
    this.cancel = undefined;
  }
  canCloseOrEnqueue(): boolean {
    return !this.closeRequested && this.stream.state === READABLE;
  }
  close(): void {
    if (!this.canCloseOrEnqueue()) return;
    this.closeRequested = true;
    if (this.queue.length > 0) return;
    this.clear();
    closeStream(this.stream);
  }
  enqueue(chunk: unknown): void {
    if (!this.canCloseOrEnqueue()) return;
    const { reader } = this.stream;
    if (reader !== undefined && reader.reads.length > 0) reader.reads.shift()?.chunk(chunk);
    else {
      try {
        this.queue.enqueue(chunk, chunkSize(this.size, chunk));
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.callPullIfNeeded();
  }
  error(reason: unknown): void {
    if (this.stream.state !== READABLE) return;
    this.queue.reset();
    this.clear();
    errorStream(this.stream, reason);
  }
  desiredSize(): number | null {
    const { state } = this.stream;
    if (state === READABLE) return this.highWaterMark - this.queue.total;
    return state === 1 ? 0 : null;
  }
  hasBackpressure(): boolean {
    return !this.#shouldPull();
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue() || !this.started) return false;
    const { reader } = this.stream;
    if (reader !== undefined && reader.reads.length > 0) return true;
    return this.highWaterMark - this.queue.total > 0;
  }
  callPullIfNeeded(): void {
    if (!this.#shouldPull()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    const pulled = this.pull === undefined ? resolvedWith(undefined) : this.pull();
    upon(
      pulled,
      () => {
        this.pulling = false;
        if (!this.pullAgain) return;
        this.pullAgain = false;
        this.callPullIfNeeded();
      },
      (error) => this.error(error),
    );
  }
  /** Runs `start`; what it throws is thrown on. */
  setup(
    start: () => unknown,
    pull: PullAlgorithm | undefined,
    cancel: CancelAlgorithm | undefined,
  ): void {
    this.pull = pull;
    this.cancel = cancel;
    upon(
      resolvedWith(start()),
      () => {
        this.started = true;
        this.callPullIfNeeded();
      },
      (error) => this.error(error),
    );
  }
}

export class ReadableStreamDefaultController {
  #state: DefaultControllerState;
  constructor(token?: symbol, state?: DefaultControllerState) {
    if (token !== INTERNAL) illegalConstructor();
    this.#state = state as DefaultControllerState;
  }
  get desiredSize(): number | null {
    return this.#state.desiredSize();
  }
  close(): void {
    if (!this.#state.canCloseOrEnqueue()) {
      throw new TypeError("The stream cannot be closed: it is closed, closing or errored already");
    }
    this.#state.close();
  }
  enqueue(chunk: unknown = undefined): void {
    if (!this.#state.canCloseOrEnqueue()) {
      throw new TypeError("The stream takes no chunk: it is closed, closing or errored");
    }
    this.#state.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }
}
defineInterface(ReadableStreamDefaultController, "ReadableStreamDefaultController", 0);
