/** ReadableByteStreamTee: each branch keeps its own bytes, and BYOB reads go through to the source. */
import { bytesOver, sliceBuffer, viewParts, type View } from "./buffers.ts";
import type { ByteControllerState } from "./byte-state.ts";
import { resolvedWith, upon } from "./promises.ts";
import { createReadableBytes } from "./create.ts";
import { byobRead } from "./readers.ts";
import {
  cancelStream,
  readFrom,
  ReaderState,
  releaseReader,
  type ReadableState,
} from "./readable-state.ts";
import type { SharedCancel } from "./shared-cancel.ts";

const DONE = resolvedWith(undefined);

function cloneView(view: View): View {
  const { buffer, offset, length } = viewParts(view);
  return bytesOver(sliceBuffer(buffer, offset, offset + length), 0, length);
}

class ByteTee {
  readonly #stream: ReadableState;
  readonly #shared: SharedCancel;
  #reader: ReaderState;
  #reading = false;
  readonly #readAgain: [boolean, boolean] = [false, false];
  readonly branches: { stream: object; controller: ByteControllerState }[] = [];

  constructor(stream: ReadableState, shared: SharedCancel) {
    this.#stream = stream;
    this.#shared = shared;
    this.#reader = new ReaderState(stream, false);
    for (const index of [0, 1] as const) {
      this.branches.push(
        createReadableBytes(
          () => undefined,
          () => this.#pull(index),
          (reason) => shared.cancel(index, reason),
        ),
      );
    }
    this.#watch();
  }

  #controller(index: number): ByteControllerState {
    return (this.branches[index] as { controller: ByteControllerState }).controller;
  }
  /** An error of the source goes to both, unless this reader was replaced in the meantime. */
  #watch(): void {
    const reader = this.#reader;
    upon(
      reader.closed.promise,
      () => undefined,
      (error) => {
        if (reader !== this.#reader) return;
        this.#controller(0).error(error);
        this.#controller(1).error(error);
        this.#shared.ended();
      },
    );
  }
  #switchReader(byob: boolean): void {
    if (this.#reader.byob === byob) return;
    const old = this.#reader;
    // The new reader's place must be free, and the old one's release must not look like an error.
    this.#reader = undefined as never;
    releaseReader(old);
    this.#reader = new ReaderState(this.#stream, byob);
    this.#watch();
  }
  #failed(error: unknown): void {
    this.#controller(0).error(error);
    this.#controller(1).error(error);
    this.#shared.done.resolve(cancelStream(this.#stream, error));
  }
  #afterChunk(): void {
    this.#reading = false;
    if (this.#readAgain[0]) void this.#pull(0);
    else if (this.#readAgain[1]) void this.#pull(1);
  }
  #pull(index: 0 | 1): Promise<unknown> {
    if (this.#reading) {
      this.#readAgain[index] = true;
      return DONE;
    }
    this.#reading = true;
    const request = this.#controller(index).byobRequest();
    if (request === null) this.#pullDefault();
    else this.#pullByob(request.view as View, index);
    return DONE;
  }

  #pullDefault(): void {
    this.#switchReader(false);
    readFrom(this.#reader, {
      chunk: (chunk) => upon(DONE, () => this.#gotChunk(chunk as View)),
      close: () => this.#closed(),
      error: () => {
        this.#reading = false;
      },
    });
  }
  #gotChunk(chunk: View): void {
    this.#readAgain.fill(false);
    const [canceled1, canceled2] = this.#shared.canceled;
    let second = chunk;
    if (!canceled1 && !canceled2) {
      try {
        second = cloneView(chunk);
      } catch (error) {
        this.#failed(error);
        return;
      }
    }
    if (!canceled1) this.#controller(0).enqueue(viewParts(chunk));
    if (!canceled2) this.#controller(1).enqueue(viewParts(second));
    this.#afterChunk();
  }
  #closed(): void {
    this.#reading = false;
    const { canceled } = this.#shared;
    if (!canceled[0]) this.#controller(0).close();
    if (!canceled[1]) this.#controller(1).close();
    for (const index of [0, 1]) {
      const controller = this.#controller(index);
      if (controller.pending.length > 0) controller.respond(0);
    }
    this.#shared.ended();
  }

  #pullByob(view: View, index: 0 | 1): void {
    this.#switchReader(true);
    byobRead(this.#reader, viewParts(view), 1, {
      chunk: (chunk) => upon(DONE, () => this.#gotView(chunk as View, index)),
      close: (chunk) => this.#closedByob(chunk as View | undefined, index),
      error: () => {
        this.#reading = false;
      },
    });
  }
  #gotView(chunk: View, index: 0 | 1): void {
    this.#readAgain.fill(false);
    const { canceled } = this.#shared;
    const other = 1 - index;
    if (!canceled[other]) {
      let clone: View;
      try {
        clone = cloneView(chunk);
      } catch (error) {
        this.#controller(index).error(error);
        this.#controller(other).error(error);
        this.#shared.done.resolve(cancelStream(this.#stream, error));
        return;
      }
      if (!canceled[index]) this.#controller(index).respondWithNewView(viewParts(chunk));
      this.#controller(other).enqueue(viewParts(clone));
    } else if (!canceled[index]) this.#controller(index).respondWithNewView(viewParts(chunk));
    this.#afterChunk();
  }
  #closedByob(chunk: View | undefined, index: 0 | 1): void {
    this.#reading = false;
    const { canceled } = this.#shared;
    const other = 1 - index;
    if (!canceled[index]) this.#controller(index).close();
    if (!canceled[other]) this.#controller(other).close();
    if (chunk !== undefined) {
      if (!canceled[index]) this.#controller(index).respondWithNewView(viewParts(chunk));
      const controller = this.#controller(other);
      if (!canceled[other] && controller.pending.length > 0) controller.respond(0);
    }
    if (!canceled[index] || !canceled[other]) this.#shared.done.resolve(undefined);
  }
}

export function teeBytes(stream: ReadableState, shared: SharedCancel): object[] {
  return new ByteTee(stream, shared).branches.map((branch) => branch.stream);
}
