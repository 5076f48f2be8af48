/** Intl and the locale-sensitive methods of built-ins. The zone of every default is UTC where the runtime's is. */
import type { CaseTable } from "./outcomes.ts";

const WHEN = Date.UTC(2024, 1, 29, 13, 5, 9, 42);
const LATER = Date.UTC(2024, 2, 2, 8, 0, 0);
const LOCALES = [
  "en-US",
  "en-GB",
  "de-DE",
  "fr-FR",
  "ja-JP",
  "ar-EG",
  "pt-BR",
  "hi-IN",
  "sv-SE",
  "zh-Hans-CN",
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  1.5,
  1234.5,
  1e6,
  123456789.987,
  1e21,
  0.000001234,
  Number.NaN,
  Infinity,
  -Infinity,
];
const nameOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as Error).name;
  }
};
const everywhere = (run: (locale: string) => unknown) => () => LOCALES.map(run);

const dates: CaseTable = {
  "dates by style": everywhere((locale) =>
    (["full", "long", "medium", "short"] as const).map((style) =>
      new Intl.DateTimeFormat(locale, {
        dateStyle: style,
        timeStyle: style,
        timeZone: "UTC",
      }).format(WHEN),
    ),
  ),
  "dates by parts of time": everywhere((locale) =>
    new Intl.DateTimeFormat(locale, {
      weekday: "short",
      year: "numeric",
      month: "short",
      day: "2-digit",
      hour: "numeric",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
      timeZone: "UTC",
    }).format(WHEN),
  ),
  "dates in time zones, across daylight saving": () =>
    [
      "America/New_York",
      "Europe/Berlin",
      "Asia/Kolkata",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "+05:30",
      "UTC",
    ].map((timeZone) =>
      [WHEN, Date.UTC(2024, 6, 1), Date.UTC(2024, 2, 31, 1, 30)].map((time) =>
        new Intl.DateTimeFormat("en-GB", {
          timeZone,
          dateStyle: "short",
          timeStyle: "long",
        }).format(time),
      ),
    ),
  "date parts": () =>
    new Intl.DateTimeFormat("en-US", {
      dateStyle: "medium",
      timeStyle: "short",
      timeZone: "UTC",
    }).formatToParts(WHEN),
  "date ranges": everywhere((locale) => {
    const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
    return [
      format.formatRange(WHEN, LATER),
      format.formatRange(WHEN, WHEN),
      format.formatRangeToParts(WHEN, LATER).map((part) => part.source),
    ];
  }),
  "date format is bound": () =>
    [WHEN, LATER].map(new Intl.DateTimeFormat("en-US", { timeZone: "UTC" }).format),
  "date options that are resolved": () => {
    const { locale, calendar, numberingSystem, timeZone, hourCycle, hour12, hour } =
      new Intl.DateTimeFormat("de", {
        hour: "numeric",
        timeZone: "Europe/Vienna",
      }).resolvedOptions() as Intl.ResolvedDateTimeFormatOptions & { hour: string };
    return { locale, calendar, numberingSystem, timeZone, hourCycle, hour12, hour };
  },
  "date errors": () => [
    nameOf(() => new Intl.DateTimeFormat("en", { timeZone: "Mars/Olympus" })),
    nameOf(() => new Intl.DateTimeFormat("en", { month: "huge" as "long" })),
    nameOf(() => new Intl.DateTimeFormat("not a locale")),
    nameOf(() => new Intl.DateTimeFormat(null as unknown as string)),
    nameOf(() => new Intl.DateTimeFormat("en").format(Number.NaN)),
    nameOf(() => new Intl.DateTimeFormat("en", null as unknown as object)),
    nameOf(() => new Intl.DateTimeFormat("en", { dateStyle: "short", month: "long" })),
    nameOf(() => new Intl.DateTimeFormat("en").formatRange(WHEN, undefined as unknown as number)),
    nameOf(() => Reflect.get(Intl.DateTimeFormat.prototype, "format", {})),
  ],
  "calendars and numbering systems": () =>
    ["buddhist", "hebrew", "islamic-umalqura", "japanese", "persian"].map((calendar) =>
      new Intl.DateTimeFormat("en-u-nu-latn", {
        calendar,
        dateStyle: "long",
        timeZone: "UTC",
      }).format(WHEN),
    ),
  "Date's own methods": everywhere((locale) => {
    const date = new Date(WHEN);
    const options = { timeZone: "Asia/Tokyo" };
    return [
      date.toLocaleString(locale, options),
      date.toLocaleDateString(locale, options),
      date.toLocaleTimeString(locale, options),
    ];
  }),
  "Date's own methods with options": () => {
    const date = new Date(WHEN);
    return [
      date.toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" }),
      date.toLocaleDateString("en-US", { hour: "numeric", timeZone: "UTC" }),
      date.toLocaleTimeString("en-US", { month: "long", timeZone: "UTC" }),
      date.toLocaleString("en-US", { month: "long", timeZone: "UTC" }),
      date.toLocaleTimeString("en-US", { timeStyle: "short", timeZone: "UTC" }),
      nameOf(() => date.toLocaleDateString("en-US", { timeStyle: "short" })),
      new Date(Number.NaN).toLocaleDateString(),
      nameOf(() => Date.prototype.toLocaleString.call({} as Date)),
    ];
  },
};

