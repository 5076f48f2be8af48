/** Strings, numbers, symbols and property names as the language writes them. */
import type { Inspection } from "./context.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "\v": "\\v",
  "\\": "\\\\",
};
const NEEDS_ESCAPE = /[\x00-\x1f\x7f-\x9f\\]/g;
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;
const NAME = /^[a-zA-Z_]\w*$/;
const SYMBOL_NAME = /^[a-zA-Z_][\w.]*$/;
/** Shorter texts stay on one line. */
const SPLIT_LENGTH_MIN = 16;

const escapeOf = (char: string): string =>
  ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

// Scripts may replace what String.prototype.replace calls.
const replaceIn = RegExp.prototype[Symbol.replace];
const { exec } = RegExp.prototype;
const { apply } = Reflect;
function escaped(text: string, pattern: RegExp): string {
  pattern.lastIndex = 0;
  if (apply(exec, pattern, [text]) === null) return text;
  pattern.lastIndex = 0;
  return apply(replaceIn as never, pattern, [text, escapeOf]);
}
const isMatch = (pattern: RegExp, text: string): boolean => apply(exec, pattern, [text]) !== null;

/** In the preferred quotes, or in those that need no escape. */
export function quote(state: Inspection, text: string): string {
  const first = state.options.quote;
  const marks = [first, first === '"' ? "'" : '"', "`"];
  const mark = marks.find((candidate) => !text.includes(candidate)) ?? first;
  const wellFormed = text.toWellFormed();
  const inner = state.options.escapeSequences ? escaped(wellFormed, NEEDS_ESCAPE) : wellFormed;
  return mark + (mark === first ? inner.replaceAll(mark, `\\${mark}`) : inner) + mark;
}

export function writeString(state: Inspection, text: string): string {
  const { strAbbreviateSize: limit, breakLength } = state.options;
  const more = text.length - limit;
  const shown = more > 0 ? text.slice(0, limit) : text;
  const tail = more > 0 ? `... ${more} more character${more === 1 ? "" : "s"}` : "";
  const write = (line: string): string => state.style(quote(state, line), "string");
  if (shown.length <= SPLIT_LENGTH_MIN || shown.length <= breakLength - state.indent - 4)
    return write(shown) + tail;
  const lines = shown.split("\n").map((line, i, all) => (i < all.length - 1 ? `${line}\n` : line));
  if (lines.at(-1) === "") lines.pop();
  return lines.map(write).join(` +\n${" ".repeat(state.indent + 2)}`) + tail;
}

export const moreItems = (count: number): string =>
  `... ${count} more item${count === 1 ? "" : "s"}`;

export const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : `${value}`);

export function writePrimitive(state: Inspection, value: unknown): string {
  switch (typeof value) {
    case "string":
      return writeString(state, value);
    case "number":
      return state.style(numberText(value), "number");
    case "bigint":
      return state.style(`${value}n`, "number");
    case "boolean":
      return state.style(`${value}`, "number");
    case "symbol":
      return state.style(symbolText(state, value), "string");
    default:
      return value === null ? state.style("null", "null") : state.style("undefined", "undefined");
  }
}

function symbolText(state: Inspection, symbol: symbol): string {
  const { description } = symbol;
  if (description === undefined) return "Symbol()";
  return `Symbol(${isMatch(SYMBOL_NAME, description) ? description : quote(state, description)})`;
}

const symbolKey = (symbol: symbol): string => {
  const { description } = symbol;
  return description === undefined ? "Symbol()" : `Symbol(${escaped(description, CONTROL)})`;
};

export function writeKey(state: Inspection, key: string | symbol, hidden: boolean): string {
  if (typeof key === "symbol")
    return hidden ? `[${symbolKey(key)}]` : state.style(symbolKey(key), "string");
  if (key === "__proto__") return "['__proto__']";
  if (hidden) return `[${escaped(key, CONTROL)}]`;
  return isMatch(NAME, key) ? key : state.style(quote(state, key), "string");
}
