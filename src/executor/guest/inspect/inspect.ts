/** Deno.inspect: a value as text for people. The rules are those of Node's util.inspect, from which Deno's come. */
import {
  arrayShape,
  bufferShape,
  collectionShape,
  dataViewShape,
  iteratorShape,
  typedShape,
} from "./collections.ts";
import { DEFAULTS, Inspection, type InspectOptions } from "./context.ts";
import { errorShape } from "./errors.ts";
import {
  isProxy,
  promiseResult,
  promiseState,
  type PromiseState,
  proxyParts,
  targetOf,
} from "./hidden.ts";
import { wrap } from "./layout.ts";
import { classTag, constructorName, functionText, prefixOf, tagOf } from "./names.ts";
import { isPrototype, platformShape } from "./platform.ts";
import { writePrimitive } from "./primitives.ts";
import { type Key, shownKeys, shownNames, writeProperty } from "./properties.ts";
import type { Shape } from "./shape.ts";

const DENO_CUSTOM = Symbol.for("Deno.customInspect");
const NODE_CUSTOM = Symbol.for("nodejs.util.inspect.custom");

export function inspect(value: unknown, options?: Partial<InspectOptions>): string {
  const merged = options === undefined ? DEFAULTS : { ...DEFAULTS, ...options };
  return write(new Inspection(merged, write), value, 0, false);
}

export interface NodeOptions {
  depth?: number | null;
  compact?: boolean | number;
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
}

/** util.inspect: the same, in Node's quotes and to Node's depth. */
export function inspectAsNode(value: unknown, options: NodeOptions = {}): string {
  const { depth, maxArrayLength, maxStringLength, ...rest } = options;
  const limit = (given: number | null | undefined, usual: number): number =>
    given === null ? Infinity : (given ?? usual);
  return inspect(value, {
    ...rest,
    quote: "'",
    depth: limit(depth, 2),
    iterableLimit: limit(maxArrayLength, DEFAULTS.iterableLimit),
    strAbbreviateSize: limit(maxStringLength, DEFAULTS.strAbbreviateSize),
  });
}

function write(state: Inspection, value: unknown, depth: number, asPart: boolean): string {
  if (value === null || (typeof value !== "object" && typeof value !== "function"))
    return writePrimitive(state, value);
  if (!isProxy(value)) return writeUnder(state, value, value, depth, asPart);
  if (state.options.showProxy)
    return customText(state, value, value, depth) ?? writeProxy(state, value, depth);
  const target = targetOf(value);
  return target === null
    ? state.style("<Revoked Proxy>", "special")
    : writeUnder(state, value, target, depth, asPart);
}

/** `outer` is the proxy that stands for the value, or the value itself. */
function writeUnder(
  state: Inspection,
  outer: object,
  value: object,
  depth: number,
  asPart: boolean,
): string {
  const custom = customText(state, outer, value, depth);
  if (custom !== null) return custom;
  if (state.seen.includes(value)) {
    const number = state.circular.get(value) ?? state.circular.size + 1;
    state.circular.set(value, number);
    return state.style(`[Circular *${number}]`, "special");
  }
  return writeObject(state, value, depth, asPart);
}

function writeProxy(state: Inspection, value: object, depth: number): string {
  const parts = proxyParts(value);
  if (parts === null) return state.style("<Revoked Proxy>", "special");
  if (depth > state.options.depth) return state.style("Proxy [Array]", "special");
  const texts = parts.map((part) => state.indented(() => state.write(part, depth + 1)));
  return wrap(state, texts, { base: "", open: "Proxy [", close: "]", list: null }, depth + 1);
}

function methodOf(value: object, symbol: symbol): ((...args: unknown[]) => unknown) | null {
  try {
    const method = (value as Record<symbol, unknown>)[symbol];
    return typeof method === "function" ? (method as () => unknown) : null;
  } catch {
    return null;
  }
}

