/** The options of Date's toLocale methods, as ECMA-402's CreateDateTimeFormat completes them. */
import { HostError } from "../host-function.ts";

export type DateParts = "any" | "date" | "time";

const DATE_OPTIONS = ["weekday", "year", "month", "day"];
const TIME_OPTIONS = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];

const numeric = (names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, "numeric"]));
const DATE_DEFAULTS = numeric(["year", "month", "day"]);
const TIME_DEFAULTS = numeric(["hour", "minute", "second"]);

export function completeDateOptions(
  parts: DateParts,
  options: Record<string, unknown>,
): Record<string, unknown> {
  const { dateStyle, timeStyle } = options;
  if (
    (parts === "date" && timeStyle !== undefined) ||
    (parts === "time" && dateStyle !== undefined)
  ) {
    throw new HostError(
      "TypeError",
      `Cannot format the ${parts} only: the options name a style of the other part`,
    );
  }
  if (dateStyle !== undefined || timeStyle !== undefined) return options;
  const wanted = [
    ...(parts === "time" ? [] : DATE_OPTIONS),
    ...(parts === "date" ? [] : TIME_OPTIONS),
  ];
  if (wanted.some((name) => options[name] !== undefined)) return options;
  return {
    ...options,
    ...(parts === "time" ? {} : DATE_DEFAULTS),
    ...(parts === "date" ? {} : TIME_DEFAULTS),
  };
}
