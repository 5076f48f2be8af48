import { expect, test } from "bun:test";
import { compareArea, type Divergence } from "./compare.ts";

const DIVERGENCES: Record<string, Divergence> = {
  "iterator shape": {
    effect: "a stream's iterator says [object ReadableStream AsyncIterator]",
    reason: "WebIDL names it so; Deno and Bun leave the name out",
  },
};

test("streams, codecs and compression answer as Deno or Bun does, or as the standard says", async () => {
  const { failures, stale, cases } = await compareArea("streams.cases.ts", DIVERGENCES);
  expect(failures).toEqual([]);
  expect(stale).toEqual([]);
  expect(cases).toBeGreaterThan(180);
}, 60_000);
