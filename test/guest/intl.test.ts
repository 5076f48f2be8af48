import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { runInGuest } from "../support/guest-lab.ts";

async function evaluate(source: string): Promise<unknown> {
  const { result, error } = await runInGuest(source, { timeoutMs: 20_000 });
  expect(error).toBeNull();
  return result;
}

describe("the sandbox's defaults do not depend on the machine", () => {
  test("the zone is UTC and the locale en-US", async () => {
    const resolved = await evaluate(`
      const { locale, timeZone } = new Intl.DateTimeFormat().resolvedOptions();
      export default [locale, timeZone, new Date(0).toLocaleString(), new Date(2020, 0, 1).getTimezoneOffset(), (1234.5).toLocaleString()];`);
    expect(resolved).toEqual(["en-US", "UTC", "1/1/1970, 12:00:00 AM", 0, "1,234.5"]);
  });
});

describe("localeCompare without a host call", () => {
  test("orders letters, digits and spaces as the host's collator does", async () => {
    const pairs = fc.sample(
      fc.tuple(
        fc.string({ unit: fc.constantFrom(...Array.from("abABzZ019 ")), maxLength: 6 }),
        fc.string({ unit: fc.constantFrom(...Array.from("abABzZ019 ")), maxLength: 6 }),
      ),
      500,
    );
    const found = await evaluate(
      `export default ${JSON.stringify(pairs)}.map(([a, b]) => a.localeCompare(b));`,
    );
    const collator = new Intl.Collator("en-US");
    expect(found).toEqual(pairs.map(([a, b]) => Math.sign(collator.compare(a, b))));
  });

  test("leaves other text to the host", async () => {
    const pairs = fc.sample(
      fc.tuple(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 })),
      300,
    );
    const found = await evaluate(
      `export default ${JSON.stringify(pairs)}.map(([a, b]) => a.localeCompare(b));`,
    );
    const collator = new Intl.Collator("en-US");
    expect(found).toEqual(pairs.map(([a, b]) => Math.sign(collator.compare(a, b))));
  });
});

describe("host calls that cannot be interrupted", () => {
  test("refuse texts of more than a million characters", async () => {
    const refused = await evaluate(`
      const long = "ä".repeat(2_000_000);
      const attempt = (run) => { try { run(); return "done"; } catch (error) { return error.name; } };
      export default [
        attempt(() => long.localeCompare("b")),
        attempt(() => new Intl.Segmenter().segment(long)),
        attempt(() => long.toLocaleUpperCase("tr")),
        attempt(() => new Intl.NumberFormat().format("1".repeat(20_000))),
      ];`);
    expect(refused).toEqual(["RangeError", "RangeError", "RangeError", "RangeError"]);
  });
});

test("a formatter made at the top level works however often the host forgets it", async () => {
  const formatted = await evaluate(`
    const price = new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" });
    const before = price.format(1234.5);
    for (let digits = 0; digits < 200; digits++) new Intl.NumberFormat("en", { minimumFractionDigits: digits % 100, minimumIntegerDigits: 1 + (digits % 21) }).format(1);
    export default [before, price.format(1234.5)];`);
  expect(formatted).toEqual(["1.234,50\u00A0€", "1.234,50\u00A0€"]);
});
