/** The slots of WritableStream and of its writer, with the operations of the standard. */
import { LazyPromise, lazyRejected, lazyResolved, rejectedWith, resolvedWith } from "./promises.ts";

export const WRITABLE = 0;
export const CLOSED = 1;
export const ERRORED = 2;
export const ERRORING = 3;

/** What the stream asks of its controller. */
export interface WritableControl {
  readonly started: boolean;
  signalAbort(reason: unknown): void;
  close(): void;
  write(chunk: unknown, size: number): void;
  chunkSize(chunk: unknown): number;
  desiredSize(): number;
  errorSteps(): void;
  errorIfNeeded(error: unknown): void;
  abortSteps(reason: unknown, done: (failed: boolean, error?: unknown) => void): void;
}

interface PendingAbort {
  done: LazyPromise;
  reason: unknown;
  wasErroring: boolean;
}

export class WritableState {
  state = WRITABLE;
  error: unknown;
  backpressure = false;
  writer: WriterState | undefined;
  controller: WritableControl = undefined as never;
  writeRequests: LazyPromise[] = [];
  inFlightWrite: LazyPromise | undefined;
  closeRequest: LazyPromise | undefined;
  inFlightClose: LazyPromise | undefined;
  pendingAbort: PendingAbort | undefined;

  closeQueuedOrInFlight(): boolean {
    return this.closeRequest !== undefined || this.inFlightClose !== undefined;
  }
  abort(reason: unknown): Promise<unknown> {
    if (this.state === CLOSED || this.state === ERRORED) return resolvedWith(undefined);
    this.controller.signalAbort(reason);
    // Listeners of the signal may have changed the state.
    const { state } = this as { state: number };
    if (state === CLOSED || state === ERRORED) return resolvedWith(undefined);
    if (this.pendingAbort !== undefined) return this.pendingAbort.done.promise;
    const wasErroring = state === ERRORING;
    const done = new LazyPromise(false);
    this.pendingAbort = { done, reason: wasErroring ? undefined : reason, wasErroring };
    const { promise } = done;
    if (!wasErroring) this.startErroring(reason);
    return promise;
  }
  close(): Promise<unknown> {
    const { state } = this;
    if (state === CLOSED || state === ERRORED) {
      return rejectedWith(new TypeError("The stream is closed or errored already"));
    }
    const request = new LazyPromise(false);
    this.closeRequest = request;
    if (this.writer !== undefined && this.backpressure && state === WRITABLE)
      this.writer.ready.resolve(undefined);
    const { promise } = request;
    this.controller.close();
    return promise;
  }
  addWriteRequest(): Promise<unknown> {
    const request = new LazyPromise(false);
    this.writeRequests.push(request);
    return request.promise;
  }
  dealWithRejection(error: unknown): void {
    if (this.state === WRITABLE) this.startErroring(error);
    else this.finishErroring();
  }
  startErroring(reason: unknown): void {
    this.state = ERRORING;
    this.error = reason;
    this.writer?.ensureReadyRejected(reason);
    if (
      this.inFlightWrite === undefined &&
      this.inFlightClose === undefined &&
      this.controller.started
    ) {
      this.finishErroring();
    }
  }
  finishErroring(): void {
    if (
      this.state !== ERRORING ||
      this.inFlightWrite !== undefined ||
      this.inFlightClose !== undefined
    )
      return;
    this.state = ERRORED;
    this.controller.errorSteps();
    const requests = this.writeRequests;
    this.writeRequests = [];
    for (const request of requests) request.reject(this.error);
    const abort = this.pendingAbort;
    if (abort === undefined) {
      this.rejectClose();
      return;
    }
    this.pendingAbort = undefined;
    if (abort.wasErroring) {
      abort.done.reject(this.error);
      this.rejectClose();
      return;
    }
    this.controller.abortSteps(abort.reason, (failed, error) => {
      if (failed) abort.done.reject(error);
      else abort.done.resolve(undefined);
      this.rejectClose();
    });
  }
  finishWrite(): void {
    this.inFlightWrite?.resolve(undefined);
    this.inFlightWrite = undefined;
  }
  finishWriteWithError(error: unknown): void {
    this.inFlightWrite?.reject(error);
    this.inFlightWrite = undefined;
    this.dealWithRejection(error);
  }
  finishClose(): void {
    this.inFlightClose?.resolve(undefined);
    this.inFlightClose = undefined;
    if (this.state === ERRORING) {
      this.error = undefined;
      this.pendingAbort?.done.resolve(undefined);
      this.pendingAbort = undefined;
    }
    this.state = CLOSED;
    this.writer?.closed.resolve(undefined);
  }
  finishCloseWithError(error: unknown): void {
    this.inFlightClose?.reject(error);
    this.inFlightClose = undefined;
    this.pendingAbort?.done.reject(error);
    this.pendingAbort = undefined;
    this.dealWithRejection(error);
  }
  rejectClose(): void {
    this.closeRequest?.reject(this.error);
    this.closeRequest = undefined;
    this.writer?.closed.reject(this.error);
  }
  updateBackpressure(backpressure: boolean): void {
    if (this.writer !== undefined && backpressure !== this.backpressure) {
      if (backpressure) this.writer.ready = new LazyPromise();
      else this.writer.ready.resolve(undefined);
    }
    this.backpressure = backpressure;
  }
}

