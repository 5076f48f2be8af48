/** From the objects scripts hold to their slots; the classes put their look-ups in here. */
import type { ReadableState } from "./readable-state.ts";
import type { WritableState } from "./writable-state.ts";

type LookUp<T> = (value: object) => T | undefined;

let readable: LookUp<ReadableState>;
let writable: LookUp<WritableState>;

/** An object of the class ReadableStream whose controller is still missing. */
export let newReadable: () => object;

export function provideReadable(lookUp: LookUp<ReadableState>, make: () => object): void {
  readable = lookUp;
  newReadable = make;
}
export function provideWritable(lookUp: LookUp<WritableState>): void {
  writable = lookUp;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The slots of a genuine ReadableStream, else undefined. */
export const toReadableState = (value: unknown): ReadableState | undefined =>
  isObject(value) ? readable(value) : undefined;

export const toWritableState = (value: unknown): WritableState | undefined =>
  isObject(value) ? writable(value) : undefined;
