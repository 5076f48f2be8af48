import { afterAll, expect, test } from "bun:test";
import { createBuilder } from "../../src/builder/create-builder.ts";
import { firstAuthorPosition, mapPosition, mapStack } from "../../src/shared/source-map.ts";

const builder = createBuilder();
afterAll(() => builder.close());

async function built() {
  const files = {
    "main.ts":
      "import { fail } from './lib.ts';\n\ninterface A { x: 1 }\nexport default () => fail('x')",
    "lib.ts":
      "type T = string;\n\nexport function fail(text: T): never {\n  throw new Error(text);\n}",
  };
  const result = await builder.build({ files, entry: "main.ts" });
  if (!result.ok || result.sourceMap === null) throw new Error("The fixture does not build");
  const line = result.code.split("\n").findIndex((text) => text.includes("throw new Error")) + 1;
  const column = (result.code.split("\n")[line - 1] ?? "").indexOf("throw") + 1;
  return { map: result.sourceMap, line, column };
}

test("a position of the bundle leads to the author's line and column", async () => {
  const { map, line, column } = await built();
  expect(mapPosition(map, line, column)).toEqual({ file: "lib.ts", line: 4, column: 3 });
});

test("mapStack() rewrites the script's frames and leaves out the platform's", async () => {
  const { map, line, column } = await built();
  const stack = `    at fail (script.js:${line}:${column})\n    at run (picloud:core:1:200)\n    at <anonymous> (other.js:1:1)`;
  expect(mapStack(stack, map)).toBe("    at fail (lib.ts:4:3)\n    at <anonymous> (other.js:1:1)");
  expect(firstAuthorPosition(stack, map)).toEqual({ file: "lib.ts", line: 4, column: 3 });
});

test("what is no map, or not in the map, leaves the stack as it is", async () => {
  expect(mapStack("at a (script.js:1:1)", "{}")).toBe("at a (script.js:1:1)");
  expect(mapStack("at a (script.js:1:1)", null)).toBe("at a (script.js:1:1)");
  const { map } = await built();
  expect(mapPosition(map, 9_999, 1)).toBeNull();
});
