/** Intl.Locale, and what is asked of Intl itself. */
import { asGuestErrors, localesOrDefault, serviceClass } from "./services.ts";

const MEMBERS = [
  "baseName",
  "calendar",
  "caseFirst",
  "collation",
  "firstDayOfWeek",
  "hourCycle",
  "language",
  "numberingSystem",
  "numeric",
  "region",
  "script",
  "variants",
] as const;
const METHODS = [
  "getCalendars",
  "getCollations",
  "getHourCycles",
  "getNumberingSystems",
  "getTextInfo",
  "getTimeZones",
  "getWeekInfo",
];

type LocaleMembers = Record<string, unknown>;

/** Every accessor of the locale, and its tag, as JSON. */
export function describeLocale(tag: string, options: object): string {
  const locale = asGuestErrors(() => new Intl.Locale(tag, options)) as unknown as LocaleMembers & {
    toString(): string;
  };
  const members: LocaleMembers = { tag: locale.toString() };
  for (const name of MEMBERS) if (locale[name] !== undefined) members[name] = locale[name];
  return JSON.stringify(members);
}

/** maximize and minimize give a tag; the others a list or an object. */
export function askLocale(tag: string, method: string): string {
  const locale = new Intl.Locale(tag);
  if (method === "maximize" || method === "minimize") return locale[method]().toString();
  if (!METHODS.includes(method)) throw new TypeError(`Intl.Locale has no method ${method}`);
  const answer = (locale as unknown as Record<string, () => unknown>)[method]?.();
  return JSON.stringify(answer ?? null);
}

export const canonicalLocales = (locales: string[]): string =>
  JSON.stringify(asGuestErrors(() => Intl.getCanonicalLocales(locales)));

export const supportedLocales = (kind: string, locales: string[], options: object): string =>
  JSON.stringify(
    asGuestErrors(() => serviceClass(kind).supportedLocalesOf?.(locales, options) ?? []),
  );

export const supportedValues = (key: string): string =>
  JSON.stringify(asGuestErrors(() => Intl.supportedValuesOf(key as "calendar")));

export function changeCase(upper: boolean, locales: string[], text: string): string {
  const chosen = localesOrDefault(locales);
  return asGuestErrors(() =>
    upper ? text.toLocaleUpperCase(chosen) : text.toLocaleLowerCase(chosen),
  );
}
