import { expect, test } from "bun:test";
import { compareArea, type Divergence } from "./compare.ts";

const DIVERGENCES: Record<string, Divergence> = {
  lengths: {
    effect: "MessageEvent.length is 1",
    reason: "its second argument is optional in HTML; Deno says 2, Bun has no ProgressEvent",
  },
  PromiseRejectionEvent: {
    effect: "a TypeError when the member promise is missing",
    reason: "HTML makes the member required; Deno does not look, Bun has no such class",
  },
  "stopPropagation in the capture phase": {
    effect: "listeners of the bubbling phase do not run on the target itself",
    reason: "the DOM standard invokes a target's listeners once for each phase since 2019",
  },
};

test("events, targets and abort signals answer as Deno or Bun does, or as the standard says", async () => {
  const { failures, stale, cases } = await compareArea("events.cases.ts", DIVERGENCES);
  expect(failures).toEqual([]);
  expect(stale).toEqual([]);
  expect(cases).toBeGreaterThan(50);
}, 60_000);
