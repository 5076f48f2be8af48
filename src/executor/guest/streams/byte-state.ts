/** The slots of ReadableByteStreamController and the standard's operations on them. */
import {
  bufferLength,
  bytesOver,
  isDetached,
  sliceBuffer,
  transferBuffer,
  type ViewParts,
} from "./buffers.ts";
import { ByteQueue, convert, pullInto, type PullInto } from "./byte-queue.ts";
import type { CancelAlgorithm, PullAlgorithm } from "./default-controller.ts";
import { resolvedWith, upon } from "./promises.ts";
import {
  CLOSED,
  closeStream,
  errorStream,
  READABLE,
  type ReadableControllerState,
  type ReadableState,
  type ReaderState,
  type ReadIntoRequest,
  type ReadRequest,
} from "./readable-state.ts";

/** What a script holds of the first place; made by byte-controller.ts. */
export interface ByobRequest {
  view: Uint8Array | null;
  respond(written: number): void;
}
interface Makers {
  controller(state: ByteControllerState): object;
  request(state: ByteControllerState, view: Uint8Array<ArrayBuffer>): ByobRequest;
  invalidate(request: ByobRequest): void;
}
let makers: Makers;
export function provideByteClasses(given: Makers): void {
  makers = given;
}

export class ByteControllerState implements ReadableControllerState {
  readonly isByte = true;
  readonly stream: ReadableState;
  readonly highWaterMark: number;
  readonly autoAllocate: number | undefined;
  readonly queue = new ByteQueue();
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  pull: PullAlgorithm | undefined;
  cancel: CancelAlgorithm | undefined;
  pending: PullInto[] = [];
  request: ByobRequest | null = null;
  #self: object | undefined;

  constructor(stream: ReadableState, highWaterMark: number, autoAllocate?: number) {
    this.stream = stream;
    this.highWaterMark = highWaterMark;
    this.autoAllocate = autoAllocate;
    stream.controller = this;
  }
  get self(): object {
    return (this.#self ??= makers.controller(this));
  }
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

  pullSteps(request: ReadRequest): void {
    if (this.queue.total > 0) {
      this.#fillRequest(request);
      return;
    }
    if (this.autoAllocate !== undefined) {
      let buffer: ArrayBuffer;
      try {
        buffer = new ArrayBuffer(this.autoAllocate);
      } catch (error) {
        request.error(error);
        return;
      }
      this.pending.push(
        pullInto(
          { buffer, offset: 0, length: this.autoAllocate, elementSize: 1, make: Uint8Array },
          1,
          "default",
        ),
      );
    }
    this.stream.reader?.reads.push(request);
    this.callPullIfNeeded();
  }
  cancelSteps(reason: unknown): Promise<unknown> {
    this.#clearPending();
    this.#resetQueue();
    const { cancel } = this;
    this.#clearAlgorithms();
    return cancel === undefined ? resolvedWith(undefined) : cancel(reason);
  }
  releaseSteps(): void {
    const first = this.pending[0];
    if (first === undefined) return;
    first.reader = "none";
    this.pending = [first];
  }

  desiredSize(): number | null {
    const { state } = this.stream;
    if (state === READABLE) return this.highWaterMark - this.queue.total;
    return state === CLOSED ? 0 : null;
  }
  callPullIfNeeded(): void {
    if (!this.#shouldPull()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    upon(
      this.pull === undefined ? resolvedWith(undefined) : this.pull(),
      () => {
        this.pulling = false;
        if (!this.pullAgain) return;
        this.pullAgain = false;
        this.callPullIfNeeded();
      },
      (error) => this.error(error),
    );
  }
  #shouldPull(): boolean {
    const { stream } = this;
    if (stream.state !== READABLE || this.closeRequested || !this.started) return false;
    const { reader } = stream;
    if (reader !== undefined && (reader.reads.length > 0 || reader.readsInto.length > 0))
      return true;
    return this.highWaterMark - this.queue.total > 0;
  }