export class WriterState {
  stream: WritableState | undefined;
  ready: LazyPromise;
  closed: LazyPromise;

  constructor(stream: WritableState) {
    if (stream.writer !== undefined)
      throw new TypeError("The stream is locked to a writer already");
    this.stream = stream;
    stream.writer = this;
    const { state } = stream;
    this.closed = new LazyPromise();
    if (state === WRITABLE) {
      this.ready =
        !stream.closeQueuedOrInFlight() && stream.backpressure ? new LazyPromise() : lazyResolved();
    } else if (state === CLOSED) {
      this.ready = lazyResolved();
      this.closed.resolve(undefined);
    } else {
      this.ready = lazyRejected(stream.error);
      if (state === ERRORED) this.closed.reject(stream.error);
    }
  }
  ensureReadyRejected(error: unknown): void {
    if (this.ready.pending) this.ready.reject(error);
    else this.ready = lazyRejected(error);
  }
  #ensureClosedRejected(error: unknown): void {
    if (this.closed.pending) this.closed.reject(error);
    else this.closed = lazyRejected(error);
  }
  release(): void {
    const released = new TypeError("The writer was released");
    this.ensureReadyRejected(released);
    this.#ensureClosedRejected(released);
    (this.stream as WritableState).writer = undefined;
    this.stream = undefined;
  }
  desiredSize(): number | null {
    const { state, controller } = this.stream as WritableState;
    if (state === ERRORED || state === ERRORING) return null;
    return state === CLOSED ? 0 : controller.desiredSize();
  }
  write(chunk: unknown): Promise<unknown> {
    const stream = this.stream as WritableState;
    const size = stream.controller.chunkSize(chunk);
    if (stream !== this.stream) return rejectedWith(new TypeError("The writer was released"));
    const { state } = stream;
    if (state === ERRORED) return rejectedWith(stream.error);
    if (stream.closeQueuedOrInFlight() || state === CLOSED) {
      return rejectedWith(new TypeError("The stream is closing or closed"));
    }
    if (state === ERRORING) return rejectedWith(stream.error);
    const written = stream.addWriteRequest();
    stream.controller.write(chunk, size);
    return written;
  }
  /** Closes, or repeats what the stream's end was. */
  closeWithPropagation(): Promise<unknown> {
    const stream = this.stream as WritableState;
    if (stream.closeQueuedOrInFlight() || stream.state === CLOSED) return resolvedWith(undefined);
    if (stream.state === ERRORED) return rejectedWith(stream.error);
    return stream.close();
  }
}
