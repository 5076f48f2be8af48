/** Transferred streams: the receiver's stream is fed through clones of the chunks. */
import { createReadable } from "./create.ts";
import { makePromise, rejectedWith, then } from "./promises.ts";
import { cancelStream, isLocked, readFrom, ReaderState } from "./readable-state.ts";
import { newTransformFrom, sidesOf } from "./transform-stream.ts";
import { toReadableState, toWritableState } from "./stream-of.ts";
import { usePart } from "../registry.ts";
import { createWritable } from "./writable-stream.ts";
import { WriterState } from "./writable-state.ts";

type Clone = (chunk: unknown) => unknown;

const locked = (): unknown =>
  usePart<{ domError(name: string, message: string): unknown }>("events").domError(
    "DataCloneError",
    "A locked stream could not be transferred",
  );

function moveReadable(stream: object, clone: Clone): object {
  const state = toReadableState(stream);
  if (state === undefined) throw new TypeError("The value is not a ReadableStream");
  const reader = new ReaderState(state, false);
  state.disturbed = true;
  const { stream: moved, controller } = createReadable(
    () => undefined,
    () =>
      makePromise<undefined>((resolve, reject) => {
        readFrom(reader, {
          chunk: (chunk) => {
            try {
              controller.enqueue(clone(chunk));
              resolve(undefined);
            } catch (error) {
              void cancelStream(state, error);
              reject(error);
            }
          },
          close: () => {
            controller.close();
            resolve(undefined);
          },
          error: reject,
        });
      }),
    (reason) => cancelStream(state, reason),
    0,
  );
  return moved;
}

function moveWritable(stream: object, clone: Clone): object {
  const state = toWritableState(stream);
  if (state === undefined) throw new TypeError("The value is not a WritableStream");
  const writer = new WriterState(state);
  return createWritable(() => undefined, {
    write(chunk) {
      try {
        const cloned = clone(chunk);
        return then(writer.ready.promise, () => writer.write(cloned));
      } catch (error) {
        void state.abort(error);
        return rejectedWith(error);
      }
    },
    close: () => writer.closeWithPropagation(),
    abort: (reason) => state.abort(reason),
  }).stream;
}

function moveUnlocked(object: object, clone: Clone): object {
  const readable = toReadableState(object);
  if (readable !== undefined) {
    if (isLocked(readable)) throw locked();
    return moveReadable(object, clone);
  }
  if (toWritableState(object)?.writer !== undefined) throw locked();
  return moveWritable(object, clone);
}

function moveTransform(sides: { readable: object; writable: object }, clone: Clone): object {
  const { readable, writable } = sides;
  const readableState = toReadableState(readable);
  if (readableState !== undefined && isLocked(readableState)) throw locked();
  // The second side is looked at before the first one is moved.
  if (toWritableState(writable)?.writer !== undefined) throw locked();
  return newTransformFrom(moveReadable(readable, clone), moveWritable(writable, clone));
}

/** What moves the stream when the message is complete; undefined for what is no stream. */
export function transferStream(object: object, clone: Clone): (() => object) | undefined {
  if (toReadableState(object) !== undefined || toWritableState(object) !== undefined)
    return () => moveUnlocked(object, clone);
  const sides = sidesOf(object);
  return sides === undefined ? undefined : () => moveTransform(sides, clone);
}
