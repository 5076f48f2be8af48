import { afterAll, describe, expect, test } from "bun:test";
import { createBuilder } from "../../src/builder/create-builder.ts";
import { expectBuilt, expectRefused } from "./support.ts";

const builder = createBuilder();
afterAll(() => builder.close());

const build = (files: Record<string, string>, entry = "main.ts") => builder.build({ files, entry });

describe("build() of the author's files", () => {
  test("takes the types out of one TypeScript file", async () => {
    const built = expectBuilt(
      await build({ "main.ts": "const n: number = 1; export default (): number => n" }),
    );
    expect(built.code).not.toContain("number");
    expect(built.code).toContain("export {");
  });

  test("joins files, and finds them with and without an extension", async () => {
    const built = expectBuilt(
      await build({
        "main.ts":
          "import a from './lib/a'; import b from './lib/b.js'; import c from './lib'; import d from './d.json'; export default [a, b, c, d.x]",
        "lib/a.tsx": "export default 'from a'",
        "lib/b.ts": "import up from '../up.mjs'; export default up",
        "up.mjs": "export default 'from up'",
        "lib/index.ts": "export default 'from index'",
        "d.json": '{"x": "from json"}',
      }),
    );
    for (const text of ["from a", "from up", "from index", "from json"])
      expect(built.code).toContain(text);
  });

  test("gives any file that is no code as text", async () => {
    const built = expectBuilt(
      await build({
        "main.ts": "import page from './page.html'; export default page",
        "page.html": "<script src='/etc/passwd'></script>",
      }),
    );
    expect(built.code).toContain("<script src='/etc/passwd'></script>");
  });

  test("names file, line and column of a syntax error", async () => {
    const refused = expectRefused(
      await build({ "main.ts": "import './b.ts'", "b.ts": "const a = 1;\nconst b = ;\n" }),
    );
    expect(refused).toMatchObject({ file: "b.ts", line: 2, column: 11 });
  });

  test("names the import that no file answers", async () => {
    const refused = expectRefused(
      await build({ "main.ts": "const a = 1;\n  import x from './nope.ts'; x(a)" }),
    );
    expect(refused).toMatchObject({ file: "main.ts", line: 2, column: 17 });
    expect(refused.message).toBe('Cannot find "./nope.ts": no such file in this script');
  });

  test("maps the output back to the author's files and to nothing of the platform's", async () => {
    const built = expectBuilt(
      await build({
        "main.ts": "import { f } from './lib.ts'; export default f",
        "lib.ts": "\n\nexport const f = (): never => { throw new Error('x') }",
      }),
    );
    expect((JSON.parse(built.sourceMap ?? "") as { sources: string[] }).sources).toEqual([
      "lib.ts",
      "main.ts",
    ]);
  });

  test("lowers using, decorators and for-of heads that yield", async () => {
    const source = `function seen(value: unknown, context: unknown) { return value as never }
      class A { @seen method() {} }
      export default function* (t: unknown) { using a = t as Disposable; for (const c of yield t) { new A().method() } }`;
    const { code } = expectBuilt(await build({ "main.ts": source }));
    expect(code).not.toMatch(/\busing a\b|@seen|of yield/);
  });

  test("reads the JSX settings of deno.json, of a pragma, and guesses from the imports", async () => {
    const page = (head: string) => ({
      "main.tsx": `${head}\nexport default () => <b>hi</b>`,
      "h.ts": "export const h = () => 'classic'",
      "jsx/jsx-runtime.ts": "export const jsx = () => 'automatic'",
    });
    const classic = expectBuilt(
      await build(page("/** @jsx h */ import { h } from './h.ts'"), "main.tsx"),
    );
    expect(classic.code).toContain('h("b", null, "hi")');
    const config = {
      "deno.json":
        '{ // comment\n "imports": {"own/": "./jsx/"}, "compilerOptions": {"jsx": "react-jsx", "jsxImportSource": "own"} }',
    };
    const automatic = expectBuilt(await build({ ...page(""), ...config }, "main.tsx"));
    expect(automatic.code).toContain('jsx("b"');
  });

  test("defines NODE_ENV and import.meta", async () => {
    const built = expectBuilt(
      await build({
        "main.ts":
          "export default [process.env.NODE_ENV, import.meta.url, import.meta.main, __dirname]",
      }),
    );
    expect(built.code).not.toContain("__dirname");
    expect(built.code).toContain('"production"');
    expect(built.code).toContain('"file:///main.ts"');
  });

  test("reads built-in modules at run time, by name", async () => {
    const built = expectBuilt(
      await build({
        "main.ts":
          "import { Buffer } from 'buffer'; import { log } from 'picloud'; const fs = require('node:fs'); export default [Buffer, log, fs]",
      }),
    );
    for (const name of ["node:buffer", "picloud", "node:fs"])
      expect(built.code).toContain(`("${name}")`);
  });
});

