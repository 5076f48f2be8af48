/** Conversions and interface shapes of WebIDL, as small as the interfaces here need them. */

const { defineProperty, getOwnPropertyNames } = Object;
const { ownKeys } = Reflect;
const propertyIsEnumerable = Object.prototype.propertyIsEnumerable;

export const ILLEGAL_CONSTRUCTOR = "Illegal constructor";

/** Throws the TypeError that a call with too few arguments gives. */
export function requireArguments(given: number, needed: number, where: string): void {
  if (given >= needed) return;
  throw new TypeError(
    `${where}: ${needed} argument${needed === 1 ? "" : "s"} required, but only ${given} present`,
  );
}

export function illegalInvocation(): never {
  throw new TypeError("Illegal invocation");
}

/** DOMString. A symbol throws a TypeError, as the language itself does. */
export const toDOMString = (value: unknown): string =>
  typeof value === "string" ? value : `${value as string}`;

/** USVString: lone surrogates become U+FFFD. */
export const toUSVString = (value: unknown): string => toDOMString(value).toWellFormed();

const { exec } = RegExp.prototype;

/** RegExp.prototype.test as it was, whatever a script did to `exec`. */
export const matches = (expression: RegExp, text: string): boolean =>
  exec.call(expression, text) !== null;

const NOT_A_BYTE = /[^\x00-\xff]/;

/** ByteString: every code unit has to fit a byte. */
export function toByteString(value: unknown, where: string): string {
  const text = toDOMString(value);
  if (matches(NOT_A_BYTE, text)) throw new TypeError(`${where} is not a valid ByteString`);
  return text;
}

/** Any of the integer types, without [EnforceRange] and [Clamp]: modulo 2^bits. */
export function toInteger(value: unknown, bits: number, signed: boolean): number {
  if (typeof value === "number" && value >= 0 && value < 128 * 256 && value === (value | 0))
    return value + 0;
  let number = +(value as number);
  if (number !== number || number === Infinity || number === -Infinity) return 0;
  number = Math.trunc(number) + 0;
  // Doubles cannot hold 2^64 - 1: what is exact stays as it is.
  if (bits === 64 && Number.isSafeInteger(number) && (signed || number >= 0)) return number;
  const modulus = 2 ** bits;
  number = number % modulus;
  if (number < 0) number += modulus;
  if (signed && number >= modulus / 2) number -= modulus;
  return number + 0;
}

/** long long with [Clamp]: for the bounds of a slice. */
export function toClampedInteger(value: unknown): number {
  let number = +(value as number);
  if (number !== number) return 0;
  number = Math.min(Math.max(number, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest < 0.5 || (rest === 0.5 && floor % 2 === 0)) return floor + 0;
  return floor + 1;
}

export const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** A dictionary argument: undefined and null count as empty. */
export function toDictionary(value: unknown, where: string): Record<string, unknown> {
  if (value === undefined || value === null) return EMPTY;
  if (!isObject(value)) throw new TypeError(`${where} cannot be converted to a dictionary`);
  return value as Record<string, unknown>;
}
const EMPTY: Record<string, unknown> = Object.freeze({ __proto__: null }) as Record<
  string,
  unknown
>;

export function toEnum(value: unknown, allowed: readonly string[], where: string): string {
  const text = toDOMString(value);
  if (allowed.indexOf(text) < 0)
    throw new TypeError(`${where}: the value '${text}' is not one of its values`);
  return text;
}

/** The iterator method of a value that may be a sequence, or undefined. */
export function iteratorMethod(
  value: object,
  where: string,
): ((this: object) => Iterator<unknown>) | undefined {
  const method: unknown = (value as Record<symbol, unknown>)[Symbol.iterator];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") throw new TypeError(`${where} is not iterable`);
  return method as (this: object) => Iterator<unknown>;
}

/** sequence<T>: an array of what `convert` makes of each item. */
export function toSequence<T>(value: unknown, where: string, convert: (item: unknown) => T): T[] {
  if (!isObject(value)) throw new TypeError(`${where} cannot be converted to a sequence`);
  const method = iteratorMethod(value, where);
  if (method === undefined) throw new TypeError(`${where} cannot be converted to a sequence`);
  const iterator = method.call(value);
  const next: unknown = iterator.next;
  const items: T[] = [];
  for (;;) {
    const step: unknown = (next as () => unknown).call(iterator);
    if (!isObject(step)) throw new TypeError(`${where}: the iterator gave what is no object`);
    if ((step as IteratorResult<unknown>).done) return items;
    items.push(convert((step as IteratorResult<unknown>).value));
  }
}

/** record<K, V> as a flat list of keys and values. */
export function toRecord(
  value: object,
  convertKey: (key: unknown) => string,
  convertValue: (value: unknown) => string,
): string[] {
  const flat: string[] = [];
  const keys = ownKeys(value);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (!propertyIsEnumerable.call(value, key)) continue;
    const name = convertKey(key);
    const converted = convertValue((value as Record<string, unknown>)[key]);
    // Of two keys that convert to one name the later value stands at the earlier place.
    const at = name === key ? -1 : nameIndex(flat, name);
    if (at < 0) flat.push(name, converted);
    else flat[at + 1] = converted;
  }
  return flat;
}

