/** Locale lists, options and numbers as they cross to the host. */
import { host } from "./host.ts";
import { isLocale, tagOf } from "./locale-slots.ts";

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

export function textOf(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a symbol to a string");
  return String(value);
}

/** CanonicalizeLocaleList, except that the host looks at the tags. */
export function localesOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [value];
  if (isLocale(value)) return [tagOf(value)];
  if (value === null) throw new TypeError("Cannot use null as a locale list");
  const list = Object(value) as ArrayLike<unknown>;
  const length = Math.min(Math.max(Math.trunc(Number(list.length)) || 0, 0), 10_000);
  const tags: string[] = [];
  for (let index = 0; index < length; index++) {
    if (!(index in list)) continue;
    const tag = list[index];
    if (typeof tag !== "string" && !isObject(tag))
      throw new TypeError("Cannot use a locale that is neither a string nor an object");
    tags[tags.length] = isLocale(tag) ? tagOf(tag) : textOf(tag);
  }
  return tags;
}

function optionOf(value: unknown): unknown {
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return textOf(value);
}

/** Reads the named options, in order, once each; a question mark after the name makes it a boolean. `strict` services take nothing but objects. */
export function optionsOf(
  names: readonly string[],
  given: unknown,
  strict: boolean,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  if (given === undefined) return options;
  if (given === null || (strict && !isObject(given)))
    throw new TypeError("Cannot use the options: they are not an object");
  const source = Object(given) as Record<string, unknown>;
  for (const entry of names) {
    const isBoolean = entry.endsWith("?");
    const name = isBoolean ? entry.slice(0, -1) : entry;
    const value = source[name];
    if (value !== undefined) options[name] = isBoolean ? Boolean(value) : optionOf(value);
  }
  return options;
}

/** What NumberFormat takes: numbers, and BigInts and strings with all their digits. */
export function numberOf(value: unknown): number | string {
  if (typeof value === "number") return value;
  const primitive: unknown = isObject(value) ? toPrimitive(value) : value;
  if (typeof primitive === "bigint" || typeof primitive === "string") return decimalOf(primitive);
  return Number(primitive);
}

function decimalOf(value: bigint | string): number | string {
  if (typeof value === "bigint") return value.toString();
  const trimmed = value.trim();
  return /^[+-]?\d+(\.\d*)?$/.test(trimmed) && trimmed.length > 15 ? trimmed : Number(value);
}

function toPrimitive(value: object): unknown {
  const boxed: unknown = value.valueOf();
  return isObject(boxed) ? Number(value) : boxed;
}

/** Milliseconds: of a Date, of a number, or of now. */
export function timeOf(value: unknown): number {
  const time = value === undefined ? Date.now() : Number(value);
  if (!(Math.abs(time) <= 8.64e15)) throw new RangeError("Invalid time value");
  return Math.trunc(time) + 0;
}

/** The tags in canonical form; RangeError for one that is none. */
export const canonicalize = (locales: unknown): string[] =>
  JSON.parse(host.canonicalLocales(JSON.stringify(localesOf(locales))) as string) as string[];