describe("import maps", () => {
  const values = async (
    imports: string,
    config: Record<string, unknown>,
    entry = "main.ts",
  ): Promise<string> =>
    expectBuilt(
      await build(
        {
          [entry]: `${imports}; export default [a]`,
          "lib/a.ts": "export default 'lib a'",
          "lib/deep/b.ts": "export default 'deep b'",
          "other/a.ts": "export default 'other a'",
          ...Object.fromEntries(
            Object.entries(config).map(([path, json]) => [path, JSON.stringify(json)]),
          ),
        },
        entry,
      ),
    ).code;

  test("exact entries come first, then the longest prefix that ends in a slash", async () => {
    const map = { imports: { "@/": "./lib/", "@/deep/": "./other/", "@/x": "./lib/deep/b.ts" } };
    expect(await values("import a from '@/a.ts'", { "deno.json": map })).toContain("lib a");
    expect(await values("import a from '@/deep/a.ts'", { "deno.json": map })).toContain("other a");
    expect(await values("import a from '@/x'", { "deno.json": map })).toContain("deep b");
  });

  test("scopes hold for the importers below them, the most specific first", async () => {
    const map = {
      imports: { a: "./lib/a.ts" },
      scopes: {
        "./src/": { a: "./other/a.ts" },
        "./src/deep/": { a: "./lib/deep/b.ts" },
      },
    };
    for (const [entry, text] of [
      ["main.ts", "lib a"],
      ["src/main.ts", "other a"],
      ["src/deep/main.ts", "deep b"],
    ] as const)
      expect(await values("import a from 'a'", { "deno.json": map }, entry)).toContain(text);
  });

  test("a map in a file of its own has its paths from its own folder, and deno.json wins", async () => {
    const config = {
      "deno.json": { importMap: "./lib/map.json", imports: { y: "./other/a.ts" } },
      "lib/map.json": {
        imports: { x: "./a.ts", y: "./a.ts" },
        scopes: { "../other/": { x: "./a.ts" } },
      },
    };
    expect(await values("import a from 'x'", config)).toContain("lib a");
    expect(await values("import a from 'y'", config)).toContain("other a");
  });

  test("a path can be mapped too, and null blocks", async () => {
    const map = { imports: { "./lib/a.ts": "./other/a.ts", gone: null } };
    expect(await values("import a from './lib/a.ts'", { "deno.json": map })).toContain("other a");
    const refused = expectRefused(
      await build({
        "main.ts": "import a from 'gone'; export default a",
        "deno.json": JSON.stringify(map),
      }),
    );
    expect(refused).toMatchObject({ file: "main.ts", line: 1, column: 15 });
    expect(refused.message).toBe('The import map blocks "gone"');
  });

  test("package.json: #names with conditions and patterns, and the script's own name", async () => {
    const manifest = {
      name: "own",
      imports: { "#a": { workerd: "./lib/a.ts", default: "./other/a.ts" }, "#lib/*": "./lib/*.ts" },
      exports: { ".": "./lib/a.ts", "./deep": "./lib/deep/b.ts" },
    };
    for (const [specifier, text] of Object.entries({
      "#a": "lib a",
      "#lib/deep/b": "deep b",
      own: "lib a",
      "own/deep": "deep b",
    }))
      expect(await values(`import a from '${specifier}'`, { "package.json": manifest })).toContain(
        text,
      );
    const refused = expectRefused(
      await build({ "main.ts": "import a from '#none'; export default a" }),
    );
    expect(refused.message).toContain('Cannot find "#none"');
  });

  test("built-in modules and the members of objects are no entries by accident", async () => {
    for (const name of ["constructor", "__proto__", "toString"])
      expectRefused(await build({ "main.ts": `import a from './${name}'; export default a` }));
    expect(
      await values("import a from 'constructor'", {
        "deno.json": { imports: { constructor: "./lib/a.ts" } },
      }),
    ).toContain("lib a");
  });
});

test("names the place in a configuration file that is no JSON", async () => {
  const refused = expectRefused(
    await build({
      "main.ts": "export default 1",
      "deno.json": '{\n  // A comment.\n  "imports": { bad\n}',
    }),
  );
  expect(refused).toMatchObject({ file: "deno.json", line: 3, column: 16 });
  expect(refused.message).toContain("Cannot read deno.json");
});
