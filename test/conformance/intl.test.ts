import { expect, test } from "bun:test";
import { compareArea } from "./compare.ts";

test("Intl answers as Deno or Bun does", async () => {
  const { failures, cases } = await compareArea("intl.cases.ts");
  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(45);
}, 60_000);