  byobRequest(): ByobRequest | null {
    const first = this.pending[0];
    if (this.request === null && first !== undefined) {
      const view = bytesOver(
        first.buffer,
        first.offset + first.filled,
        first.length - first.filled,
      );
      this.request = makers.request(this, view);
    }
    return this.request;
  }

  close(): void {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    if (this.queue.total > 0) {
      this.closeRequested = true;
      return;
    }
    const first = this.pending[0];
    if (first !== undefined && first.filled % first.elementSize !== 0) {
      const error = new TypeError("The stream was closed with part of an element filled in");
      this.error(error);
      throw error;
    }
    this.#clearAlgorithms();
    closeStream(stream);
  }
  error(reason: unknown): void {
    if (this.stream.state !== READABLE) return;
    this.#clearPending();
    this.#resetQueue();
    this.#clearAlgorithms();
    errorStream(this.stream, reason);
  }
  enqueue(chunk: ViewParts): void {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    const { offset, length } = chunk;
    if (isDetached(chunk.buffer)) throw new TypeError("The chunk's buffer is detached");
    const buffer = transferBuffer(chunk.buffer);
    const first = this.pending[0];
    if (first !== undefined) {
      if (isDetached(first.buffer)) throw new TypeError("The BYOB request's buffer is detached");
      this.#invalidateRequest();
      first.buffer = transferBuffer(first.buffer);
      if (first.reader === "none") this.#enqueueDetached(first);
    }
    const { reader } = stream;
    if (reader === undefined) this.queue.push(buffer, offset, length);
    else if (!reader.byob) {
      this.#processReads(reader);
      const request = reader.reads[0];
      if (request === undefined) this.queue.push(buffer, offset, length);
      else {
        if (this.pending.length > 0) this.#shiftPending();
        reader.reads.shift();
        request.chunk(bytesOver(buffer, offset, length));
      }
    } else {
      this.queue.push(buffer, offset, length);
      this.#commitAll(this.#processPending());
    }
    this.callPullIfNeeded();
  }

  pullInto(view: ViewParts, min: number, request: ReadIntoRequest): void {
    const { stream } = this;
    const minimum = min * view.elementSize;
    let buffer: ArrayBuffer;
    try {
      buffer = transferBuffer(view.buffer);
    } catch (error) {
      request.error(error);
      return;
    }
    const descriptor = pullInto({ ...view, buffer }, minimum, "byob");
    const reader = stream.reader as ReaderState;
    if (this.pending.length > 0) {
      this.pending.push(descriptor);
      reader.readsInto.push(request);
      return;
    }
    if (stream.state === CLOSED) {
      request.close(new descriptor.make(descriptor.buffer, descriptor.offset, 0));
      return;
    }
    if (this.queue.total > 0) {
      if (this.queue.fill(descriptor)) {
        const filled = convert(descriptor);
        this.#drained();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const error = new TypeError("The stream ends before the view has a whole element");
        this.error(error);
        request.error(error);
        return;
      }
    }
    this.pending.push(descriptor);
    reader.readsInto.push(request);
    this.callPullIfNeeded();
  }

  respond(written: number): void {
    const first = this.pending[0] as PullInto;
    if (this.stream.state === CLOSED) {
      if (written !== 0) throw new TypeError("A closed stream can only be answered with 0 bytes");
    } else {
      if (written === 0) throw new TypeError("A readable stream cannot be answered with 0 bytes");
      if (first.filled + written > first.length)
        throw new RangeError("More bytes than the view can hold");
    }
    first.buffer = transferBuffer(first.buffer);
    this.#respond(written);
  }
  respondWithNewView(view: ViewParts): void {
    const first = this.pending[0] as PullInto;
    if (this.stream.state === CLOSED) {
      if (view.length !== 0)
        throw new TypeError("A closed stream can only be answered with an empty view");
    } else if (view.length === 0)
      throw new TypeError("A readable stream cannot be answered with an empty view");
    if (first.offset + first.filled !== view.offset)
      throw new RangeError("The view starts at another place");
    if (first.bufferLength !== bufferLength(view.buffer))
      throw new RangeError("The view's buffer has another size");
    if (first.filled + view.length > first.length)
      throw new RangeError("The view is larger than the one asked for");
    first.buffer = transferBuffer(view.buffer);
    this.#respond(view.length);
  }

