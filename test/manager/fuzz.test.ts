import { afterAll, beforeAll, expect, test } from "bun:test";
import { endpoints } from "../../src/manager/http/endpoints.ts";
import { createHarness } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";
import { fuzz } from "./support/fuzz.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

/** `npm run fuzz` sends ten times as many, with a seed of its own. */
const REQUESTS = 10_000;

test("ten thousand mutated requests over all endpoints end in no 500", async () => {
  const report = await fuzz(h, { requests: REQUESTS, seed: 20_261_121 });
  expect(report.failures).toEqual([]);
  // They are not all turned away at the door: most endpoints did what some of them asked.
  expect(report.passed.size).toBeGreaterThan(endpoints.length * 0.7);
}, 120_000);
