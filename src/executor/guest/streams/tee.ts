/** ReadableStreamTee of the standard, for default and for byte streams. */
import { usePart } from "../registry.ts";
import { resolvedWith, upon } from "./promises.ts";
import { createReadable } from "./create.ts";
import { cancelStream, readFrom, ReaderState, type ReadableState } from "./readable-state.ts";
import { SharedCancel } from "./shared-cancel.ts";
import { teeBytes } from "./tee-bytes.ts";
import type { DefaultControllerState } from "./default-controller.ts";

const DONE = resolvedWith(undefined);

type Clone = (value: unknown) => unknown;

function teeDefault(stream: ReadableState, clone: Clone | undefined): object[] {
  const reader = new ReaderState(stream, false);
  const shared = new SharedCancel(stream);
  const controllers: DefaultControllerState[] = [];
  const each = (act: (controller: DefaultControllerState) => void): void => {
    controllers.forEach((controller, index) => shared.canceled[index] || act(controller));
  };
  let reading = false;
  let readAgain = false;

  const deliver = (chunk: unknown): void => {
    readAgain = false;
    let second = chunk;
    if (clone !== undefined && !shared.canceled[1]) {
      try {
        second = clone(chunk);
      } catch (error) {
        for (const controller of controllers) controller.error(error);
        shared.done.resolve(cancelStream(stream, error));
        return;
      }
    }
    each((controller) => controller.enqueue(controller === controllers[1] ? second : chunk));
    reading = false;
    if (readAgain) void pull();
  };
  const pull = (): Promise<unknown> => {
    if (reading) {
      readAgain = true;
      return DONE;
    }
    reading = true;
    readFrom(reader, {
      chunk: (chunk) => upon(DONE, () => deliver(chunk)),
      close: () => {
        reading = false;
        each((controller) => controller.close());
        shared.ended();
      },
      error: () => {
        reading = false;
      },
    });
    return DONE;
  };
  const branches = ([0, 1] as const).map((index) => {
    const made = createReadable(
      () => undefined,
      pull,
      (reason) => shared.cancel(index, reason),
    );
    controllers.push(made.controller);
    return made.stream;
  });
  upon(
    reader.closed.promise,
    () => undefined,
    (error) => {
      for (const controller of controllers) controller.error(error);
      shared.ended();
    },
  );
  return branches;
}

/** With `cloneSecond` the second branch gets structured clones, as a cloned body needs. */
export function tee(stream: ReadableState, cloneSecond: boolean): object[] {
  if (stream.controller.isByte) return teeBytes(stream, new SharedCancel(stream));
  return teeDefault(stream, cloneSecond ? (value) => cloneChunk(value) : undefined);
}

function cloneChunk(value: unknown): unknown {
  return usePart<{ structuredClone: Clone }>("messaging").structuredClone(value);
}
