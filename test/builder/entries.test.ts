import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Builder, createBuilder } from "../../src/builder/create-builder.ts";
import { runInGuest } from "../support/guest-lab.ts";
import { type PackageRegistry, startPackageRegistry } from "../support/package-registry.ts";
import { expectBuilt } from "./support.ts";

let registry: PackageRegistry;
let builder: Builder;
beforeAll(() => {
  registry = startPackageRegistry();
  builder = createBuilder({ registry: { npm: registry.url, jsr: registry.url } });
});
afterAll(async () => {
  builder.close();
  await registry.stop();
});

/** What the script's default export is, after it was built and run. */
async function run(source: string): Promise<unknown> {
  const built = expectBuilt(
    await builder.build({ files: { "main.ts": source }, entry: "main.ts" }),
  );
  const { result, error } = await runInGuest(built.code);
  expect(error).toBeNull();
  return result;
}
const add = (name: string, manifest: object, files: Record<string, string>): void =>
  registry.add(name, "1.0.0", { ...files, "package.json": JSON.stringify(manifest) });

describe("which file of a package is taken", () => {
  test("the one for edge runtimes, then for Node, and for browsers where there is no other", async () => {
    const files = Object.fromEntries(
      ["workerd", "node", "browser"].map((name) => [`${name}.js`, `export default "${name}"`]),
    );
    const all = { browser: "./browser.js", node: "./node.js", workerd: "./workerd.js" };
    add("edge", { exports: { workerd: all.workerd, node: all.node } }, files);
    add("noded", { exports: { browser: all.browser, node: all.node } }, files);
    add("paged", { exports: { browser: all.browser } }, files);
    expect(
      await run(`import a from "npm:edge"; import b from "npm:noded"; import c from "npm:paged";
        export default [a, b, c]`),
    ).toEqual(["workerd", "node", "browser"]);
  });

  test("without exports: what is for pages does not stand in for the package's entry or Node's modules", async () => {
    add(
      "pages",
      { main: "main.js", browser: "page.js" },
      { "main.js": "module.exports = 'main'", "page.js": "document.title" },
    );
    add(
      "mapped",
      { main: "main.js", browser: { "./main.js": "./page.js", crypto: false } },
      { "main.js": "module.exports = typeof require('crypto').createHash", "page.js": "document" },
    );
    expect(
      await run(`import a from "npm:pages"; import b from "npm:mapped"; export default [a, b]`),
    ).toEqual(["main", "function"]);
  });

  test("a package that is imported and required is there once", async () => {
    add(
      "both",
      { main: "main.js", module: "module.mjs" },
      { "main.js": "exports.key = {}", "module.mjs": "export const key = {}" },
    );
    add(
      "requires-both",
      { dependencies: { both: "1" } },
      { "index.js": "module.exports = require('both').key" },
    );
    expect(
      await run(`import { key } from "npm:both"; import other from "npm:requires-both";
        export default key === other`),
    ).toBe(true);
  });

  test("require gives what the package exports by CommonJS", async () => {
    add(
      "callable",
      { main: "main.js", module: "module.mjs" },
      { "main.js": "module.exports = () => 1", "module.mjs": "export default () => 1" },
    );
    add(
      "calls",
      { dependencies: { callable: "1" } },
      { "index.js": "module.exports = require('callable')()" },
    );
    expect(await run(`import one from "npm:calls"; export default one`)).toBe(1);
  });

  test("a folder of a package may have an entry of its own, and the root is './'", async () => {
    add(
      "folders",
      { main: "index.js" },
      {
        "index.js": "module.exports = require('./lib/name').root",
        "lib/name.js": "exports.root = typeof require('../').valueOf",
        "part/package.json": '{"main":"../lib/part.js"}',
        "lib/part.js": "module.exports = 'part'",
      },
    );
    expect(
      await run(
        `import root from "npm:folders"; import part from "npm:folders/part"; export default [root, part]`,
      ),
    ).toEqual(["function", "part"]);
  });

  test("the root of a package is its main file, from wherever in it", async () => {
    add(
      "rooted",
      { main: "lib/node/index.js" },
      {
        "lib/node/index.js":
          "exports.name = 'root'; exports.same = require('./agent').root === exports",
        "lib/node/agent.js": "exports.root = require('../..')",
      },
    );
    expect(await run(`import { same } from "npm:rooted"; export default same`)).toBe(true);
  });

  test("an ES module may make its own require, for JSON", async () => {
    add(
      "versioned",
      { exports: "./lib/index.mjs" },
      {
        "lib/index.mjs": `import { createRequire } from "module";
          const require$1 = createRequire(import.meta.url);
          export const { version } = require$1("../package.json");`,
      },
    );
    expect(await run(`import { version } from "npm:versioned"; export default version`)).toBe(
      "1.0.0",
    );
  });
});

test("a package that asks for a module of Node by an expression gets it when it runs", async () => {
  add(
    "asking",
    {},
    {
      "index.js": `exports.join = (typeof other !== "undefined" ? other : require)("path").join;
      exports.missing = () => { try { require(["left", "pad"].join("-")) } catch (error) { return error.message } };`,
    },
  );
  expect(
    await run(
      `import { join, missing } from "npm:asking"; export default [join("a", "..", "b"), missing()]`,
    ),
  ).toEqual(["b", 'Cannot find module "node:left-pad"']);
});

test("RegExp tells of the last match, for packages that ask it", async () => {
  expect(
    await run(`/(b)(z)?/.exec("abc"); const first = [RegExp.$1, RegExp.$2, RegExp.lastMatch, RegExp.leftContext, RegExp.rightContext];
      "x1y2".replace(/(\\d)/, () => { first.push(RegExp.$1); return ""; }); export default first`),
  ).toEqual(["b", "", "b", "a", "c", "1"]);
});

test("what is too large as it is written is made smaller, and keeps its names", async () => {
  const filler = `// ${"x".repeat(80)}\n`.repeat(20) + "export const pad = 1;\n";
  const wide = Array.from(
    { length: 30_000 },
    (_, i) =>
      `globalThis.unit${i % 9} =   {   first :  "${i}" ,\n\n\n\n        second  :   [  1 ,   2 ,      3  ,    4  ,   5   ]   ,   third  :   ${i}   , fourth   :   function   named   (   )   {   return   ${i}   ;   }   }  ;`,
  ).join("\n");
  expect(await run(`${filler}${wide}\nfunction kept() {}\nexport default kept.name`)).toBe("kept");
});
