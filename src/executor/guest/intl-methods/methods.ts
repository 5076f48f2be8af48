/** The locale-sensitive methods of built-in prototypes, behind the stubs that core installs. */
import { canonicalize, localesOf, numberOf, optionsOf, textOf } from "../intl/arguments.ts";
import { host } from "../intl/host.ts";
import { COLLATOR_OPTIONS, DATE_OPTIONS, NUMBER_OPTIONS } from "../intl/options.ts";

const getTime = Date.prototype.getTime;

export function formatDate(
  date: unknown,
  parts: "any" | "date" | "time",
  locales: unknown,
  options: unknown,
): string {
  const time = getTime.call(date as Date);
  if (Number.isNaN(time)) return "Invalid Date";
  const read = JSON.stringify(optionsOf(DATE_OPTIONS, options, false));
  return host.formatDate(parts, JSON.stringify(localesOf(locales)), read, time) as string;
}

export function formatNumber(value: number | bigint, locales: unknown, options: unknown): string {
  const key = JSON.stringify([
    "NumberFormat",
    localesOf(locales),
    optionsOf(NUMBER_OPTIONS, options, false),
  ]);
  return host.number(key, numberOf(value)) as string;
}

export function compareTexts(a: string, b: unknown, locales: unknown, options: unknown): number {
  const key = JSON.stringify([
    "Collator",
    localesOf(locales),
    optionsOf(COLLATOR_OPTIONS, options, false),
  ]);
  return host.compare(key, a, textOf(b)) as number;
}

/** Languages whose letters change case in a way of their own. */
const SPECIAL_CASING = /^(?:tr|az|lt|el)(?:-|$)/;

export function changeCase(text: string, upper: boolean, locales: unknown): string {
  const [first = ""] = canonicalize(locales);
  if (SPECIAL_CASING.test(first))
    return host.changeCase(upper, JSON.stringify([first]), text) as string;
  return upper ? text.toUpperCase() : text.toLowerCase();
}
