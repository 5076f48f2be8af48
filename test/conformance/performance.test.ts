import { expect, test } from "bun:test";
import { compareArea, type Divergence } from "./compare.ts";

const DIVERGENCES: Record<string, Divergence> = {
  refusals: {
    effect: "performance.measure(name, {detail}) without start or end is a TypeError",
    reason: "User Timing asks for it; Deno and Bun let it pass",
  },
};

const OBSERVER_DIVERGENCES: Record<string, Divergence> = {
  "the supported types": {
    effect: "PerformanceObserver.supportedEntryTypes is one frozen array",
    reason: "Performance Timeline asks for it; Deno freezes none, Bun makes one anew each time",
  },
};

test("performance answers as Deno or Bun does, or as the standard says", async () => {
  const { failures, stale } = await compareArea("performance.cases.ts", DIVERGENCES);
  expect(failures).toEqual([]);
  expect(stale).toEqual([]);
}, 60_000);

test("PerformanceObserver answers as Deno or Bun does, or as the standard says", async () => {
  const { failures, stale } = await compareArea(
    "performance-observer.cases.ts",
    OBSERVER_DIVERGENCES,
  );
  expect(failures).toEqual([]);
  expect(stale).toEqual([]);
}, 60_000);
