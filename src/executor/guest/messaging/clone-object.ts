/** Copies of single objects: what each type keeps, and what goes into it afterwards. */
import type { Events } from "../events/part.ts";
import type { Files } from "../files/part.ts";
import { hasPart, usePart } from "../registry.ts";
import {
  classOf,
  hasForeignSlots,
  isArrayBuffer,
  isDate,
  isMap,
  isPlatformObject,
  isRegExp,
  isSet,
  regExpFlags,
  regExpSource,
  unwrap,
} from "./brands.ts";

const { apply } = Reflect;
const { isArray } = Array;
const { defineProperty, getOwnPropertyDescriptor, keys: ownKeys } = Object;

export const dataCloneError = (message: string): object =>
  usePart<Events>("events").domError("DataCloneError", message);

export const cloneError = (what: string): object => dataCloneError(`${what} could not be cloned`);

/** What is copied into a shell after it was remembered, so that cycles end. */
export type Filling =
  | { kind: "properties"; keys: string[] }
  | { kind: "map" | "set"; entries: unknown[] }
  | { kind: "cause"; value: unknown };

export interface Shell {
  copy: object;
  filling?: Filling;
}

const ERROR_TYPES: Record<string, ErrorConstructor> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

function errorShell(value: object): Shell {
  const { name } = value as { name: unknown };
  const Type = Object.hasOwn(ERROR_TYPES, `${name as string}`)
    ? (ERROR_TYPES[`${name as string}`] as ErrorConstructor)
    : Error;
  const message = getOwnPropertyDescriptor(value, "message");
  const has = message !== undefined && "value" in message;
  const copy = has ? new Type(`${message.value as string}`) : new Type();
  const stack = getOwnPropertyDescriptor(value, "stack")?.value as unknown;
  if (typeof stack === "string") {
    defineProperty(copy, "stack", { value: stack, writable: true, configurable: true });
  }
  const cause = getOwnPropertyDescriptor(value, "cause");
  if (cause === undefined || !("value" in cause)) return { copy };
  return { copy, filling: { kind: "cause", value: cause.value } };
}

const mapEntries = Map.prototype.forEach;
const setEntries = Set.prototype.forEach;
const dateTime = Date.prototype.getTime;
const bufferSlice = ArrayBuffer.prototype.slice;
const resizable = getOwnPropertyDescriptor(ArrayBuffer.prototype, "resizable")
  ?.get as () => boolean;
const maxLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, "maxByteLength")
  ?.get as () => number;
const detached = getOwnPropertyDescriptor(ArrayBuffer.prototype, "detached")?.get as () => boolean;
const byteLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")
  ?.get as () => number;

export function copyBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (apply(detached, buffer, [])) throw cloneError("A detached ArrayBuffer");
  if (!apply(resizable, buffer, [])) {
    return apply<ArrayBuffer, [number], ArrayBuffer>(bufferSlice, buffer, [0]);
  }
  const copy = new ArrayBuffer(apply(byteLength, buffer, []), {
    maxByteLength: apply(maxLength, buffer, []),
  });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

/** Serializable objects of the platform; undefined for all others. */
function platformCopy(value: object): object | undefined {
  if (hasPart("events") && usePart<Events>("events").isDOMException(value)) {
    const { name, message, stack } = value;
    const copy = usePart<Events>("events").domError(name, message);
    defineProperty(copy, "stack", { value: stack, writable: true, configurable: true });
    return copy;
  }
  if (hasPart("files")) {
    const files = usePart<Files>("files");
    if (files.isFile(value)) {
      const { name, type, lastModified } = value;
      return new files.File([value], name, { type, lastModified });
    }
    if (files.isBlob(value)) return new files.Blob([value], { type: value.type });
  }
  if (hasPart("crypto")) {
    const crypto = usePart<{ isCryptoKey(v: unknown): boolean; cloneKey(v: object): object }>(
      "crypto",
    );
    if (crypto.isCryptoKey(value)) return crypto.cloneKey(value);
  }
  return undefined;
}

function builtInShell(value: object): Shell | undefined {
  if (isDate(value)) return { copy: new Date(apply(dateTime, value, [])) };
  if (isRegExp(value)) {
    const source = apply(regExpSource, value, []) as string;
    return { copy: new RegExp(source, apply(regExpFlags, value, []) as string) };
  }
  if (isMap(value)) {
    const entries: unknown[] = [];
    apply(mapEntries, value, [(item: unknown, key: unknown) => entries.push(key, item)]);
    return { copy: new Map(), filling: { kind: "map", entries } };
  }
  if (isSet(value)) {
    const entries: unknown[] = [];
    apply(setEntries, value, [(item: unknown) => entries.push(item)]);
    return { copy: new Set(), filling: { kind: "set", entries } };
  }
  if (isArrayBuffer(value)) return { copy: copyBuffer(value as ArrayBuffer) };
  const wrapped = unwrap(value);
  if (wrapped === undefined) return undefined;
  if (wrapped.name === "Symbol") throw cloneError("A Symbol object");
  return { copy: Object(wrapped.primitive) as object };
}

/** Views are not among these: they share their buffers, see clone.ts. */
export function shellOf(value: object): Shell {
  if (isArray(value)) {
    const copy: unknown[] = [];
    copy.length = value.length;
    return { copy, filling: { kind: "properties", keys: ownKeys(value) } };
  }
  const proto: unknown = Reflect.getPrototypeOf(value);
  const name = classOf(value);
  if ((proto === Object.prototype || proto === null) && name === "[object Object]") {
    return { copy: {}, filling: { kind: "properties", keys: ownKeys(value) } };
  }
  const platform = platformCopy(value);
  if (platform !== undefined) return { copy: platform };
  if (name === "[object Error]") return errorShell(value);
  const builtIn = builtInShell(value);
  if (builtIn !== undefined) return builtIn;
  if (name === "[object Arguments]" || hasForeignSlots(value) || isPlatformObject(value))
    throw dataCloneError(
      `Cannot clone object of unsupported type. ${name.slice(8, -1)} is none that can be cloned`,
    );
  return { copy: {}, filling: { kind: "properties", keys: ownKeys(value) } };
}
