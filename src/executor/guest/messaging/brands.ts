/** Which kind of object a value is by its internal slots, whatever its prototype says. */
import type { Core } from "../core/part.ts";
import { hasPart, usePart } from "../registry.ts";
import type { TemporalPart } from "../temporal/part.ts";

const { apply, getPrototypeOf } = Reflect;
const { getOwnPropertyDescriptor } = Object;

type Test = (value: object) => boolean;

const toString = Object.prototype.toString;
export const classOf = (value: object): string => apply<object, [], string>(toString, value, []);

/** True when calling `method` on the value does not throw. */
const accepts =
  (method: (...args: never[]) => unknown, ...args: unknown[]): Test =>
  (value) => {
    try {
      apply(method, value, args);
      return true;
    } catch {
      return false;
    }
  };

const getter = (prototype: object, key: PropertyKey): (() => unknown) =>
  getOwnPropertyDescriptor(prototype, key)?.get as () => unknown;

export const isMap = accepts(getter(Map.prototype, "size"));
export const isSet = accepts(getter(Set.prototype, "size"));
export const isArrayBuffer = accepts(getter(ArrayBuffer.prototype, "byteLength"));
const isSharedBuffer = accepts(getter(SharedArrayBuffer.prototype, "byteLength"));
export const isDate = accepts(Date.prototype.getTime);
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object;
export const typedName = getter(TypedArrayPrototype, Symbol.toStringTag) as () =>
  | string
  | undefined;
export const regExpSource = getter(RegExp.prototype, "source");
export const regExpFlags = getter(RegExp.prototype, "flags");
const isRegExpObject = accepts(regExpSource);
export const isRegExp: Test = (value) => value !== RegExp.prototype && isRegExpObject(value);

const PRIMITIVES = [Boolean, Number, String, BigInt, Symbol].map(({ prototype, name }) => ({
  name,
  valueOf: prototype.valueOf as () => unknown,
  test: accepts(prototype.valueOf as () => unknown),
}));

/** The primitive inside a wrapper object, with its type's name; undefined for other objects. */
export function unwrap(value: object): { name: string; primitive: unknown } | undefined {
  for (const { name, valueOf, test } of PRIMITIVES) {
    if (test(value)) return { name, primitive: apply(valueOf, value, []) };
  }
  return undefined;
}

const UNCLONEABLE: readonly Test[] = [
  isSharedBuffer,
  accepts(WeakMap.prototype.has, {}),
  accepts(WeakSet.prototype.has, {}),
  accepts(usePart<Core>("core").NativeWeakRef.prototype.deref),
  // Its first step is the check of what it was called on.
  (value) => value instanceof Promise || classOf(value) === "[object Promise]",
  (value) => typeof FinalizationRegistry === "function" && value instanceof FinalizationRegistry,
];

/** Objects of the language that have slots and no way to copy them. */
export const hasForeignSlots: Test = (value) => UNCLONEABLE.some((test) => test(value));

const NAMES =
  "Headers Request Response FormData URL URLSearchParams URLPattern Event EventTarget AbortController AbortSignal " +
  "ReadableStream WritableStream TransformStream ReadableStreamDefaultReader ReadableStreamBYOBReader " +
  "WritableStreamDefaultWriter MessagePort MessageChannel TextEncoder TextDecoder TextEncoderStream TextDecoderStream " +
  "CompressionStream DecompressionStream ByteLengthQueuingStrategy CountQueuingStrategy Performance PerformanceEntry " +
  "PerformanceObserver PerformanceObserverEntryList Crypto SubtleCrypto WebSocket EventSource Navigator Cache CacheStorage";
const platformNames = new Set(NAMES.split(" "));

/** An object of one of the platform's classes, which are not serializable unless somebody said so before. */
export function isPlatformObject(value: object): boolean {
  if (hasPart("temporal") && usePart<TemporalPart>("temporal").isTemporal(value)) return true;
  for (let proto = getPrototypeOf(value); proto !== null; proto = getPrototypeOf(proto)) {
    const tag = getOwnPropertyDescriptor(proto, Symbol.toStringTag)?.value as unknown;
    if (typeof tag !== "string" || !platformNames.has(tag)) continue;
    const global = getOwnPropertyDescriptor(globalThis, tag)?.value as
      | { prototype?: object }
      | undefined;
    if (global?.prototype === proto) return true;
  }
  return false;
}
