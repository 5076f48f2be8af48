import { afterAll, expect, test } from "bun:test";
import { createBuilder } from "../../src/builder/create-builder.ts";
import { runInGuest } from "../support/guest-lab.ts";
import { assembleWat } from "../support/wat.ts";
import { expectBuilt, expectRefused } from "./support.ts";

const builder = createBuilder();
afterAll(() => builder.close());

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const ADD = base64(
  assembleWat(
    `(module (import "./env.ts" "ten" (func $ten (result i32)))
      (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (call $ten))))`,
  ),
);
const ASSETS = { "a.bin": base64(new Uint8Array([0, 255, 10])), "lib/add.wasm": ADD };
const build = (files: Record<string, string>, assets: Record<string, string> = ASSETS) =>
  builder.build({ files, assets, entry: "main.ts" });

async function result(files: Record<string, string>): Promise<unknown> {
  const { code } = expectBuilt(await build(files));
  const run = await runInGuest(code);
  expect(run.error).toBeNull();
  return run.result;
}

test("a binary file is imported as bytes", async () => {
  const source =
    "import bytes from './a.bin' with { type: 'bytes' };\nexport default [bytes instanceof Uint8Array, ...bytes];";
  expect(await result({ "main.ts": source })).toEqual([true, 0, 255, 10]);
});

test("a .wasm file gives its exports, and its imports are files of the script", async () => {
  const files = {
    "main.ts": "import { add } from './lib/add.wasm';\nexport default add(5);",
    "lib/env.ts": "export const ten = () => 10;",
  };
  expect(await result(files)).toBe(15);
});

test("imported by its default alone it is the module, as for Workers", async () => {
  const source =
    "import add from './lib/add.wasm';\nconst { exports } = await WebAssembly.instantiate(add, { './env.ts': { ten: () => 1 } });\nexport default [add instanceof WebAssembly.Module, exports.add(2)];";
  expect(await result({ "main.ts": source })).toEqual([true, 3]);
});

test("what cannot be imported so is refused with what to do", async () => {
  const refused = async (source: string, assets = ASSETS) =>
    expectRefused(await build({ "main.ts": `\n${source}; export default a` }, assets));
  expect(await refused("import a from './a.bin'")).toMatchObject({
    file: "main.ts",
    line: 2,
    message:
      'Cannot import "./a.bin" as text or code: it was uploaded as binary; import it with { type: "bytes" }',
  });
  const large = { ...ASSETS, "a.bin": base64(new Uint8Array(4 << 20)) };
  expect(
    (await refused("import a from './a.bin' with { type: 'bytes' }", large)).message,
  ).toContain("read it with Deno.readFile");
  const broken = { ...ASSETS, "lib/add.wasm": base64(new Uint8Array([1, 2, 3])) };
  expect(await refused("import { add as a } from './lib/add.wasm'", broken)).toMatchObject({
    file: "lib/add.wasm",
    message: expect.stringContaining("WebAssembly"),
  });
  expect(await refused("import { add as a } from './lib/add.wasm'")).toMatchObject({
    file: "lib/add.wasm",
    message: 'Cannot find "./env.ts": no such file in this script',
  });
});

test("any text file can be imported as JSON, and must be some", async () => {
  const source = "import data from './a.txt' with { type: 'json' };\nexport default data;";
  expect(await result({ "main.ts": source, "a.txt": '{"a":[1]}' })).toEqual({ a: [1] });
  const refused = expectRefused(await build({ "main.ts": source, "a.txt": "{nope}" }));
  expect(refused).toMatchObject({ file: "a.txt", line: 1, column: 2 });
});
