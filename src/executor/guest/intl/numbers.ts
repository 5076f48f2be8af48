import { numberOf, textOf } from "./arguments.ts";
import { host } from "./host.ts";
import { DIGITS, NUMBER_OPTIONS } from "./options.ts";
import { defineService, keyOf, parseAnswer } from "./service.ts";

function rangeOf(start: unknown, end: unknown): [number | string, number | string] {
  if (start === undefined || end === undefined)
    throw new TypeError("Cannot format the range: an end is missing");
  return [numberOf(start), numberOf(end)];
}

export const NumberFormat = defineService({
  name: "NumberFormat",
  options: NUMBER_OPTIONS,
  callable: true,
  bound: "format",
  methods: {
    format(value: unknown): unknown {
      return host.number(keyOf(this, "NumberFormat"), numberOf(value));
    },
    formatToParts(value: unknown): unknown {
      return parseAnswer(
        host.invoke(keyOf(this, "NumberFormat"), "formatToParts", numberOf(value)),
      );
    },
    formatRange(start: unknown, end: unknown): unknown {
      const key = keyOf(this, "NumberFormat");
      return host.invoke(key, "formatRange", ...rangeOf(start, end));
    },
    formatRangeToParts(start: unknown, end: unknown): unknown {
      const key = keyOf(this, "NumberFormat");
      return parseAnswer(host.invoke(key, "formatRangeToParts", ...rangeOf(start, end)));
    },
  },
});

export const PluralRules = defineService({
  name: "PluralRules",
  options: ["localeMatcher", "type", "notation", "compactDisplay", ...DIGITS],
  methods: {
    select(value: unknown): unknown {
      return host.invoke(keyOf(this, "PluralRules"), "select", Number(value));
    },
    selectRange(start: unknown, end: unknown): unknown {
      const key = keyOf(this, "PluralRules");
      if (start === undefined || end === undefined)
        throw new TypeError("Cannot select for the range: an end is missing");
      return host.invoke(key, "selectRange", Number(start), Number(end));
    },
  },
});

export const RelativeTimeFormat = defineService({
  name: "RelativeTimeFormat",
  options: ["localeMatcher", "numberingSystem", "style", "numeric"],
  methods: {
    format(value: unknown, unit: unknown): unknown {
      return host.invoke(keyOf(this, "RelativeTimeFormat"), "format", Number(value), textOf(unit));
    },
    formatToParts(value: unknown, unit: unknown): unknown {
      return parseAnswer(
        host.invoke(
          keyOf(this, "RelativeTimeFormat"),
          "formatToParts",
          Number(value),
          textOf(unit),
        ),
      );
    },
  },
});

const DURATION_UNITS = [
  "years",
  "months",
  "weeks",
  "days",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
  "microseconds",
  "nanoseconds",
];

/** The fields of a duration, as JSON; a string is left to the host. */
function durationOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null)
    throw new TypeError("Cannot format the duration: it is neither an object nor a string");
  const fields: Record<string, number> = {};
  for (const unit of DURATION_UNITS) {
    const amount = (value as Record<string, unknown>)[unit];
    if (amount === undefined) continue;
    const number = Number(amount);
    if (!Number.isInteger(number))
      throw new RangeError(`Cannot format the duration: ${unit} is not an integer`);
    fields[unit] = number;
  }
  return JSON.stringify(fields);
}

export const DurationFormat = defineService({
  name: "DurationFormat",
  options: [
    "localeMatcher",
    "numberingSystem",
    "style",
    ...DURATION_UNITS.flatMap((unit) => [unit, `${unit}Display`]),
    "fractionalDigits",
  ],
  strict: true,
  methods: {
    format(duration: unknown): unknown {
      return host.invoke(keyOf(this, "DurationFormat"), "format", durationOf(duration));
    },
    formatToParts(duration: unknown): unknown {
      return parseAnswer(
        host.invoke(keyOf(this, "DurationFormat"), "formatToParts", durationOf(duration)),
      );
    },
  },
});