const numbers: CaseTable = {
  numbers: everywhere((locale) =>
    NUMBERS.map((value) => new Intl.NumberFormat(locale).format(value)),
  ),
  currencies: everywhere((locale) =>
    ["USD", "JPY", "EUR"].map((currency) =>
      new Intl.NumberFormat(locale, { style: "currency", currency }).format(-1234.5),
    ),
  ),
  "percents, units, notations and signs": everywhere((locale) => [
    new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(0.1234),
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: "kilometer-per-hour",
      unitDisplay: "long",
    }).format(16),
    new Intl.NumberFormat(locale, { notation: "compact" }).format(123_456),
    new Intl.NumberFormat(locale, { notation: "scientific" }).format(123_456),
    new Intl.NumberFormat(locale, { signDisplay: "exceptZero" }).format(55),
  ]),
  digits: () => [
    new Intl.NumberFormat("en", { minimumIntegerDigits: 3 }).format(5),
    new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(
      1.234567,
    ),
    new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(123_456),
    new Intl.NumberFormat("en", { useGrouping: false }).format(123_456),
    new Intl.NumberFormat("en", {
      roundingMode: "floor",
      maximumFractionDigits: 0,
    }).format(1.9),
  ],
  "BigInts and long strings keep their digits": () => [
    new Intl.NumberFormat("en").format(123_456_789_012_345_678_901_234_567_890n),
    new Intl.NumberFormat("en").format("123456789012345678901234567890" as unknown as number),
    12_345_678_901_234_567_890n.toLocaleString("de-DE"),
  ],
  "number parts and ranges": () => {
    const format = new Intl.NumberFormat("en-US", { style: "currency", currency: "EUR" });
    return [
      format.formatToParts(-1234.5),
      format.formatRange(3, 5),
      format.formatRangeToParts(3, 5).map((part) => part.source),
    ];
  },
  "Number's own method": () => [
    (1234.5).toLocaleString(),
    (1234.5).toLocaleString("de-DE"),
    (0.5).toLocaleString("en", { style: "percent" }),
    Number.NaN.toLocaleString(),
    nameOf(() => Number.prototype.toLocaleString.call("1" as unknown as number)),
  ],
  "lists of numbers": () => [
    [1234.5, null, 6789, undefined].toLocaleString("de-DE"),
    new Float64Array([1234.5, 2]).toLocaleString("de-DE"),
  ],
  "number errors": () => [
    nameOf(() => new Intl.NumberFormat("en", { style: "currency" })),
    nameOf(() => new Intl.NumberFormat("en", { style: "unit" })),
    nameOf(() => new Intl.NumberFormat("en", { minimumFractionDigits: 200 })),
    nameOf(() => new Intl.NumberFormat("en", { minimumFractionDigits: Number.NaN })),
    nameOf(() => new Intl.NumberFormat("en").format(Symbol("s") as unknown as number)),
  ],
  "the oldest three need no new": () => [
    Intl.NumberFormat("en").format(1234),
    Intl.Collator("de").compare("a", "b"),
    typeof Intl.DateTimeFormat("en").format,
  ],
  "the others do": () => nameOf(() => (Intl.PluralRules as unknown as () => unknown)()),
  plurals: everywhere((locale) =>
    [0, 1, 2, 3, 5, 11, 21, 1.5].map((value) => new Intl.PluralRules(locale).select(value)),
  ),
  ordinals: () =>
    [1, 2, 3, 4, 11, 12, 21, 22, 103].map((value) =>
      new Intl.PluralRules("en", { type: "ordinal" }).select(value),
    ),
  "relative times": everywhere((locale) => {
    const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    return [
      format.format(-1, "day"),
      format.format(2, "weeks"),
      format.format(-3.5, "month"),
      format.formatToParts(10, "second").length,
    ];
  }),
  "relative time errors": () => [
    nameOf(() => new Intl.RelativeTimeFormat("en").format(1, "moon" as "day")),
    nameOf(() => new Intl.RelativeTimeFormat("en").format(Infinity, "day")),
  ],
  durations: () => {
    type Durations = new (
      locale: string,
      options?: object,
    ) => { format(duration: object): string; formatToParts(duration: object): unknown[] };
    const { DurationFormat } = Intl as unknown as { DurationFormat: Durations };
    const duration = { hours: 1, minutes: 46, seconds: 40 };
    return [
      new DurationFormat("en", { style: "long" }).format(duration),
      new DurationFormat("fr", { style: "narrow" }).format(duration),
      new DurationFormat("en", { style: "digital" }).format(duration),
      new DurationFormat("en").formatToParts({ days: 3 }).length,
      nameOf(() => new DurationFormat("en").format({ hours: 1, minutes: -1 })),
      nameOf(() => new DurationFormat("en").format({ hours: 1.5 })),
      nameOf(() => new DurationFormat("en").format({})),
    ];
  },
};