function customText(state: Inspection, outer: object, value: object, depth: number): string | null {
  const { options } = state;
  const deno = methodOf(value, DENO_CUSTOM);
  if (deno !== null) {
    const again = (inner: unknown, more?: object): string =>
      inspect(inner, { ...options, ...more });
    const result = deno.call(outer, again, options);
    return result === outer ? null : String(result);
  }
  const node = methodOf(value, NODE_CUSTOM);
  if (node === null) return null;
  const result = node.call(outer, options.depth - depth, options, inspectAsNode);
  if (result === outer) return null;
  if (typeof result === "object" && result !== null) return state.write(result, depth);
  return String(result).replaceAll("\n", `\n${" ".repeat(state.indent)}`);
}

function writeObject(state: Inspection, value: object, depth: number, asPart: boolean): string {
  const constructor = constructorName(value);
  const tag = tagOf(value);
  const shape = shapeOf(state, value, constructor, tag, asPart);
  const { whole, base = "", prefix, list } = shape;
  if (whole !== undefined && shape.keys.length === 0) return whole;
  if (depth > state.options.depth) {
    const name = prefixOf(constructor, tag, "Object").slice(0, -1);
    return state.style(constructor === null ? name : `[${name}]`, "special");
  }
  state.seen.push(value);
  state.currentDepth = depth + 1;
  const entries = shape.entries?.(depth + 1) ?? [];
  const properties = propertiesOf(state, value, shape.keys, depth + 1);
  state.seen.pop();
  const all = sorted(state, entries, properties, list !== undefined);
  const number = state.circular.get(value);
  const reference = number === undefined ? "" : state.style(`<ref *${number}>`, "special");
  return wrap(
    state,
    all,
    {
      base: [reference, base].filter((text) => text !== "").join(" "),
      open: prefix + (list === undefined ? "{" : "["),
      close: list === undefined ? "}" : "]",
      list:
        list === undefined
          ? null
          : {
              numeric: all.every((_, i) => /^(?:number|bigint)$/.test(typeof list[i])),
              alone: state.options.iterableLimit < all.length ? 1 : 0,
            },
    },
    depth + 1,
  );
}

function propertiesOf(
  state: Inspection,
  value: object,
  keys: readonly Key[],
  depth: number,
): string[] {
  const properties: string[] = [];
  for (const key of keys) {
    if (state.budget-- <= 0) {
      properties.push("... more");
      break;
    }
    properties.push(writeProperty(state, value, key, depth));
  }
  return properties;
}

function sorted(
  state: Inspection,
  entries: string[],
  properties: string[],
  isList: boolean,
): string[] {
  if (!state.options.sorted) return [...entries, ...properties];
  return isList ? [...entries, ...properties.toSorted()] : [...entries, ...properties].toSorted();
}

const typedTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

function shapeOf(
  state: Inspection,
  value: object,
  constructor: string | null,
  tag: string,
  asPart: boolean,
): Shape {
  if (Array.isArray(value)) return arrayShape(state, value as unknown[], constructor, tag);
  const typed = typedTag.call(value);
  if (typed !== undefined) return typedShape(state, value as Uint8Array, constructor, tag);
  if (typeof value === "function") {
    const text = functionText(value, constructor, tag);
    return {
      whole: state.style(text, "special"),
      base: text,
      prefix: "",
      keys: shownKeys(state, value),
    };
  }
  if (Error.isError(value) || (value instanceof Error && !isPrototype(value)))
    return errorShape(state, value, constructor, tag);
  return (
    (constructor !== null && tag !== "" ? platformShape(state, value, constructor, tag) : null) ??
    builtInShape(state, value, constructor, tag, asPart) ??
    plainShape(state, value, constructor, tag)
  );
}

function plainShape(
  state: Inspection,
  value: object,
  constructor: string | null,
  tag: string,
): Shape {
  const keys = shownKeys(state, value);
  let prefix = constructor === "Object" && tag === "" ? "" : prefixOf(constructor, tag, "Object");
  if (classTag(value) === "[object Arguments]") prefix = "[Arguments] ";
  return { whole: `${prefix}{}`, prefix, keys };
}

/** A text of its own, with the class before it where that is not the usual one. */
function textShape(
  state: Inspection,
  value: object,
  text: string,
  [prefix, usual]: [prefix: string, usual: string],
  style: "date" | "regexp",
): Shape {
  const base = prefix === `${usual} ` ? text : prefix + text;
  return { whole: state.style(base, style), base, prefix: "", keys: shownKeys(state, value) };
}

