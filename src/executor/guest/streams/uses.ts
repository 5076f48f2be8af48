/** What other parts do with streams, on their slots instead of on methods that a script can change. */
import { viewParts } from "./buffers.ts";
import { makePromise, resolvedWith, then, upon } from "./promises.ts";
import { createReadableBytes } from "./create.ts";
import { cancelStream, isLocked, readFrom, ReaderState, releaseReader } from "./readable-state.ts";
import { newDefaultReader, type ReadableStreamDefaultReader } from "./readers.ts";
import { toReadableState, toWritableState } from "./stream-of.ts";
import { tee } from "./tee.ts";
import type { ReadableState, ReadRequest } from "./readable-state.ts";

const STATE_NAMES = ["readable", "closed", "errored"];
export const isReadableStream = (value: unknown): value is object =>
  toReadableState(value) !== undefined;
export const isWritableStream = (value: unknown): boolean => toWritableState(value) !== undefined;

const stateOf = (stream: unknown): ReadableState => {
  const state = toReadableState(stream);
  if (state === undefined) throw new TypeError("The value is not a ReadableStream");
  return state;
};

/** What Deno.inspect shows of a readable stream besides `locked`. */
export const describeReadable = (stream: unknown): { state: string; supportsBYOB: boolean } => {
  const { state, controller } = stateOf(stream);
  return { state: STATE_NAMES[state] ?? "", supportsBYOB: controller.isByte };
};
export const isDisturbed = (stream: unknown): boolean => stateOf(stream).disturbed;
export const isReadableLocked = (stream: unknown): boolean => isLocked(stateOf(stream));

export const teeForClone = (stream: unknown): object[] => tee(stateOf(stream), true);
export const acquireReader = (stream: unknown): ReadableStreamDefaultReader =>
  newDefaultReader(stateOf(stream));

/** Cancels whether locked or not, as the end of a connection does. */
export const abandon = (stream: unknown, reason: unknown): void => {
  upon(cancelStream(stateOf(stream), reason));
};

/** A pull-style reader of one stream, for pumping it to somewhere else. */
export interface Pump {
  /** The next chunk, or null at the end. Rejects with the stream's error. */
  read(): Promise<unknown>;
  cancel(reason: unknown): void;
  release(): void;
}

export function pump(stream: unknown): Pump {
  const state = stateOf(stream);
  const reader = new ReaderState(state, false);
  return {
    read: () =>
      makePromise((resolve, reject) => {
        readFrom(reader, { chunk: resolve, close: () => resolve(null), error: reject });
      }),
    cancel: (reason) => {
      upon(cancelStream(state, reason));
    },
    release: () => releaseReader(reader),
  };
}

/** A reader without promises: what it reads can never be taken for a thenable. */
export interface RawReader {
  read(request: ReadRequest): void;
  cancel(reason: unknown): void;
}

export function rawReader(stream: unknown): RawReader {
  const state = stateOf(stream);
  const reader = new ReaderState(state, false);
  return {
    read: (request) => readFrom(reader, request),
    cancel: (reason) => {
      upon(cancelStream(state, reason));
    },
  };
}

const Bytes = Uint8Array;

/** All bytes of a stream of Uint8Arrays. Throws a TypeError for any other chunk, or when it is locked. */
export async function readAll(stream: unknown): Promise<Uint8Array> {
  const source = pump(stream);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = await source.read();
    if (chunk === null) break;
    if (!(chunk instanceof Bytes)) {
      const error = new TypeError("A chunk of the stream is no Uint8Array");
      source.cancel(error);
      throw error;
    }
    chunks.push(chunk);
    length += chunk.length;
  }
  const all = new Bytes(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * A byte stream over host reads. `pull` gives the next chunk or null at the end, and is asked only
 * when the script reads (highWaterMark 0), so that the host sees the back-pressure.
 */
export function readableFromHost(
  pull: () => Promise<Uint8Array | null>,
  cancel: (reason: unknown) => void,
): object {
  const { stream, controller } = createReadableBytes(
    () => undefined,
    () =>
      then(pull(), (chunk: Uint8Array | null) => {
        if (chunk === null) {
          controller.close();
          if (controller.pending.length > 0) controller.respond(0);
        } else if (chunk.length > 0) controller.enqueue(viewParts(chunk));
        else controller.pullAgain = true;
      }),
    (reason) => {
      cancel(reason);
      return resolvedWith(undefined);
    },
  );
  return stream;
}
