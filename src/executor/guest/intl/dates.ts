import { timeOf } from "./arguments.ts";
import { host } from "./host.ts";
import { DATE_OPTIONS } from "./options.ts";
import { defineService, keyOf, parseAnswer } from "./service.ts";

function rangeOf(start: unknown, end: unknown): [number, number] {
  if (start === undefined || end === undefined)
    throw new TypeError("Cannot format the range: an end is missing");
  return [timeOf(start), timeOf(end)];
}

export const DateTimeFormat = defineService({
  name: "DateTimeFormat",
  options: DATE_OPTIONS,
  callable: true,
  bound: "format",
  methods: {
    format(date: unknown): unknown {
      return host.date(keyOf(this, "DateTimeFormat"), timeOf(date));
    },
    formatToParts(date: unknown): unknown {
      return parseAnswer(host.invoke(keyOf(this, "DateTimeFormat"), "formatToParts", timeOf(date)));
    },
    formatRange(start: unknown, end: unknown): unknown {
      const key = keyOf(this, "DateTimeFormat");
      return host.invoke(key, "formatRange", ...rangeOf(start, end));
    },
    formatRangeToParts(start: unknown, end: unknown): unknown {
      const key = keyOf(this, "DateTimeFormat");
      return parseAnswer(host.invoke(key, "formatRangeToParts", ...rangeOf(start, end)));
    },
  },
});
