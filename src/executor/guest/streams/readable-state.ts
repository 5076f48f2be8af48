/** The slots of ReadableStream and of its readers, and the operations that both controllers use. */
import {
  LazyPromise,
  lazyRejected,
  lazyResolved,
  rejectedWith,
  resolvedWith,
  then,
} from "./promises.ts";

export const READABLE = 0;
export const CLOSED = 1;
export const ERRORED = 2;

export interface ReadRequest {
  chunk(value: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

/** Of a BYOB reader: `close` may carry the empty view that gives the buffer back. */
export interface ReadIntoRequest {
  chunk(value: ArrayBufferView): void;
  close(value: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

export interface ReadableControllerState {
  isByte: boolean;
  self: object;
  pullSteps(request: ReadRequest): void;
  cancelSteps(reason: unknown): Promise<unknown>;
  releaseSteps(): void;
}

export class ReadableState {
  state = READABLE;
  error: unknown;
  disturbed = false;
  reader: ReaderState | undefined;
  controller: ReadableControllerState = undefined as never;
  self: object;
  constructor(self: object) {
    this.self = self;
  }
}

export class ReaderState {
  stream: ReadableState | undefined;
  closed: LazyPromise;
  readonly byob: boolean;
  reads: ReadRequest[] = [];
  readsInto: ReadIntoRequest[] = [];

  constructor(stream: ReadableState, byob: boolean) {
    if (stream.reader !== undefined)
      throw new TypeError("The stream is locked to a reader already");
    if (byob && !stream.controller.isByte)
      throw new TypeError("A BYOB reader needs a readable byte stream");
    this.byob = byob;
    this.stream = stream;
    stream.reader = this;
    if (stream.state === READABLE) this.closed = new LazyPromise();
    else this.closed = stream.state === CLOSED ? lazyResolved() : lazyRejected(stream.error);
  }
}

export const isLocked = (stream: ReadableState): boolean => stream.reader !== undefined;

export function cancelStream(stream: ReadableState, reason: unknown): Promise<unknown> {
  stream.disturbed = true;
  if (stream.state === CLOSED) return resolvedWith(undefined);
  if (stream.state === ERRORED) return rejectedWith(stream.error);
  closeStream(stream);
  const { reader } = stream;
  if (reader?.byob === true) {
    const requests = reader.readsInto;
    reader.readsInto = [];
    for (const request of requests) request.close(undefined);
  }
  return then(stream.controller.cancelSteps(reason), () => undefined);
}

export function closeStream(stream: ReadableState): void {
  stream.state = CLOSED;
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.resolve(undefined);
  if (reader.byob) return;
  const requests = reader.reads;
  reader.reads = [];
  for (const request of requests) request.close();
}

export function errorStream(stream: ReadableState, reason: unknown): void {
  stream.state = ERRORED;
  stream.error = reason;
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.reject(reason);
  errorRequests(reader, reason);
}

export function errorRequests(reader: ReaderState, reason: unknown): void {
  const requests: (ReadRequest | ReadIntoRequest)[] = reader.byob ? reader.readsInto : reader.reads;
  reader.reads = [];
  reader.readsInto = [];
  for (const request of requests) request.error(reason);
}

export function readFrom(reader: ReaderState, request: ReadRequest): void {
  const stream = reader.stream as ReadableState;
  stream.disturbed = true;
  if (stream.state === CLOSED) request.close();
  else if (stream.state === ERRORED) request.error(stream.error);
  else stream.controller.pullSteps(request);
}

/** Releases the lock without a word to the requests; `releaseReader` in readers.ts errors them. */
export function detachReader(reader: ReaderState): void {
  const stream = reader.stream as ReadableState;
  const released = new TypeError("The reader was released");
  if (stream.state === READABLE) reader.closed.reject(released);
  else reader.closed = lazyRejected(released);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
}

export function releaseReader(reader: ReaderState): void {
  detachReader(reader);
  errorRequests(reader, new TypeError("The reader was released"));
}

export const cancelReader = (reader: ReaderState, reason: unknown): Promise<unknown> =>
  cancelStream(reader.stream as ReadableState, reason);
