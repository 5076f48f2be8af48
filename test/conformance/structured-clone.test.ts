import { expect, test } from "bun:test";
import { compareArea, type Divergence } from "./compare.ts";

const DIVERGENCES: Record<string, Divergence> = {};

test("structuredClone and message channels answer as Deno or Bun does", async () => {
  const { failures, stale, cases } = await compareArea("structured-clone.cases.ts", DIVERGENCES);
  expect(failures).toEqual([]);
  expect(stale).toEqual([]);
  expect(cases).toBeGreaterThan(55);
}, 60_000);

test("random object graphs are cloned as Deno or Bun does", async () => {
  const { failures, cases } = await compareArea("clone-graphs.cases.ts");
  expect(failures).toEqual([]);
  expect(cases).toBe(400);
}, 60_000);
