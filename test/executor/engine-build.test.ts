import { expect, test } from "bun:test";
import { buildEngine } from "../../scripts/build-engine.ts";
import { engineBytes } from "../../src/executor/wasm/module.ts";

test("the committed engine is what its build script makes", async () => {
  const [built, committed] = await Promise.all([buildEngine(), engineBytes()]);
  expect(Bun.SHA256.hash(built, "hex")).toBe(Bun.SHA256.hash(committed, "hex"));
}, 60_000);
