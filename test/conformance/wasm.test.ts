import { expect, test } from "bun:test";
import { assembleWat } from "../support/wat.ts";
import { compareArea } from "./compare.ts";
import { MODULES } from "./wasm/modules.ts";
import { TEXTS } from "./wasm/texts.ts";

test("WebAssembly's interface behaves as in Deno or Bun", async () => {
  const { failures, cases } = await compareArea("wasm.cases.ts");
  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(50);
}, 60_000);

test("the modules of the cases are what their text says", () => {
  const assembled = Object.entries(TEXTS).map(([name, text]) => [
    name,
    Buffer.from(assembleWat(text)).toString("base64"),
  ]);
  expect(MODULES as Record<string, string>).toEqual(
    Object.fromEntries(assembled) as Record<string, string>,
  );
});
