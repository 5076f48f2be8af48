/** How objects of each kind begin, and what they list besides their own properties. */
import type { Inspection } from "./context.ts";
import { platformShape } from "./platform.ts";
import { writePrimitive } from "./primitives.ts";
import type { Shape, Write } from "./shape.ts";

const typedTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

const moreItems = (count: number): string => `${count} more item${count === 1 ? "" : "s"}`;

/** Name of the constructor, "" for plain objects, null prototype marked. */
export function className(value: object): string {
  let proto: unknown = value;
  for (let i = 0; i < 100 && proto !== null; i++) {
    const descriptor = Object.getOwnPropertyDescriptor(proto, "constructor");
    const constructor: unknown = descriptor?.value;
    if (typeof constructor === "function" && constructor.name !== "" && isMade(value, constructor))
      return constructor.name;
    proto = Object.getPrototypeOf(proto);
  }
  return "[Object: null prototype]";
}

/** A prototype names its constructor too, which has not made it. */
// oxlint-disable-next-line typescript/no-unsafe-function-type
function isMade(value: object, constructor: Function): boolean {
  try {
    return value instanceof constructor;
  } catch {
    return false;
  }
}

export function isCustom(value: object, symbol: symbol): boolean {
  try {
    return typeof (value as Record<symbol, unknown>)[symbol] === "function";
  } catch {
    return false;
  }
}

/** Names cannot be told without those of all items: of longer lists only the items are shown. */
const NAMED_LENGTH_MAX = 100_000;

/** The own keys of a list after its indices, as far as these are without a gap; they come first, in their order. */
function namesOf(list: object): (string | symbol)[] {
  const { length } = list as ArrayLike<unknown>;
  if (length > NAMED_LENGTH_MAX) return [];
  const keys = Reflect.ownKeys(list);
  return keys[length - 1] === String(length - 1) ? keys.slice(length) : keys;
}

function shownKeys(state: Inspection, value: object, indexed: boolean): (string | symbol)[] {
  const keys: (string | symbol)[] = [];
  const { showHidden } = state.options;
  for (const key of indexed ? namesOf(value) : Reflect.ownKeys(value)) {
    if (indexed && typeof key === "string" && /^\d+$/.test(key)) continue;
    if (showHidden || Object.getOwnPropertyDescriptor(value, key)?.enumerable === true)
      keys.push(key);
  }
  return keys;
}

const tagged = (value: object, name: string): string => {
  let tag: unknown;
  try {
    tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
  } catch {
    return name;
  }
  return typeof tag === "string" && tag !== "" && tag !== name
    ? `${name === "" ? "Object" : name} [${tag}]`
    : name;
};

export function builtinEntries(state: Inspection, value: object, write: Write): Shape {
  const name = className(value);
  const plain: Shape = { prefix: "", list: false, numeric: false, entries: [], keys: [] };
  if (Array.isArray(value)) return arrayShape(state, value, name, write);
  const typed = typedTag.call(value);
  if (typed !== undefined)
    return listShape(state, value as never, `${typed}(${(value as Uint8Array).length})`);
  plain.keys = shownKeys(state, value, false);
  if (typeof value === "function") return { ...plain, text: functionText(value, name) };
  const known = knownShape(state, value, name, write);
  if (known !== null) return { ...plain, ...known };
  if (Object.prototype.toString.call(value) === "[object Arguments]")
    return { ...plain, prefix: "[Arguments]" };
  const prefix = tagged(value, name === "Object" ? "" : name);
  return { ...plain, prefix };
}

function arrayShape(state: Inspection, value: unknown[], name: string, write: Write): Shape {
  const { iterableLimit } = state.options;
  const entries: string[] = [];
  let holes = 0;
  const flush = (): void => {
    if (holes > 0) entries.push(`<${holes} empty item${holes === 1 ? "" : "s"}>`);
    holes = 0;
  };
  state.indent += 2;
  const end = Math.min(value.length, 100_000);
  let shown = 0;
  let at = 0;
  for (; at < end && shown < iterableLimit; at++) {
    if (!(at in value)) {
      holes++;
      continue;
    }
    flush();
    entries.push(write(state, value[at]));
    shown++;
  }
  flush();
  state.indent -= 2;
  if (value.length > at) entries.push(`... ${moreItems(value.length - at)}`);
  const numeric = value
    .slice(0, at + 1)
    .every((item) => typeof item === "number" || typeof item === "bigint");
  const prefix = name === "Array" ? "" : `${name}(${value.length})`;
  return { prefix, list: true, numeric, entries, keys: shownKeys(state, value, true) };
}

function listShape(state: Inspection, value: ArrayLike<unknown>, prefix: string): Shape {
  const count = Math.min(value.length, state.options.iterableLimit);
  const entries: string[] = [];
  for (let i = 0; i < count; i++) entries.push(writePrimitive(value[i], 0));
  if (value.length > count) entries.push(`... ${moreItems(value.length - count)}`);
  if (state.options.showHidden) entries.push(...viewEntries(value as unknown as Uint8Array));
  return {
    prefix,
    list: true,
    numeric: true,
    entries,
    keys: shownKeys(state, value, true),
  };
}

const viewEntries = (view: Uint8Array): string[] => [
  `[BYTES_PER_ELEMENT]: ${view.BYTES_PER_ELEMENT}`,
  `[length]: ${view.length}`,
  `[byteLength]: ${view.byteLength}`,
  `[byteOffset]: ${view.byteOffset}`,
  `[buffer]: ${className(view.buffer)} { byteLength: ${view.buffer.byteLength} }`,
];

