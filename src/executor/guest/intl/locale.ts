import { optionsOf, textOf } from "./arguments.ts";
import { host } from "./host.ts";
import { isLocale, membersOf, setMembers, tagOf, type LocaleMembers } from "./locale-slots.ts";
import { parseAnswer } from "./service.ts";

const OPTIONS = [
  "language",
  "script",
  "region",
  "variants",
  "calendar",
  "collation",
  "firstDayOfWeek",
  "hourCycle",
  "caseFirst",
  "numeric?",
  "numberingSystem",
];
const ACCESSORS = ["baseName", ...OPTIONS.map((name) => name.replace("?", ""))];
const LISTS = [
  "getCalendars",
  "getCollations",
  "getHourCycles",
  "getNumberingSystems",
  "getTimeZones",
  "getTextInfo",
  "getWeekInfo",
];

export class Locale {
  constructor(tag: unknown, options?: unknown) {
    if (typeof tag !== "string" && (typeof tag !== "object" || tag === null)) {
      throw new TypeError("Cannot make an Intl.Locale: the tag is neither a string nor an object");
    }
    const text = isLocale(tag) ? tagOf(tag) : textOf(tag);
    const read = JSON.stringify(optionsOf(OPTIONS, options, false));
    setMembers(this, parseAnswer<LocaleMembers>(host.locale(text, read)));
  }
  toString(): string {
    return tagOf(this);
  }
  maximize(): Locale {
    return new Locale(host.askLocale(membersOf(this).tag, "maximize"));
  }
  minimize(): Locale {
    return new Locale(host.askLocale(membersOf(this).tag, "minimize"));
  }
}

const { defineProperty } = Object;
defineProperty(Locale, "name", { value: "Locale", configurable: true });
defineProperty(Locale, "length", { value: 1, configurable: true });
defineProperty(Locale.prototype, Symbol.toStringTag, { value: "Intl.Locale", configurable: true });

for (const name of ACCESSORS) {
  const get = function (this: unknown): unknown {
    const value = membersOf(this)[name];
    return name === "numeric" ? value === true : value;
  };
  defineProperty(get, "name", { value: `get ${name}`, configurable: true });
  defineProperty(Locale.prototype, name, { get, configurable: true, enumerable: false });
}

for (const name of LISTS) {
  const method = function (this: unknown): unknown {
    return parseAnswer<unknown>(host.askLocale(membersOf(this).tag, name)) ?? undefined;
  };
  defineProperty(method, "name", { value: name, configurable: true });
  defineProperty(Locale.prototype, name, {
    value: method,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
