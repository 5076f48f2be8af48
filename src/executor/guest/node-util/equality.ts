/** Deep equality as node:assert and util.isDeepStrictEqual define it. */
import { types } from "./types.ts";

type Pairs = Map<object, Set<object>>;
const is = (name: string, value: unknown): boolean => types[name]?.(value) === true;

export function isDeepEqual(
  a: unknown,
  b: unknown,
  strict: boolean,
  seen: Pairs = new Map(),
): boolean {
  if (a === b) return strict ? a !== 0 || Object.is(a, b) : true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    if (strict) return Object.is(a, b);
    if (typeof (a ?? 0) === "object" || typeof (b ?? 0) === "object") return false;
    // oxlint-disable-next-line eqeqeq -- loose comparison is what the loose mode is
    return a == b || (Number.isNaN(a) && Number.isNaN(b));
  }
  const partners = seen.get(a);
  if (partners?.has(b) === true) return true;
  if (partners === undefined) seen.set(a, new Set([b]));
  else partners.add(b);
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  return sameKind(a, b, strict, seen) && sameProperties(a, b, strict, seen);
}

function sameKind(a: object, b: object, strict: boolean, seen: Pairs): boolean {
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return a.length === (b as unknown[]).length;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (is("isDate", a)) return Object.is((a as Date).getTime(), (b as Date).getTime());
  if (is("isRegExp", a))
    return String(a) === String(b) && (a as RegExp).lastIndex === (b as RegExp).lastIndex;
  if (a instanceof Error)
    return (
      b instanceof Error &&
      a.message === b.message &&
      a.name === b.name &&
      isDeepEqual(a.cause, b.cause, strict, seen)
    );
  if (ArrayBuffer.isView(a)) return sameBytes(a, b as DataView, strict);
  if (is("isAnyArrayBuffer", a))
    return sameBytes(new Uint8Array(a as ArrayBuffer), new Uint8Array(b as ArrayBuffer), strict);
  if (is("isSet", a)) return sameSet(a as Set<unknown>, b as Set<unknown>, strict, seen);
  if (is("isMap", a))
    return sameMap(a as Map<unknown, unknown>, b as Map<unknown, unknown>, strict, seen);
  if (is("isBoxedPrimitive", a))
    return is("isBoxedPrimitive", b) && Object.is(a.valueOf(), b.valueOf());
  return !is("isPromise", a) && !is("isWeakMap", a) && !is("isWeakSet", a);
}

function sameBytes(a: ArrayBufferView, b: ArrayBufferView, strict: boolean): boolean {
  if (a.byteLength !== b.byteLength) return false;
  if (!strict && is("isFloat64Array", a))
    return (a as Float64Array).every((value, i) => value === (b as Float64Array)[i]);
  const left = new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  const right = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  return left.every((byte, i) => byte === right[i]);
}

function sameSet(a: Set<unknown>, b: Set<unknown>, strict: boolean, seen: Pairs): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b].filter((item) => !a.has(item));
  for (const item of a) {
    if (b.has(item)) continue;
    const index = rest.findIndex((other) => isDeepEqual(item, other, strict, new Map(seen)));
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return true;
}

function sameMap(
  a: Map<unknown, unknown>,
  b: Map<unknown, unknown>,
  strict: boolean,
  seen: Pairs,
): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b].filter(([key]) => !a.has(key));
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!isDeepEqual(value, b.get(key), strict, seen)) return false;
      continue;
    }
    const index = rest.findIndex(
      ([otherKey, other]) =>
        isDeepEqual(key, otherKey, strict, new Map(seen)) &&
        isDeepEqual(value, other, strict, new Map(seen)),
    );
    if (index < 0) return false;
    rest.splice(index, 1);
  }
  return true;
}

function sameProperties(a: object, b: object, strict: boolean, seen: Pairs): boolean {
  const keysOf = (value: object): (string | symbol)[] =>
    strict
      ? [
          ...Object.keys(value),
          ...Object.getOwnPropertySymbols(value).filter((key) =>
            Object.prototype.propertyIsEnumerable.call(value, key),
          ),
        ]
      : Object.keys(value);
  if (ArrayBuffer.isView(a)) return true;
  const keys = keysOf(a);
  if (keys.length !== keysOf(b).length) return false;
  return keys.every(
    (key) =>
      Object.prototype.propertyIsEnumerable.call(b, key) &&
      isDeepEqual(
        (a as Record<symbol, unknown>)[key as symbol],
        (b as Record<symbol, unknown>)[key as symbol],
        strict,
        seen,
      ),
  );
}