const WORDS = [
  "résumé",
  "resume",
  "Résumé",
  "Zebra",
  "äpfel",
  "apple",
  "Öl",
  "zoo",
  "z10",
  "z2",
  "",
  "a b",
  "a-b",
  "ab",
];

const texts: CaseTable = {
  "sorting by locale": () =>
    ["en", "de", "sv", "de-u-co-phonebk", "ja"].map((locale) =>
      [...WORDS].sort(new Intl.Collator(locale).compare),
    ),
  "sorting with options": () => [
    [...WORDS].sort(new Intl.Collator("en", { numeric: true }).compare),
    [...WORDS].sort(new Intl.Collator("en", { caseFirst: "upper" }).compare),
    new Intl.Collator("en", { sensitivity: "base" }).compare("a", "Á"),
    new Intl.Collator("en", { sensitivity: "accent" }).compare("a", "Á"),
  ],
  localeCompare: () => [
    "a".localeCompare("b"),
    "a".localeCompare("A"),
    "A".localeCompare("a"),
    "ä".localeCompare("z", "sv"),
    "ä".localeCompare("z", "de"),
    "a".localeCompare("A", undefined, { sensitivity: "base" }),
    "2".localeCompare("10", undefined, { numeric: true }),
    "reserve".localeCompare("résumé"),
    "a b".localeCompare("ab"),
    "undefined".localeCompare(undefined as unknown as string),
  ],
  "case by locale": () => [
    "istanbul".toLocaleUpperCase("tr"),
    "İSTANBUL".toLocaleLowerCase("tr"),
    "I".toLocaleLowerCase("az"),
    "istanbul".toLocaleUpperCase("en"),
    "straße".toLocaleUpperCase(),
    nameOf(() => "a".toLocaleUpperCase("not a locale")),
    nameOf(() => "a".toLocaleUpperCase(null as unknown as string)),
  ],
  normalization: () =>
    ["NFC", "NFD", "NFKC", "NFKD"].map((form) =>
      Array.from("ﬁé한Å".normalize(form), (character) => character.codePointAt(0)),
    ),
  lists: everywhere((locale) => [
    new Intl.ListFormat(locale).format(["A", "B", "C"]),
    new Intl.ListFormat(locale, { type: "disjunction", style: "short" }).format(["A", "B"]),
    new Intl.ListFormat(locale).format([]),
    new Intl.ListFormat(locale).formatToParts(["A", "B"]),
  ]),
  "list errors": () => [
    nameOf(() => new Intl.ListFormat("en").format([1] as unknown as string[])),
    nameOf(() => new Intl.ListFormat("en", "x" as unknown as object)),
    new Intl.ListFormat("en").format(new Set(["a", "b"])),
    new Intl.ListFormat("en").format("ab"),
  ],
  segments: () => [
    [...new Intl.Segmenter("en").segment("a👩‍👩‍👧b🇩🇪é")].map(({ segment, index }) => [segment, index]),
    [...new Intl.Segmenter("en", { granularity: "word" }).segment("Hello, world! 42")],
    [...new Intl.Segmenter("ja", { granularity: "word" }).segment("吾輩は猫である。")].map(
      ({ segment }) => segment,
    ),
    [...new Intl.Segmenter("en", { granularity: "sentence" }).segment("One. Two? Three")].map(
      ({ segment }) => segment,
    ),
  ],
  "the segment at an index": () => {
    const segments = new Intl.Segmenter("en", { granularity: "word" }).segment("Hello, world!");
    return [
      segments.containing(0),
      segments.containing(5),
      segments.containing(8),
      segments.containing(13) ?? "none",
      segments.containing(-1) ?? "none",
    ];
  },
  "display names": everywhere((locale) => [
    new Intl.DisplayNames(locale, { type: "region" }).of("JP"),
    new Intl.DisplayNames(locale, { type: "language" }).of("pt-BR"),
    new Intl.DisplayNames(locale, { type: "currency" }).of("EUR"),
    new Intl.DisplayNames(locale, { type: "script" }).of("Arab"),
  ]),
  "display name errors": () => [
    nameOf(() => new Intl.DisplayNames("en", undefined as unknown as Intl.DisplayNamesOptions)),
    nameOf(() => new Intl.DisplayNames("en", {} as Intl.DisplayNamesOptions)),
    nameOf(() => new Intl.DisplayNames("en", { type: "region" }).of("nowhere at all")),
    new Intl.DisplayNames("en", { type: "region", fallback: "none" }).of("QX") ?? "undefined",
  ],
};