const { getTime, toISOString } = Date.prototype;
const isWeak = (value: object): boolean => value instanceof WeakMap || value instanceof WeakSet;
const isBuffer = (value: object): value is ArrayBuffer =>
  (value instanceof ArrayBuffer && answers(bufferLength, value)) ||
  (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer);

function builtInShape(
  state: Inspection,
  value: object,
  constructor: string | null,
  tag: string,
  asPart: boolean,
): Shape | null {
  const prefix = (fallback: string): string => prefixOf(constructor, tag, fallback);
  const collection =
    collectionShape(state, value, constructor, tag) ?? iteratorShape(state, value, tag);
  if (collection !== null) return collection;
  const time = value instanceof Date || constructor === null ? timeOf(value) : null;
  if (time !== null) {
    const text = Number.isNaN(time) ? "Invalid Date" : toISOString.call(new Date(time));
    return textShape(state, value, text, [prefix("Date"), "Date"], "date");
  }
  if (isRegExp(value, constructor)) {
    const text = `/${sourceOf.call(value)}/${value.flags ?? ""}`;
    return textShape(state, value, text, [prefix("RegExp"), "RegExp"], "regexp");
  }
  const promise = promiseState(value);
  if (promise !== null) return promiseShape(state, value, prefix("Promise"), promise);
  if (isWeak(value)) return unknownShape(state, value, prefix("WeakSet"));
  if (isBuffer(value)) return bufferShape(state, value, prefix("ArrayBuffer"), asPart);
  if (value instanceof DataView && answers(viewLength, value))
    return dataViewShape(state, value, prefix("DataView"));
  return boxedShape(state, value, constructor ?? "Object");
}

function unknownShape(state: Inspection, value: object, prefix: string): Shape {
  const keys = shownKeys(state, value);
  return { prefix, entries: () => [state.style("<items unknown>", "special")], keys };
}

function promiseShape(
  state: Inspection,
  value: object,
  prefix: string,
  promise: PromiseState,
): Shape {
  const mark = promise === "fulfilled" ? "" : state.style(`<${promise}>`, "special");
  const entries = (depth: number): string[] => {
    if (promise === "pending") return [mark];
    const result = state.indented(() => state.write(promiseResult(value), depth));
    return [promise === "rejected" ? `${mark} ${result}` : result];
  };
  return { prefix, entries, keys: shownKeys(state, value) };
}

function getterOf(prototype: object, name: string): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown;
}

/** Whether a value is what a getter of the language belongs to, and does not only inherit it. */
function answers(getter: () => unknown, value: object): boolean {
  try {
    Reflect.apply(getter, value, []);
    return true;
  } catch {
    return false;
  }
}

const sourceOf = getterOf(RegExp.prototype, "source") as () => string;
const viewLength = getterOf(DataView.prototype, "byteLength");
const bufferLength = getterOf(ArrayBuffer.prototype, "byteLength");

function isRegExp(value: object, constructor: string | null): value is RegExp {
  if (constructor === null) return classTag(value) === "[object RegExp]";
  return value instanceof RegExp && answers(sourceOf, value);
}

function timeOf(value: object): number | null {
  try {
    return getTime.call(value);
  } catch {
    return null;
  }
}

function boxedShape(state: Inspection, value: object, name: string): Shape | null {
  const boxed = unboxed(value);
  if (boxed === undefined) return null;
  const inner = writePrimitive(new Inspection({ ...state.options, colors: false }, write), boxed);
  const base = `[${name}: ${inner}]`;
  const keys = typeof boxed === "string" ? shownNames(state, value) : shownKeys(state, value);
  return {
    whole: state.style(base, (typeof boxed).startsWith("s") ? "string" : "number"),
    base,
    prefix: "",
    keys,
  };
}

const BOXES = /^\[object (?:Number|String|Boolean|Symbol|BigInt)\]$/;

/** The primitive in a wrapper object; undefined for every other object. */
function unboxed(value: object): unknown {
  if (!BOXES.test(classTag(value))) return undefined;
  for (const { prototype } of [Number, String, Boolean, Symbol, BigInt]) {
    try {
      return (prototype.valueOf as () => unknown).call(value);
    } catch {
      // Not one of these.
    }
  }
  return undefined;
}
