/** Temporal: arithmetic, zones, calendars, text and what is refused. */
import type { CaseTable } from "./outcomes.ts";

const DATES = ["2024-02-29", "1582-10-04", "-000001-03-31", "2023-12-31", "1969-12-31"];
const DURATIONS = ["P1M", "P1Y", "-P1M1D", "P400D", "P2W"];
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "+05:30",
];
const UNITS = ["year", "month", "week", "day"] as const;
const CALENDARS = [
  "iso8601",
  "gregory",
  "buddhist",
  "japanese",
  "hebrew",
  "islamic-civil",
  "persian",
  "roc",
  "coptic",
  "indian",
];
const WHEN = "2024-03-31T00:59:59.123456789Z";

const nameOf = (run: () => unknown): unknown => {
  try {
    return String(run());
  } catch (error) {
    return (error as Error).name;
  }
};

const plain: CaseTable = {
  "add and subtract days, months and years": () =>
    DATES.flatMap((date) =>
      DURATIONS.flatMap((duration) => [
        String(Temporal.PlainDate.from(date).add(duration)),
        String(Temporal.PlainDate.from(date).subtract(duration)),
      ]),
    ),
  "overflow: constrain and reject": () =>
    (["constrain", "reject"] as const).map((overflow) =>
      nameOf(() => Temporal.PlainDate.from({ year: 2023, month: 2, day: 31 }, { overflow })),
    ),
  "until and since by unit": () =>
    DATES.flatMap((date) =>
      UNITS.flatMap((largestUnit) => {
        const from = Temporal.PlainDate.from(date);
        const to = Temporal.PlainDate.from("2024-08-15");
        return [String(from.until(to, { largestUnit })), String(from.since(to, { largestUnit }))];
      }),
    ),
  "fields of a date": () =>
    DATES.map((text) => {
      const date = Temporal.PlainDate.from(text);
      return [
        date.dayOfWeek,
        date.dayOfYear,
        date.weekOfYear,
        date.yearOfWeek,
        date.daysInMonth,
        date.inLeapYear,
        date.monthCode,
        date.era,
      ];
    }),
  "times: round, add over midnight, precision": () => {
    const time = Temporal.PlainTime.from("23:59:59.987654321");
    return [
      String(time.add({ nanoseconds: 12_345_679 })),
      String(time.round("second")),
      String(time.round({ smallestUnit: "minute", roundingIncrement: 15, roundingMode: "floor" })),
      time.toString({ fractionalSecondDigits: 3 }),
      time.toString({ smallestUnit: "minute" }),
    ];
  },
  "date-times: with, until, round": () => {
    const from = Temporal.PlainDateTime.from("2024-01-31T12:30:15.5");
    return [
      String(from.with({ month: 2 })),
      String(
        from.until("2024-03-01T00:00", {
          largestUnit: "month",
          smallestUnit: "minute",
          roundingMode: "halfExpand",
        }),
      ),
      String(from.round({ smallestUnit: "hour", roundingMode: "ceil" })),
      String(from.toPlainDate()),
    ];
  },
  "year-months and month-days": () => [
    String(Temporal.PlainYearMonth.from("2024-02").add({ months: 13 })),
    Temporal.PlainYearMonth.from("2024-02").daysInMonth,
    String(Temporal.PlainMonthDay.from("--02-29").toPlainDate({ year: 2023 })),
    Temporal.PlainMonthDay.from("02-29").equals("02-29"),
  ],
  "compare and equals": () => [
    Temporal.PlainDate.compare("2024-01-01", "2024-01-02"),
    Temporal.PlainTime.compare("10:00", "09:59"),
    Temporal.PlainDate.from("2024-01-01").equals("2024-01-01"),
    Temporal.Duration.compare({ hours: 24 }, { days: 1 }),
  ],
};

const exact: CaseTable = {
  "an instant in zones": () =>
    ZONES.map((zone) => String(Temporal.Instant.from(WHEN).toZonedDateTimeISO(zone))),
  "offsets and transitions": () =>
    ZONES.map((zone) => {
      const zoned = Temporal.Instant.from(WHEN).toZonedDateTimeISO(zone);
      return [
        zoned.offset,
        zoned.hoursInDay,
        String(zoned.startOfDay()),
        String(zoned.getTimeZoneTransition("next")),
        String(zoned.getTimeZoneTransition("previous")),
      ];
    }),
  "times that are not there, and those that are twice": () =>
    (["earlier", "later", "compatible", "reject"] as const).flatMap((disambiguation) =>
      ["2024-03-31T02:30", "2024-10-27T02:30"].map((text) =>
        nameOf(() =>
          Temporal.PlainDateTime.from(text).toZonedDateTime("Europe/Berlin", { disambiguation }),
        ),
      ),
    ),
  "days and hours over a change of the clock": () => {
    const zoned = Temporal.ZonedDateTime.from("2024-03-30T12:00[Europe/Berlin]");
    return [
      String(zoned.add({ days: 1 })),
      String(zoned.add({ hours: 24 })),
      String(zoned.until("2024-04-01T12:00[Europe/Berlin]", { largestUnit: "day" })),
    ];
  },
  "offsets that do not fit": () =>
    (["use", "prefer", "ignore", "reject"] as const).map((offset) =>
      nameOf(() =>
        Temporal.ZonedDateTime.from("2024-07-01T12:00+01:00[Europe/Berlin]", { offset }),
      ),
    ),
  "instants as numbers and text": () => {
    const instant = Temporal.Instant.from(WHEN);
    return [
      instant.epochMilliseconds,
      String(instant.epochNanoseconds),
      String(Temporal.Instant.fromEpochMilliseconds(-1)),
      instant.toString({ timeZone: "Asia/Tokyo", smallestUnit: "second" }),
      String(instant.round({ smallestUnit: "hour", roundingMode: "halfEven" })),
      String(new Date(0).toTemporalInstant()),
      JSON.stringify({ instant }),
    ];
  },
  "now is this second, in UTC": () => [
    Math.abs(Temporal.Now.instant().epochMilliseconds - Date.now()) < 1000,
    Temporal.Now.zonedDateTimeISO("Asia/Tokyo").timeZoneId,
    Temporal.Now.plainDateISO("UTC").calendarId,
  ],
};