const locales: CaseTable = {
  "locale members": () =>
    ["en-Latn-US-u-ca-buddhist-hc-h12-kn", "de", "zh-Hant-TW", "sr-Cyrl"].map((tag) => {
      const { baseName, language, script, region, calendar, hourCycle, numeric, numberingSystem } =
        new Intl.Locale(tag);
      return [
        baseName,
        language,
        script,
        region,
        calendar,
        hourCycle,
        numeric,
        numberingSystem,
        String(new Intl.Locale(tag)),
      ];
    }),
  "locale options": () =>
    String(
      new Intl.Locale("en", { region: "GB", calendar: "gregory", numeric: true, hourCycle: "h23" }),
    ),
  "maximize and minimize": () =>
    ["zh", "sr-ME", "en-Latn-US"].map((tag) => [
      String(new Intl.Locale(tag).maximize()),
      String(new Intl.Locale(tag).minimize()),
    ]),
  "locales as locale lists": () =>
    new Intl.NumberFormat([new Intl.Locale("de-DE"), "en"]).format(1234.5),
  "locale errors": () => [
    nameOf(() => new Intl.Locale(5 as unknown as string)),
    nameOf(() => new Intl.Locale("")),
    nameOf(() => new Intl.Locale("en", { language: "english?" })),
    nameOf(() => (Intl.Locale as unknown as (tag: string) => unknown)("en")),
    nameOf(() => Intl.Locale.prototype.toString.call({})),
  ],
  "canonical locales": () => [
    Intl.getCanonicalLocales(["EN-us", "de", "EN-US", "iw"]),
    Intl.getCanonicalLocales("zh-cmn"),
    Intl.getCanonicalLocales(),
    nameOf(() => Intl.getCanonicalLocales("x_y")),
    nameOf(() => Intl.getCanonicalLocales([5] as unknown as string[])),
  ],
  "supported locales": () => [
    Intl.DateTimeFormat.supportedLocalesOf(["de-AT", "tlh", "en"]),
    Intl.PluralRules.supportedLocalesOf("ban"),
    Intl.Collator.supportedLocalesOf([]),
    nameOf(() => Intl.NumberFormat.supportedLocalesOf("en", { localeMatcher: "best" as "lookup" })),
  ],
  "supported values": () => [
    Intl.supportedValuesOf("unit").includes("kilometer"),
    Intl.supportedValuesOf("currency").includes("EUR"),
    Intl.supportedValuesOf("timeZone").includes("Europe/Berlin"),
    nameOf(() => Intl.supportedValuesOf("moons" as "unit")),
  ],
  "tags and names": () =>
    [
      "Collator",
      "DateTimeFormat",
      "DisplayNames",
      "ListFormat",
      "NumberFormat",
      "PluralRules",
      "RelativeTimeFormat",
      "Segmenter",
      "Locale",
    ].map((name) => {
      const Service = (
        Intl as unknown as Record<string, { name: string; length: number; prototype: object }>
      )[name];
      return [
        Service?.name,
        Service?.length,
        Object.prototype.toString.call(Service?.prototype),
        Object.keys(Service?.prototype ?? {}),
      ];
    }),
  "Intl itself": () => [
    Object.prototype.toString.call(Intl),
    Object.keys(Intl),
    Object.keys(Date.prototype),
    "x".localeCompare.length,
  ],
  "services can be subclassed": () => {
    class Prices extends Intl.NumberFormat {
      price(value: number): string {
        return `${this.format(value)} each`;
      }
    }
    const prices = new Prices("en", { style: "currency", currency: "USD" });
    return [prices.price(5), prices instanceof Intl.NumberFormat, prices instanceof Prices];
  },
  "options are read once each, in order": () => {
    const read: string[] = [];
    const options = new Proxy(
      {},
      {
        get: (_target, name) => {
          read.push(String(name));
          return undefined;
        },
      },
    );
    const made = [new Intl.PluralRules("en", options), new Intl.ListFormat("en", options)];
    return [made.length, read];
  },
};

export const cases: CaseTable = { ...dates, ...numbers, ...texts, ...locales };
