/** Deno.inspect: a value as text for people. */
import { begin, DEFAULTS, type Inspection, type InspectOptions } from "./context.ts";
import { columns, wrap } from "./layout.ts";
import { preferQuotes, writeKey, writePrimitive } from "./primitives.ts";
import { builtinEntries, className, isCustom } from "./shapes.ts";

const DENO_CUSTOM = Symbol.for("Deno.customInspect");
const NODE_CUSTOM = Symbol.for("nodejs.util.inspect.custom");

export function inspect(value: unknown, options?: Partial<InspectOptions>): string {
  const merged = options === undefined ? DEFAULTS : { ...DEFAULTS, ...options };
  return write(begin(merged), value);
}

/** util.inspect: the same, in Node's quotes and to Node's depth. */
export function inspectAsNode(value: unknown, options: { depth?: number | null } = {}): string {
  preferQuotes("'");
  try {
    return inspect(value, {
      ...options,
      depth: options.depth === null ? Infinity : (options.depth ?? 2),
    });
  } finally {
    preferQuotes('"');
  }
}

export function write(state: Inspection, value: unknown): string {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return writePrimitive(value, state.options.strAbbreviateSize);
  }
  const custom = customText(state, value);
  if (custom !== null) return custom;
  if (state.seen.includes(value)) {
    const number = state.circular.get(value) ?? state.circular.size + 1;
    state.circular.set(value, number);
    return `[Circular *${number}]`;
  }
  state.seen.push(value);
  state.depth++;
  let text: string;
  try {
    text = writeObject(state, value);
  } finally {
    state.depth--;
    state.seen.pop();
  }
  const reference = state.circular.get(value);
  return reference === undefined ? text : `<ref *${reference}> ${text}`;
}

function customText(state: Inspection, value: object): string | null {
  for (const symbol of [DENO_CUSTOM, NODE_CUSTOM]) {
    if (!isCustom(value, symbol)) continue;
    const method = (value as Record<symbol, (...args: unknown[]) => unknown>)[symbol] as (
      ...args: unknown[]
    ) => unknown;
    const result: unknown =
      symbol === DENO_CUSTOM
        ? method.call(value, inspect, state.options)
        : method.call(value, state.options.depth - state.depth, state.options, inspect);
    return typeof result === "string" ? result : result === value ? null : write(state, result);
  }
  return null;
}

function writeObject(state: Inspection, value: object): string {
  // Past the depth only what is empty or one word is written; `state.depth` counts this object already.
  if (state.depth > state.options.depth + 1 && !isEmpty(value)) {
    return Array.isArray(value) ? "[Array]" : `[${className(value) || "Object"}]`;
  }
  const before = state.deepest;
  state.deepest = state.depth;
  const shape = builtinEntries(state, value, write);
  if (shape.keys.length === 0 && (shape.text !== undefined || shape.entries.length === 0)) {
    // As Node does it: such a value is no level of nesting.
    state.deepest = before;
    if (shape.text !== undefined) return shape.text;
  }
  state.indent += 2;
  const entries = shape.entries.slice();
  for (const key of shape.keys) {
    if (state.budget-- <= 0) {
      entries.push("... more");
      break;
    }
    entries.push(writeProperty(state, value, key));
  }
  state.indent -= 2;
  if (state.options.sorted && !Array.isArray(value)) entries.sort();
  const prefix = shape.text ?? shape.prefix;
  if (
    shape.list &&
    entries.length > 6 &&
    state.options.compact &&
    !entries.some((entry) => entry.includes("\n"))
  ) {
    const more = (entries.at(-1) as string).startsWith("... ");
    const rows = columns(state, entries, shape.numeric, more);
    if (rows !== entries) return wrap(state, rows, prefix, "[", "]", true);
  }
  return wrap(state, entries, prefix, shape.list ? "[" : "{", shape.list ? "]" : "}");
}

/** Functions and what has no properties at all are as short as what would stand for them. */
function isEmpty(value: object): boolean {
  if (typeof value === "function") return true;
  const isList = Array.isArray(value);
  if (!isBare(value) || (isList && value.length > 0)) return false;
  return Reflect.ownKeys(value).length === (isList ? 1 : 0);
}

function isBare(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}

function writeProperty(state: Inspection, holder: object, key: string | symbol): string {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const label = descriptor?.enumerable === false ? `[${String(key)}]` : writeKey(key);
  if (descriptor === undefined) return `${label}: undefined`;
  if ("value" in descriptor) return `${label}: ${write(state, descriptor.value)}`;
  if (descriptor.get === undefined) return `${label}: [Setter]`;
  if (!state.options.getters)
    return `${label}: ${descriptor.set === undefined ? "[Getter]" : "[Getter/Setter]"}`;
  return `${label}: [Getter: ${write(state, descriptor.get.call(holder))}]`;
}