const durations: CaseTable = {
  "total and round": () => {
    const duration = Temporal.Duration.from("P1Y2M3DT4H5M6.789S");
    const relativeTo = "2024-01-31";
    return [
      duration.total({ unit: "hours", relativeTo }),
      duration.total({ unit: "months", relativeTo }),
      String(duration.round({ largestUnit: "days", relativeTo })),
      String(duration.round({ smallestUnit: "month", relativeTo })),
      nameOf(() => duration.total("days")),
      String(Temporal.Duration.from({ minutes: 130 }).round({ largestUnit: "hour" })),
    ];
  },
  "negated, abs, sign, with, blank": () => {
    const duration = Temporal.Duration.from("-PT90M");
    return [
      String(duration.negated()),
      String(duration.abs()),
      duration.sign,
      String(duration.with({ hours: -1 })),
      new Temporal.Duration().blank,
      String(new Temporal.Duration()),
    ];
  },
  "add and subtract": () => [
    String(Temporal.Duration.from("PT23H").add("PT2H")),
    String(Temporal.Duration.from("P1D").subtract("PT1H")),
    nameOf(() => Temporal.Duration.from("P1M").add("P1D")),
  ],
  "text with fractions": () =>
    ["PT0.000000001S", "P1DT0.5H", "PT1.5M", "-PT0.25S"].map((text) =>
      String(Temporal.Duration.from(text)),
    ),
};

const more: CaseTable = {
  "calendars: fields and text": () =>
    CALENDARS.map((calendar) => {
      const date = Temporal.PlainDate.from("2024-02-29").withCalendar(calendar);
      return [
        calendar,
        date.year,
        date.month,
        date.monthCode,
        date.day,
        date.monthsInYear,
        date.daysInYear,
        String(date),
      ];
    }),
  "calendars: a year later": () =>
    CALENDARS.map((calendar) =>
      String(
        Temporal.PlainDate.from("2024-02-29")
          .withCalendar(calendar)
          .add({ years: 1 })
          .withCalendar("iso8601"),
      ),
    ),
  "in a locale": () => [
    Temporal.PlainDate.from("2024-02-29").toLocaleString("de-DE", { dateStyle: "long" }),
    Temporal.PlainTime.from("13:05")
      .toLocaleString("en-US", { timeStyle: "short" })
      .replace(/\s/, " "),
    Temporal.ZonedDateTime.from("2024-02-29T13:05[Europe/Berlin]").toLocaleString("en-GB", {
      dateStyle: "medium",
      timeStyle: "short",
    }),
    new Intl.DateTimeFormat("fr-FR").format(Temporal.PlainDate.from("2024-02-29")),
    new Intl.DateTimeFormat("en-US", { timeZone: "Asia/Tokyo" }).format(new Date(0)),
    Temporal.Duration.from("PT1H2M").toLocaleString("en-US"),
  ],
  "what is no date": () =>
    [
      "2024-13-01",
      "2024-02-30",
      "24-01-01",
      "",
      "2024-01-01T25:00",
      "2024-01-01[u-ca=nope]",
      "-000000-01-01",
      "+275761-01-01",
    ].map((text) => nameOf(() => Temporal.PlainDate.from(text))),
  "what is no instant": () =>
    ["2024-01-01", "2024-01-01T00:00", "2024-01-01T00:00:61Z"].map((text) =>
      nameOf(() => Temporal.Instant.from(text)),
    ),
  "no number and no order by operators": () => [
    nameOf(() => Number(Temporal.PlainDate.from("2024-01-01"))),
    nameOf(() => Temporal.Now.instant() < Temporal.Now.instant()),
  ],
  "not to be called, nor to be copied": () => [
    nameOf(() => (Temporal.PlainDate as unknown as () => unknown)()),
    nameOf(() => structuredClone(Temporal.PlainDate.from("2024-01-01"))),
  ],
  "names and tags": () => [
    Object.getOwnPropertyNames(Temporal).sort(),
    Object.prototype.toString.call(Temporal),
    Object.prototype.toString.call(Temporal.Now),
    Object.prototype.toString.call(Temporal.Now.instant()),
    Temporal.PlainDate.name,
    Temporal.PlainDate.length,
    Object.keys(Temporal),
  ],
};

export const cases: CaseTable = { ...plain, ...exact, ...durations, ...more };
