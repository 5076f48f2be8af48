/** Names of the options of services, in the order in which ECMA-402 reads them; `?` marks booleans. */
export const DIGITS = [
  "minimumIntegerDigits",
  "minimumFractionDigits",
  "maximumFractionDigits",
  "minimumSignificantDigits",
  "maximumSignificantDigits",
  "roundingIncrement",
  "roundingMode",
  "roundingPriority",
  "trailingZeroDisplay",
];

export const NUMBER_OPTIONS = [
  "localeMatcher",
  "numberingSystem",
  "style",
  "currency",
  "currencyDisplay",
  "currencySign",
  "unit",
  "unitDisplay",
  "notation",
  ...DIGITS,
  "compactDisplay",
  "useGrouping",
  "signDisplay",
];

export const DATE_OPTIONS = [
  "localeMatcher",
  "calendar",
  "numberingSystem",
  "hour12?",
  "hourCycle",
  "timeZone",
  "weekday",
  "era",
  "year",
  "month",
  "day",
  "dayPeriod",
  "hour",
  "minute",
  "second",
  "fractionalSecondDigits",
  "timeZoneName",
  "formatMatcher",
  "dateStyle",
  "timeStyle",
];

export const COLLATOR_OPTIONS = [
  "usage",
  "localeMatcher",
  "collation",
  "numeric?",
  "caseFirst",
  "sensitivity",
  "ignorePunctuation?",
];
