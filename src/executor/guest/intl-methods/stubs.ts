/**
 * Locale-sensitive methods of the built-in prototypes. Only these small functions are in every image;
 * the `intl-methods` part is loaded by the first call that needs a locale.
 */
import { usePart } from "../registry.ts";
import type { IntlMethods } from "./part.ts";

const intl = (): IntlMethods => usePart<IntlMethods>("intl-methods");

const numberValue = Number.prototype.valueOf;
const bigintValue = BigInt.prototype.valueOf;
const ALPHANUMERIC = /^[A-Za-z0-9 ]*$/;

function receiver(value: unknown, method: string): string {
  if (value === null || value === undefined)
    throw new TypeError(`String.prototype.${method} called on null or undefined`);
  if (typeof value === "symbol") throw new TypeError("Cannot convert a symbol to a string");
  return String(value);
}

/** Plain letters, digits and spaces have one order in English, which needs no host: case counts last, small first. */
function compareAlphanumeric(a: string, b: string): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  if (left !== right) return left < right ? -1 : 1;
  return a === b ? 0 : a > b ? -1 : 1;
}

function joinLocalized(list: ArrayLike<unknown>, locales: unknown, options: unknown): string {
  let text = "";
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (index > 0) text += ",";
    if (item !== null && item !== undefined)
      text += (item as { toLocaleString(...args: unknown[]): string }).toLocaleString(
        locales,
        options,
      );
  }
  return text;
}

const dateText = Date.prototype.toString;
const timeText = Date.prototype.toTimeString;
/** QuickJS leaves out the zone's name. */
const zoned = (text: string): string =>
  text.endsWith("GMT+0000") ? `${text} (Coordinated Universal Time)` : text;

const dateMethods = {
  toString(this: Date): string {
    return zoned(dateText.call(this));
  },
  toTimeString(this: Date): string {
    return zoned(timeText.call(this));
  },
  toLocaleString(this: unknown, locales?: unknown, options?: unknown): string {
    return intl().formatDate(this, "any", locales, options);
  },
  toLocaleDateString(this: unknown, locales?: unknown, options?: unknown): string {
    return intl().formatDate(this, "date", locales, options);
  },
  toLocaleTimeString(this: unknown, locales?: unknown, options?: unknown): string {
    return intl().formatDate(this, "time", locales, options);
  },
};

const numberMethods = {
  toLocaleString(this: unknown, locales?: unknown, options?: unknown): string {
    return intl().formatNumber(numberValue.call(this as number), locales, options);
  },
};

const bigintMethods = {
  toLocaleString(this: unknown, locales?: unknown, options?: unknown): string {
    return intl().formatNumber(bigintValue.call(this as bigint), locales, options);
  },
};

const listMethods = {
  toLocaleString(this: ArrayLike<unknown>, locales?: unknown, options?: unknown): string {
    return joinLocalized(Object(this) as ArrayLike<unknown>, locales, options);
  },
};

const stringMethods = {
  localeCompare(this: unknown, that: unknown, locales?: unknown, options?: unknown): number {
    const a = receiver(this, "localeCompare");
    const b = typeof that === "symbol" ? receiver(that, "localeCompare") : String(that);
    if (
      locales === undefined &&
      options === undefined &&
      ALPHANUMERIC.test(a) &&
      ALPHANUMERIC.test(b)
    )
      return compareAlphanumeric(a, b);
    return intl().compareTexts(a, b, locales, options);
  },
  toLocaleUpperCase(this: unknown, locales?: unknown): string {
    const text = receiver(this, "toLocaleUpperCase");
    return locales === undefined ? text.toUpperCase() : intl().changeCase(text, true, locales);
  },
  toLocaleLowerCase(this: unknown, locales?: unknown): string {
    const text = receiver(this, "toLocaleLowerCase");
    return locales === undefined ? text.toLowerCase() : intl().changeCase(text, false, locales);
  },
};

function install(prototype: object, methods: object): void {
  for (const [name, value] of Object.entries(methods)) {
    const length = name === "localeCompare" ? 1 : 0;
    Object.defineProperty(value, "length", { value: length, configurable: true });
    Object.defineProperty(prototype, name, {
      value: value as unknown,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
}

/** Called once by core. */
export function installIntlStubs(): void {
  install(Date.prototype, dateMethods);
  install(Number.prototype, numberMethods);
  install(BigInt.prototype, bigintMethods);
  install(String.prototype, stringMethods);
  install(Array.prototype, listMethods);
  install(Object.getPrototypeOf(Uint8Array.prototype) as object, listMethods);
}
