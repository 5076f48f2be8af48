/** Random values, always from the host, so that two forks of one image differ. */
import { bindHost } from "../bridge.ts";
import { nodeError, outOfRange } from "../node-buffer/errors.ts";
import { buffers } from "./bytes.ts";

const random = bindHost("nodecrypto.random");
type Callback<T> = (error: unknown, value?: T) => void;

function answer<T>(work: () => T, callback: unknown): T | undefined {
  if (typeof callback !== "function") return work();
  void Promise.resolve().then(() => {
    let value: T;
    try {
      value = work();
    } catch (error) {
      return (callback as Callback<T>)(error);
    }
    return (callback as Callback<T>)(null, value);
  });
  return undefined;
}

function bytes(size: unknown): Uint8Array {
  if (typeof size !== "number" || !(size >= 0 && size <= 2 ** 31 - 1))
    throw outOfRange("size", ">= 0 && <= 2147483647", size);
  return buffers().wrap((random(size) as Uint8Array).slice());
}

export const randomBytes = (size: unknown, callback?: unknown): Uint8Array | undefined =>
  answer(() => bytes(size), callback);

export function randomFillSync<T extends ArrayBufferView>(view: T, offset = 0, size?: number): T {
  const whole = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const part = whole.subarray(offset, size === undefined ? undefined : offset + size);
  part.set(random(part.length) as Uint8Array);
  return view;
}

export const randomFill = (view: ArrayBufferView, ...rest: unknown[]): unknown => {
  const callback = rest.pop();
  return answer(
    () => randomFillSync(view, rest[0] as number | undefined, rest[1] as number | undefined),
    callback,
  );
};

function integer(low: number, high: number): number {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high))
    throw outOfRange("max", "a safe integer", high);
  const range = high - low;
  if (!(range > 0 && range <= 2 ** 48 - 1))
    throw outOfRange("max - min", "> 0 && <= 281474976710655", range);
  const limit = 2 ** 48 - (2 ** 48 % range);
  for (let tries = 0; tries < 1000; tries++) {
    const six = random(6) as Uint8Array;
    const value = six.reduce((total, byte) => total * 256 + byte, 0);
    if (value < limit) return low + (value % range);
  }
  throw nodeError(Error, "ERR_CRYPTO_OPERATION_FAILED", "No random number was found");
}

export function randomInt(...args: unknown[]): number | undefined {
  const callback = typeof args.at(-1) === "function" ? args.pop() : undefined;
  const [low, high] = args.length === 1 ? [0, args[0]] : args;
  return answer(() => integer(low as number, high as number), callback);
}