function nameIndex(flat: readonly string[], name: string): number {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return i;
  return -1;
}

interface InterfaceObject {
  prototype: object;
}

/** Makes a class look as an interface does: members enumerable, a toStringTag. */
export function finishInterface(constructor: InterfaceObject, name: string): void {
  const proto = constructor.prototype;
  // A bundler may rename the class.
  defineProperty(constructor, "name", { value: name, configurable: true });
  enumerable(proto, "constructor");
  const names = getOwnPropertyNames(constructor);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    if (key !== "length" && key !== "name" && key !== "prototype") {
      defineProperty(constructor, key, { enumerable: true });
    }
  }
  tag(proto, name);
}

function enumerable(target: object, except: string): void {
  const names = getOwnPropertyNames(target);
  for (let i = 0; i < names.length; i++) {
    if (names[i] !== except) defineProperty(target, names[i] as string, { enumerable: true });
  }
}

function tag(target: object, name: string): void {
  defineProperty(target, Symbol.toStringTag, { value: name, configurable: true });
}

/** The pair at an index of what is iterated now, or undefined past its end. */
type PairAt<T> = (target: T, index: number) => readonly [unknown, unknown] | undefined;

const IteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
) as object;

/**
 * Adds entries, keys, values, forEach and Symbol.iterator. `at` throws for a foreign `this`; it is asked
 * anew at every step, so that iteration sees changes as the standard wants.
 */
export function definePairIterable<T extends object>(
  constructor: { prototype: T },
  name: string,
  at: PairAt<T>,
): void {
  let shared: object | undefined;
  const make = (target: T, kind: 0 | 1 | 2): object => {
    at(target, 0);
    shared ??= iteratorPrototype(name, at as PairAt<object>);
    return iteratorOver(shared, target, kind);
  };
  const methods = {
    entries(this: T): object {
      return make(this, 2);
    },
    keys(this: T): object {
      return make(this, 0);
    },
    values(this: T): object {
      return make(this, 1);
    },
    forEach(
      this: T,
      callback: (value: unknown, key: unknown, target: T) => void,
      thisArg?: unknown,
    ): void {
      at(this, 0);
      if (typeof callback !== "function") {
        throw new TypeError(
          `Failed to execute 'forEach' on '${name}': parameter 1 is not a function`,
        );
      }
      for (let i = 0; ; i++) {
        const pair = at(this, i);
        if (pair === undefined) return;
        callback.call(thisArg, pair[1], pair[0], this);
      }
    },
  };
  defineProperty(methods.forEach, "length", { value: 1, configurable: true });
  Object.assign(constructor.prototype, methods);
  defineProperty(constructor.prototype, Symbol.iterator, {
    value: methods.entries,
    writable: true,
    configurable: true,
  });
}

interface IteratorState {
  proto: object;
  target: object;
  kind: 0 | 1 | 2;
  index: number;
}
const states = new WeakMap<object, IteratorState>();

function iteratorOver(proto: object, target: object, kind: 0 | 1 | 2): object {
  const iterator = Object.create(proto) as object;
  states.set(iterator, { proto, target, kind, index: 0 });
  return iterator;
}

function iteratorPrototype(name: string, at: PairAt<object>): object {
  const proto = Object.create(IteratorPrototype) as object;
  const { next } = {
    next(this: object): IteratorResult<unknown> {
      const state = states.get(this);
      if (state === undefined || state.proto !== proto) {
        throw new TypeError(`next was called on what is not a ${name} Iterator`);
      }
      const pair = at(state.target, state.index);
      if (pair === undefined) return { value: undefined, done: true };
      state.index++;
      return { value: state.kind === 2 ? [pair[0], pair[1]] : pair[state.kind], done: false };
    },
  };
  defineProperty(proto, "next", {
    value: next,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  tag(proto, `${name} Iterator`);
  return proto;
}
