/** Which objects are Intl.Locale, without the class itself. Both parts that bundle this file share the map. */
import { kernel } from "../bridge.ts";

export interface LocaleMembers {
  tag: string;
  [member: string]: unknown;
}

const members = (kernel.parts["intl-locales"] ??= new WeakMap<object, LocaleMembers>()) as WeakMap<
  object,
  LocaleMembers
>;

export const setMembers = (locale: object, value: LocaleMembers): unknown =>
  members.set(locale, value);

export const isLocale = (value: unknown): value is object =>
  typeof value === "object" && value !== null && members.has(value);

export const tagOf = (locale: object): string => membersOf(locale).tag;

export function membersOf(locale: unknown): LocaleMembers {
  const found = typeof locale === "object" && locale !== null ? members.get(locale) : undefined;
  if (found === undefined)
    throw new TypeError("Cannot use this method: the object is not an Intl.Locale");
  return found;
}