  #respond(written: number): void {
    const first = this.pending[0] as PullInto;
    this.#invalidateRequest();
    if (this.stream.state === CLOSED) this.#respondClosed(first);
    else this.#respondReadable(first, written);
    this.callPullIfNeeded();
  }
  #respondClosed(first: PullInto): void {
    if (first.reader === "none") this.#shiftPending();
    const { reader } = this.stream;
    if (reader?.byob !== true) return;
    const filled: PullInto[] = [];
    while (filled.length < reader.readsInto.length) filled.push(this.#shiftPending());
    this.#commitAll(filled);
  }
  #respondReadable(first: PullInto, written: number): void {
    first.filled += written;
    if (first.reader === "none") {
      this.#enqueueDetached(first);
      this.#commitAll(this.#processPending());
      return;
    }
    if (first.filled < first.minimum) return;
    this.#shiftPending();
    const remainder = first.filled % first.elementSize;
    if (remainder > 0) {
      const end = first.offset + first.filled;
      this.#pushClone(first.buffer, end - remainder, remainder);
    }
    first.filled -= remainder;
    const more = this.#processPending();
    this.#commit(first);
    this.#commitAll(more);
  }

  /** Gives a filled place to the read that waits for it. */
  #commit(descriptor: PullInto): void {
    const { stream } = this;
    const done = stream.state === CLOSED;
    const view = convert(descriptor);
    const { reader } = stream;
    if (descriptor.reader === "default") {
      const request = reader?.reads.shift();
      if (done) request?.close();
      else request?.chunk(view);
    } else {
      const request = reader?.readsInto.shift();
      if (done) request?.close(view);
      else request?.chunk(view);
    }
  }
  #commitAll(descriptors: PullInto[]): void {
    for (const descriptor of descriptors) this.#commit(descriptor);
  }
  #processPending(): PullInto[] {
    const filled: PullInto[] = [];
    while (this.pending.length > 0 && this.queue.total > 0) {
      if (!this.queue.fill(this.pending[0] as PullInto)) continue;
      filled.push(this.#shiftPending());
    }
    return filled;
  }
  #processReads(reader: ReaderState): void {
    while (reader.reads.length > 0 && this.queue.total > 0)
      this.#fillRequest(reader.reads.shift() as ReadRequest);
  }
  #fillRequest(request: ReadRequest): void {
    const { buffer, offset, length } = this.queue.shift();
    this.#drained();
    request.chunk(bytesOver(buffer, offset, length));
  }
  #drained(): void {
    if (this.queue.total === 0 && this.closeRequested) {
      this.#clearAlgorithms();
      closeStream(this.stream);
    } else this.callPullIfNeeded();
  }
  #enqueueDetached(first: PullInto): void {
    if (first.filled > 0) this.#pushClone(first.buffer, first.offset, first.filled);
    this.#shiftPending();
  }
  #pushClone(buffer: ArrayBuffer, offset: number, length: number): void {
    let clone: ArrayBuffer;
    try {
      clone = sliceBuffer(buffer, offset, offset + length);
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.queue.push(clone, 0, length);
  }
  #shiftPending(): PullInto {
    return this.pending.shift() as PullInto;
  }
  #invalidateRequest(): void {
    if (this.request === null) return;
    makers.invalidate(this.request);
    this.request = null;
  }
  #clearPending(): void {
    this.#invalidateRequest();
    this.pending = [];
  }
  #clearAlgorithms(): void {
    this.pull = undefined;
    this.cancel = undefined;
  }
  #resetQueue(): void {
    this.queue.clear();
  }
}
