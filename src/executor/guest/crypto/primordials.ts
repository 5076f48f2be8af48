/**
 * Built-ins taken before any script runs. Key material passes through here, so a script that patches
 * a prototype must not be able to see it.
 */
export const parseJson = JSON.parse;
export const stringifyJson = JSON.stringify;
export const isView = ArrayBuffer.isView;

const uncurry = Function.prototype.bind.bind(Function.prototype.call) as unknown as <
  This,
  Args extends unknown[],
  Result,
>(
  method: (this: This, ...args: Args) => Result,
) => (self: This, ...args: Args) => Result;

type Getter<T> = (self: unknown) => T;

function getter<T>(prototype: object, name: PropertyKey): Getter<T> {
  return uncurry(Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T) as Getter<T>;
}

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** Throws for anything but an ArrayBuffer. */
export const bufferLength = getter<number>(ArrayBuffer.prototype, "byteLength");
/** The class name of a typed array, or undefined. */
export const typedArrayName = getter<string | undefined>(typedArrayPrototype, Symbol.toStringTag);
export const arrayBuffer = getter<ArrayBuffer>(typedArrayPrototype, "buffer");
export const arrayOffset = getter<number>(typedArrayPrototype, "byteOffset");
export const arrayBytes = getter<number>(typedArrayPrototype, "byteLength");
export const viewBuffer = getter<ArrayBuffer>(DataView.prototype, "buffer");
export const viewOffset = getter<number>(DataView.prototype, "byteOffset");
export const viewBytes = getter<number>(DataView.prototype, "byteLength");

export const sliceBytes = uncurry(Uint8Array.prototype.slice) as (
  self: Uint8Array,
  from?: number,
) => Uint8Array;
export const sliceBuffer = uncurry(ArrayBuffer.prototype.slice) as (
  self: ArrayBuffer,
  from: number,
  to: number,
) => ArrayBuffer;
export const includes = uncurry(Array.prototype.includes) as (
  self: readonly unknown[],
  item: unknown,
) => boolean;
export const lowerCase = uncurry<string, [], string>(String.prototype.toLowerCase);
