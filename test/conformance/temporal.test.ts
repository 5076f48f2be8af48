import { expect, test } from "bun:test";
import { compareArea } from "./compare.ts";

test("Temporal answers as Deno or Bun does", async () => {
  const { failures, cases } = await compareArea("temporal.cases.ts");
  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(25);
}, 60_000);
