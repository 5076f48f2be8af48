/** Array buffers and views by their internal slots, whatever a script did to the prototypes. */
import type { AnyClass } from "../events/idl.ts";
import { hasPart, usePart } from "../registry.ts";
import type { WasmPart } from "../wasm/part.ts";

const { apply, getPrototypeOf } = Reflect;
const getter = (proto: object, key: PropertyKey): ((target: unknown) => unknown) => {
  const { get } = Object.getOwnPropertyDescriptor(proto, key) as { get: () => unknown };
  return (target) => apply(get, target, []);
};

const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = getter(TypedArrayPrototype, Symbol.toStringTag) as (
  view: unknown,
) => string | undefined;
const typedBuffer = getter(TypedArrayPrototype, "buffer");
const typedOffset = getter(TypedArrayPrototype, "byteOffset");
const typedBytes = getter(TypedArrayPrototype, "byteLength");
export const typedLength = getter(TypedArrayPrototype, "length") as (view: unknown) => number;
const dataBuffer = getter(DataView.prototype, "buffer");
const dataOffset = getter(DataView.prototype, "byteOffset");
const dataBytes = getter(DataView.prototype, "byteLength");

const { isView } = ArrayBuffer;
const { prototype } = ArrayBuffer;
export const bufferLength = getter(prototype, "byteLength") as (buffer: ArrayBuffer) => number;
const detached = getter(prototype, "detached") as (buffer: unknown) => boolean;
const resizable = getter(prototype, "resizable") as (buffer: unknown) => boolean;
const nativeTransfer = prototype.transfer;
const nativeSlice = prototype.slice;

export type View = ArrayBufferView<ArrayBuffer>;
export type ViewConstructor = new (buffer: ArrayBuffer, offset?: number, length?: number) => View;

export const isDetached = (buffer: ArrayBuffer): boolean => detached(buffer);
/** Moves the bytes to a new buffer and detaches the old one. A TypeError for the memory of a WebAssembly module. */
export function transferBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (hasPart("wasm")) usePart<WasmPart>("wasm").refuseMemory(buffer);
  return apply<ArrayBuffer, [], ArrayBuffer>(nativeTransfer, buffer, []);
}
export const sliceBuffer = (buffer: ArrayBuffer, from: number, to: number): ArrayBuffer =>
  apply<ArrayBuffer, [number, number], ArrayBuffer>(nativeSlice, buffer, [from, to]);

const BYTES = Uint8Array;
const { set: nativeSet } = BYTES.prototype;
export const copyBytes = (
  to: ArrayBuffer,
  at: number,
  from: ArrayBuffer,
  offset: number,
  length: number,
): void => {
  apply(nativeSet, new BYTES(to, at, length), [new BYTES(from, offset, length)]);
};
export const bytesOver = (
  buffer: ArrayBuffer,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> => new BYTES(buffer, offset, length);

const constructors = new Map<string, AnyClass>();
for (const name of [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Float16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
]) {
  const constructor = (globalThis as Record<string, unknown>)[name];
  if (constructor !== undefined) constructors.set(name, constructor as AnyClass);
}

export interface ViewParts {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
  elementSize: number;
  /** Undefined for a DataView. */
  typed: boolean;
  make: ViewConstructor;
}

/** WebIDL ArrayBufferView: a TypeError for anything else, and for shared or resizable memory. */
export function viewParts(view: unknown, what = "The argument"): ViewParts {
  if (!isView(view)) throw new TypeError(`${what} is not an ArrayBufferView`);
  const tag = tagOf(view);
  const typed = tag !== undefined;
  const buffer = (typed ? typedBuffer(view) : dataBuffer(view)) as ArrayBuffer;
  // The getter throws a TypeError itself for a SharedArrayBuffer.
  if (resizable(buffer))
    throw new TypeError("The view is over a resizable ArrayBuffer, which cannot be used here");
  const make = (typed ? constructors.get(tag) : DataView) as unknown as ViewConstructor;
  // A DataView over a detached buffer has no length to ask for.
  const gone = isDetached(buffer);
  return {
    buffer,
    offset: gone ? 0 : ((typed ? typedOffset(view) : dataOffset(view)) as number),
    length: gone ? 0 : ((typed ? typedBytes(view) : dataBytes(view)) as number),
    elementSize: typed ? (make as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT : 1,
    typed,
    make,
  };
}
