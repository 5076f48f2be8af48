import { defineInterface, requireArguments, toDictionary } from "../events/idl.ts";

export type SizeOf = ((chunk: unknown) => unknown) | undefined;

const { defineProperty } = Object;
const { apply } = Reflect;

// One size function per realm, as the standard has it.
const byteLengthSize = {
  size(chunk: { byteLength: number }): number {
    return chunk.byteLength;
  },
}.size;
const countSize = {
  size(): number {
    return 1;
  },
}.size;

function highWaterMarkOf(init: unknown, count: number, name: string): number {
  requireArguments(count, 1, `${name} constructor`);
  const { highWaterMark } = toDictionary(init, "The strategy's init") as {
    highWaterMark?: unknown;
  };
  if (highWaterMark === undefined)
    throw new TypeError(`${name} constructor: the member highWaterMark is required`);
  return Number(highWaterMark);
}

export class ByteLengthQueuingStrategy {
  #highWaterMark: number;
  constructor(init: { highWaterMark: number }) {
    this.#highWaterMark = highWaterMarkOf(init, arguments.length, "ByteLengthQueuingStrategy");
  }
  get highWaterMark(): number {
    return this.#highWaterMark;
  }
  get size(): typeof byteLengthSize {
    void this.#highWaterMark;
    return byteLengthSize;
  }
}
defineInterface(ByteLengthQueuingStrategy, "ByteLengthQueuingStrategy");

export class CountQueuingStrategy {
  #highWaterMark: number;
  constructor(init: { highWaterMark: number }) {
    this.#highWaterMark = highWaterMarkOf(init, arguments.length, "CountQueuingStrategy");
  }
  get highWaterMark(): number {
    return this.#highWaterMark;
  }
  get size(): typeof countSize {
    void this.#highWaterMark;
    return countSize;
  }
}
defineInterface(CountQueuingStrategy, "CountQueuingStrategy");
defineProperty(byteLengthSize, "name", { value: "size", configurable: true });
defineProperty(countSize, "name", { value: "size", configurable: true });

export interface Strategy {
  highWaterMark: number | undefined;
  size: SizeOf;
}

/** The QueuingStrategy dictionary; members are read in alphabetical order. */
export function readStrategy(value: unknown): Strategy {
  const dictionary = toDictionary(value, "The queuing strategy");
  const { highWaterMark } = dictionary;
  const mark = highWaterMark === undefined ? undefined : Number(highWaterMark);
  const { size } = dictionary;
  if (size !== undefined && typeof size !== "function")
    throw new TypeError("The strategy's size is not a function");
  return { highWaterMark: mark, size: size as SizeOf };
}

export function extractHighWaterMark(strategy: Strategy, initial: number): number {
  const { highWaterMark } = strategy;
  if (highWaterMark === undefined) return initial;
  if (!(highWaterMark >= 0))
    throw new RangeError("The strategy's highWaterMark must be a non-negative number");
  return highWaterMark;
}

/** Calls a strategy's size without a this value, and converts to a number. */
export const chunkSize = (size: SizeOf, chunk: unknown): number =>
  size === undefined ? 1 : Number(apply(size, undefined, [chunk]));
