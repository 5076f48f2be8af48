/** Readable streams of the platform's own making. */
import { ByteControllerState } from "./byte-state.ts";
import {
  type CancelAlgorithm,
  DefaultControllerState,
  type PullAlgorithm,
} from "./default-controller.ts";
import type { ReadableState } from "./readable-state.ts";
import { newReadable, toReadableState } from "./stream-of.ts";
import type { SizeOf } from "./strategies.ts";

export function createReadable(
  start: () => unknown,
  pull: PullAlgorithm | undefined,
  cancel: CancelAlgorithm | undefined,
  highWaterMark = 1,
  size?: SizeOf,
): { stream: object; controller: DefaultControllerState } {
  const stream = newReadable();
  const controller = new DefaultControllerState(
    toReadableState(stream) as ReadableState,
    highWaterMark,
    size,
  );
  controller.setup(start, pull, cancel);
  return { stream, controller };
}

export function createReadableBytes(
  start: () => unknown,
  pull: PullAlgorithm | undefined,
  cancel: CancelAlgorithm | undefined,
  highWaterMark = 0,
): { stream: object; controller: ByteControllerState } {
  const stream = newReadable();
  const controller = new ByteControllerState(
    toReadableState(stream) as ReadableState,
    highWaterMark,
  );
  controller.setup(start, pull, cancel);
  return { stream, controller };
}
