/** Entry of the `intl` part. */
import { definePart } from "../registry.ts";
import { canonicalize, textOf } from "./arguments.ts";
import { DateTimeFormat } from "./dates.ts";
import { host } from "./host.ts";
import { Locale } from "./locale.ts";
import { DurationFormat, NumberFormat, PluralRules, RelativeTimeFormat } from "./numbers.ts";
import { Segmenter } from "./segmenter.ts";
import { parseAnswer } from "./service.ts";
import { Collator, DisplayNames, ListFormat } from "./texts.ts";

const members = {
  getCanonicalLocales: (locales?: unknown): string[] => canonicalize(locales),
  supportedValuesOf: (key: unknown): string[] => parseAnswer(host.supportedValues(textOf(key))),
  Collator,
  DateTimeFormat,
  DisplayNames,
  DurationFormat,
  ListFormat,
  Locale,
  NumberFormat,
  PluralRules,
  RelativeTimeFormat,
  Segmenter,
};

const Intl = {};
for (const [name, value] of Object.entries(members)) {
  Object.defineProperty(Intl, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
Object.defineProperty(Intl, Symbol.toStringTag, { value: "Intl", configurable: true });

definePart("intl", { Intl });
