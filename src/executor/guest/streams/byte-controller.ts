import { defineInterface, illegalConstructor, requireArguments } from "../events/idl.ts";
import { bufferLength, isDetached, viewParts } from "./buffers.ts";
import { type ByobRequest, type ByteControllerState, provideByteClasses } from "./byte-state.ts";
import { READABLE } from "./readable-state.ts";

const INTERNAL = Symbol("internal");

export class ReadableStreamBYOBRequest {
  #controller: ByteControllerState | undefined;
  #view: Uint8Array<ArrayBuffer> | null;
  constructor(token?: symbol, controller?: ByteControllerState, view?: Uint8Array<ArrayBuffer>) {
    if (token !== INTERNAL) illegalConstructor();
    this.#controller = controller;
    this.#view = view ?? null;
  }
  get view(): Uint8Array | null {
    return this.#view;
  }
  respond(bytesWritten: number): void {
    const controller = this.#controller;
    requireArguments(arguments.length, 1, "ReadableStreamBYOBRequest.respond");
    const written = enforceRange(bytesWritten);
    if (controller === undefined) throw new TypeError("This BYOB request was answered already");
    if (isDetached(viewParts(this.#view).buffer))
      throw new TypeError("The BYOB request's buffer is detached");
    controller.respond(written);
  }
  respondWithNewView(view: ArrayBufferView): void {
    const controller = this.#controller;
    requireArguments(arguments.length, 1, "ReadableStreamBYOBRequest.respondWithNewView");
    const parts = viewParts(view);
    if (controller === undefined) throw new TypeError("This BYOB request was answered already");
    if (isDetached(parts.buffer)) throw new TypeError("The view's buffer is detached");
    controller.respondWithNewView(parts);
  }
  static {
    provideByteClasses({
      controller: (state) => new ReadableByteStreamController(INTERNAL, state),
      request: (state, view) => new ReadableStreamBYOBRequest(INTERNAL, state, view),
      invalidate: (request) => {
        const self = request as ReadableStreamBYOBRequest;
        self.#controller = undefined;
        self.#view = null;
      },
    });
  }
}
defineInterface(ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest", 0);

/** WebIDL [EnforceRange] unsigned long long. */
export function enforceRange(value: unknown): number {
  const number = Math.trunc(Number(value)) + 0;
  if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER))
    throw new TypeError("The number is out of range");
  return number;
}

export class ReadableByteStreamController {
  #state: ByteControllerState;
  constructor(token?: symbol, state?: ByteControllerState) {
    if (token !== INTERNAL) illegalConstructor();
    this.#state = state as ByteControllerState;
  }
  get byobRequest(): ByobRequest | null {
    return this.#state.byobRequest();
  }
  get desiredSize(): number | null {
    return this.#state.desiredSize();
  }
  close(): void {
    const state = this.#state;
    if (state.closeRequested || state.stream.state !== READABLE) {
      throw new TypeError("The stream cannot be closed: it is closed, closing or errored already");
    }
    state.close();
  }
  enqueue(chunk: ArrayBufferView): void {
    const state = this.#state;
    requireArguments(arguments.length, 1, "ReadableByteStreamController.enqueue");
    const parts = viewParts(
      chunk,
      "Failed to execute 'enqueue' on 'ReadableByteStreamController': the chunk",
    );
    if (parts.length === 0) throw new TypeError("The chunk is empty");
    if (bufferLength(parts.buffer) === 0) throw new TypeError("The chunk's buffer is empty");
    if (state.closeRequested || state.stream.state !== READABLE) {
      throw new TypeError("The stream takes no chunk: it is closed, closing or errored");
    }
    state.enqueue(parts);
  }
  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }
}
defineInterface(ReadableByteStreamController, "ReadableByteStreamController", 0);
