/** Everything that the guest's `intl` part calls. */
import type { HostOperations, HostValue } from "../host-function.ts";
import { HostError } from "../host-function.ts";
import { completeDateOptions, type DateParts } from "./dates.ts";
import {
  askLocale,
  canonicalLocales,
  changeCase,
  describeLocale,
  supportedLocales,
  supportedValues,
} from "./locales.ts";
import { asGuestErrors, serviceOf } from "./services.ts";

/** These calls cannot be interrupted, so what they get is bounded. */
const TEXT_MAX = 1_048_576;
const DIGITS_MAX = 10_000;

function boundedText(value: HostValue): string {
  const text = String(value);
  if (text.length > TEXT_MAX)
    throw new HostError(
      "RangeError",
      `Cannot use the text: ${text.length} characters is more than ${TEXT_MAX}`,
    );
  return text;
}

/** A number as it is, or the digits of a BigInt or a numeric string. */
function boundedNumber(value: HostValue): number | string {
  if (typeof value === "number") return value;
  const digits = String(value);
  if (digits.length > DIGITS_MAX)
    throw new HostError(
      "RangeError",
      `Cannot format the number: ${digits.length} digits is more than ${DIGITS_MAX}`,
    );
  return digits;
}

const parse = <T>(json: HostValue): T => JSON.parse(String(json)) as T;

/** How the arguments of a method crossed the bridge. */
function argumentsOf(kind: string, args: HostValue[]): unknown[] {
  if (kind === "ListFormat" || kind === "DurationFormat")
    return args.map((json) => parse(boundedText(json)));
  if (kind === "NumberFormat") return args.map(boundedNumber);
  return args.map((value) => (typeof value === "string" ? boundedText(value) : value));
}

function invoke(key: HostValue, method: HostValue, args: HostValue[]): HostValue {
  const service = serviceOf(key);
  const kind = String(key).slice(2, String(key).indexOf('"', 2));
  const run = service[String(method)];
  if (typeof run !== "function")
    throw new HostError("TypeError", `Intl.${kind} has no method ${String(method)} in PiCloud`);
  const result = asGuestErrors(() => run.apply(service, argumentsOf(kind, args)));
  return typeof result === "string" || result === undefined ? result : JSON.stringify(result);
}

/** [end, isWordLike] of every segment; the guest cuts the text itself. */
function segments(key: HostValue, text: HostValue): string {
  const segmenter = serviceOf(key) as unknown as Intl.Segmenter;
  const found: (number | boolean)[] = [];
  for (const { index, segment, isWordLike } of segmenter.segment(boundedText(text))) {
    found.push(index + segment.length, isWordLike ?? false);
  }
  return JSON.stringify(found);
}

function formatDate(
  parts: HostValue,
  locales: HostValue,
  options: HostValue,
  time: HostValue,
): string {
  const completed = completeDateOptions(
    String(parts) as DateParts,
    parse<Record<string, unknown>>(options),
  );
  const key = JSON.stringify(["DateTimeFormat", parse(locales), completed]);
  return asGuestErrors(() =>
    (serviceOf(key) as unknown as Intl.DateTimeFormat).format(Number(time)),
  );
}

export const intlOperations: HostOperations = {
  "intl.check": (_context, key) => {
    serviceOf(key);
    return undefined;
  },
  "intl.number": (_context, key, value) =>
    asGuestErrors(() =>
      (serviceOf(key) as unknown as Intl.NumberFormat).format(boundedNumber(value) as number),
    ),
  "intl.date": (_context, key, time) =>
    asGuestErrors(() => (serviceOf(key) as unknown as Intl.DateTimeFormat).format(Number(time))),
  "intl.compare": (_context, key, a, b) =>
    (serviceOf(key) as unknown as Intl.Collator).compare(boundedText(a), boundedText(b)),
  "intl.invoke": (_context, key, method, ...args) => invoke(key, method, args),
  "intl.segments": (_context, key, text) => segments(key, text),
  "intl.formatDate": (_context, parts, locales, options, time) =>
    formatDate(parts, locales, options, time),
  "intl.locale": (_context, tag, options) => describeLocale(String(tag), parse(options)),
  "intl.askLocale": (_context, tag, method) => askLocale(String(tag), String(method)),
  "intl.canonicalLocales": (_context, locales) => canonicalLocales(parse(locales)),
  "intl.supportedLocales": (_context, kind, locales, options) =>
    supportedLocales(String(kind), parse(locales), parse(options)),
  "intl.supportedValues": (_context, key) => supportedValues(String(key)),
  "intl.changeCase": (_context, upper, locales, text) =>
    changeCase(upper === true, parse(locales), boundedText(text)),
};