/** Constructors of the language: functions to the reader, although their prototype is fixed as a class's is. */
const BUILT_IN = new Set<unknown>([
  Array,
  ArrayBuffer,
  BigInt,
  Boolean,
  DataView,
  Date,
  Error,
  EvalError,
  Function,
  Map,
  Number,
  Object,
  Promise,
  Proxy,
  RangeError,
  ReferenceError,
  RegExp,
  Set,
  String,
  Symbol,
  SyntaxError,
  TypeError,
  URIError,
  WeakMap,
  WeakRef,
  WeakSet,
  AggregateError,
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
]);

// oxlint-disable-next-line typescript/no-unsafe-function-type
function functionText(value: Function, name: string): string {
  const own = typeof value.name === "string" && value.name !== "" ? value.name : "";
  const prototype = Object.getOwnPropertyDescriptor(value, "prototype");
  if (prototype !== undefined && prototype.writable === false && !BUILT_IN.has(value)) {
    const parent: unknown = Object.getPrototypeOf(value);
    const base =
      typeof parent === "function" && parent.name !== "" ? ` extends ${parent.name}` : "";
    return `[class ${own === "" ? "(anonymous)" : own}${base}]`;
  }
  const kind = name === "[Object: null prototype]" ? "Function" : name;
  return own === "" ? `[${kind} (anonymous)]` : `[${kind}: ${own}]`;
}

function knownShape(
  state: Inspection,
  value: object,
  name: string,
  write: Write,
): Partial<Shape> | null {
  if (value instanceof Error)
    return { text: errorText(state, value, write), keys: errorKeys(state, value) };
  if (value instanceof Map) return entriesOf(state, value, name, write);
  if (value instanceof Set) return entriesOf(state, value, name, write);
  if (value instanceof Date)
    return { text: Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString() };
  if (value instanceof RegExp) return { text: RegExp.prototype.toString.call(value) };
  if (value instanceof Promise) return { text: "Promise { <pending> }" };
  if (value instanceof WeakMap || value instanceof WeakSet)
    return { text: `${name} { <items unknown> }` };
  if (value instanceof ArrayBuffer) return { prefix: name, entries: bufferEntries(value) };
  if (value instanceof DataView) {
    const { byteLength, byteOffset, buffer } = value;
    const entries = [`byteLength: ${byteLength}`, `byteOffset: ${byteOffset}`];
    return { prefix: name, entries: [...entries, `buffer: ${write(state, buffer)}`] };
  }
  const boxed = unboxed(value);
  if (boxed !== undefined) {
    return {
      text: `[${name}: ${writePrimitive(boxed, 10_000)}]`,
      keys: shownKeys(state, value, typeof boxed === "string"),
    };
  }
  return platformShape(state, value, name, write);
}

function entriesOf(
  state: Inspection,
  value: Map<unknown, unknown> | Set<unknown>,
  name: string,
  write: Write,
): Partial<Shape> {
  const entries: string[] = [];
  state.indent += 2;
  for (const item of value as Iterable<unknown>) {
    if (entries.length >= state.options.iterableLimit) {
      entries.push(`... ${moreItems(value.size - entries.length)}`);
      break;
    }
    if (value instanceof Set) entries.push(write(state, item));
    else
      entries.push(
        `${write(state, (item as unknown[])[0])} => ${write(state, (item as unknown[])[1])}`,
      );
  }
  state.indent -= 2;
  return { prefix: `${name}(${value.size})`, entries };
}

const BYTES_SHOWN = 50;

function bufferEntries(buffer: ArrayBuffer): string[] {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let i = 0; i < Math.min(bytes.length, BYTES_SHOWN); i++) {
    text += `${i === 0 ? "" : " "}${(bytes[i] as number).toString(16).padStart(2, "0")}`;
  }
  if (bytes.length > BYTES_SHOWN) text += ` ... ${bytes.length - BYTES_SHOWN} more bytes`;
  return [`[Uint8Contents]: <${text}>`, `byteLength: ${bytes.length}`];
}

/** The primitive in a wrapper object; undefined for every other object. */
function unboxed(value: object): unknown {
  for (const { prototype } of [Number, String, Boolean, Symbol, BigInt]) {
    try {
      return (prototype.valueOf as () => unknown).call(value);
    } catch {
      // Not one of these.
    }
  }
  return undefined;
}

const errorKeys = (state: Inspection, error: Error): (string | symbol)[] =>
  shownKeys(state, error, false).filter(
    (key) => key !== "cause" && key !== "stack" && key !== "message",
  );

function errorText(state: Inspection, error: Error, write: Write): string {
  const title = `${error.name}${error.message === "" ? "" : `: ${error.message}`}`;
  const stack = typeof error.stack === "string" ? error.stack.trimEnd() : "";
  // A name given after the stack was taken is not in its first line.
  const frames = stack.search(/^ {4}at /m);
  let text =
    stack === "" || stack.startsWith(title)
      ? stack || title
      : `${title}\n${stack.slice(Math.max(0, frames))}`;
  if (Object.hasOwn(error, "cause")) text += `\nCaused by: ${write(state, error.cause)}`;
  if (error instanceof AggregateError) text += ` ${write(state, error.errors)}`;
  return text;
}
