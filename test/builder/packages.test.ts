import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Builder, createBuilder } from "../../src/builder/create-builder.ts";
import {
  makeTar,
  type PackageRegistry,
  startPackageRegistry,
} from "../support/package-registry.ts";
import { expectBuilt, expectRefused } from "./support.ts";

let registry: PackageRegistry;
let builder: Builder;
let cacheFolder: string;

beforeAll(() => {
  registry = startPackageRegistry();
  cacheFolder = mkdtempSync(join(tmpdir(), "builder-cache-"));
  builder = newBuilder();
  registry.add("greet", "1.0.0", {
    "index.js": "export default 'greet 1.0.0'",
    "package.json": '{"type":"module"}',
  });
  registry.add("greet", "1.4.0", {
    "index.js": "export default 'greet 1.4.0'",
    "package.json": '{"type":"module"}',
  });
  registry.add("greet", "2.0.0", {
    "index.js": "export default 'greet 2.0.0'",
    "package.json": '{"type":"module"}',
  });
  registry.add("@jsr/std__path", "1.0.0", {
    "mod.js": "export const name = 'std path'",
    "package.json": '{"exports":{".":"./mod.js"}}',
  });
});
afterAll(async () => {
  builder.close();
  await registry.stop();
  rmSync(cacheFolder, { recursive: true });
});

const newBuilder = (): Builder =>
  createBuilder({ registry: { npm: registry.url, jsr: registry.url }, cacheFolder });
const build = (source: string, more: Record<string, string> = {}) =>
  builder.build({ files: { "main.ts": source, ...more }, entry: "main.ts" });

describe("packages", () => {
  test("npm: specifiers take the highest version of the range", async () => {
    const built = expectBuilt(await build("import g from 'npm:greet@^1'; export default g"));
    expect(built.code).toContain("greet 1.4.0");
    expect(built.packages).toEqual({ "npm:greet": "1.4.0" });
  });

  test("a bare import takes its range from package.json, deno.json or, without both, the latest", async () => {
    const bare = "import g from 'greet'; export default g";
    expect(expectBuilt(await build(bare)).code).toContain("greet 2.0.0");
    expect(
      expectBuilt(await build(bare, { "package.json": '{"dependencies":{"greet":"~1.0.0"}}' }))
        .code,
    ).toContain("greet 1.0.0");
    expect(
      expectBuilt(await build(bare, { "deno.json": '{"imports":{"greet":"npm:greet@1.4"}}' })).code,
    ).toContain("greet 1.4.0");
  });

  test("jsr: packages come by their npm spelling", async () => {
    const built = expectBuilt(
      await build("import { name } from 'jsr:@std/path@1'; export default name"),
    );
    expect(built.packages).toEqual({ "jsr:@std/path": "1.0.0" });
  });

  test("a lock keeps the versions when newer ones appear", async () => {
    registry.add("moving", "1.0.0", { "index.js": "module.exports = 'moving 1.0.0'" });
    const files = { "main.ts": "import m from 'npm:moving@1'; export default m" };
    const { lock } = expectBuilt(await builder.build({ files, entry: "main.ts" }));
    registry.add("moving", "1.1.0", { "index.js": "module.exports = 'moving 1.1.0'" });
    const later = newBuilder();
    expect(
      expectBuilt(
        await later.build({ files, entry: "main.ts", ...(lock === undefined ? {} : { lock }) }),
      ).code,
    ).toContain("moving 1.0.0");
    expect(expectBuilt(await later.build({ files, entry: "main.ts" })).code).toContain(
      "moving 1.1.0",
    );
    later.close();
  });

  const sha512 = (name: string, version: string): string => registry.integrity(name, version);

  for (const [file, text] of Object.entries({
    "deno.lock": () => ({
      version: "5",
      specifiers: { "npm:locked@1": "1.0.0" },
      npm: {
        "locked@1.0.0": { integrity: sha512("locked", "1.0.0"), dependencies: ["inner"] },
        "inner@2.0.0": { integrity: sha512("inner", "2.0.0") },
      },
    }),
    "deno.lock of version 3": () => ({
      version: "3",
      packages: {
        specifiers: { "npm:locked@1": "npm:locked@1.0.0" },
        npm: { "locked@1.0.0": { integrity: sha512("locked", "1.0.0") }, "inner@2.0.0": {} },
      },
    }),
    "package-lock.json": () => ({
      lockfileVersion: 3,
      packages: {
        "": { dependencies: { locked: "1" } },
        "node_modules/locked": { version: "1.0.0", integrity: sha512("locked", "1.0.0") },
        "node_modules/locked/node_modules/inner": { version: "2.0.0" },
        "node_modules/inner": { version: "1.0.0" },
      },
    }),
    "bun.lock": () => ({
      lockfileVersion: 1,
      packages: {
        locked: ["locked@1.0.0", "", {}, sha512("locked", "1.0.0")],
        inner: ["inner@2.0.0", "", {}, sha512("inner", "2.0.0")],
      },
    }),
  })) {
    test(`${file} among the files decides versions, also of what packages need`, async () => {
      for (const version of ["1.0.0", "1.9.0"])
        registry.add("locked", version, {
          "index.js": `module.exports = 'locked ${version}, ' + require('inner')`,
          "package.json": '{"dependencies":{"inner":"^2.0.0"}}',
        });
      for (const version of ["1.0.0", "2.0.0", "2.5.0"])
        registry.add("inner", version, { "index.js": `module.exports = 'inner ${version}'` });
      const built = expectBuilt(
        await build("import l from 'npm:locked@1'; export default l", {
          [file.replace(/ .*/, "")]: JSON.stringify(text()),
        }),
      );
      expect(built.packages).toEqual({ "npm:locked": "1.0.0", "npm:inner": "2.0.0" });
    });
  }

  test("an archive that is not the one of the lock file is refused, and a lock file that is no JSON", async () => {
    registry.add("changed", "1.0.0", { "index.js": "module.exports = 1" });
    const source = "import c from 'npm:changed@1'; export default c";
    const integrity = `sha512-${Buffer.alloc(64).toString("base64")}`;
    const lock = { version: "5", npm: { "changed@1.0.0": { integrity } } };
    expect(
      expectRefused(await build(source, { "deno.lock": JSON.stringify(lock) })).message,
    ).toContain("does not match its sha512");
    expect(expectRefused(await build(source, { "deno.lock": "{" }))).toMatchObject({
      file: "deno.lock",
    });
  });

  test("a lock file cannot name addresses, and does not count where it fits no range", async () => {
    const lock = {
      version: "5",
      specifiers: { "npm:greet@1": "../../evil" },
      npm: { "greet@2.0.0": {}, "__proto__@1.0.0": {}, "greet@..%2fx": {} },
    };
    const built = expectBuilt(
      await build("import g from 'npm:greet@1'; export default g", {
        "deno.lock": JSON.stringify(lock),
      }),
    );
    expect(built.packages).toEqual({ "npm:greet": "1.4.0" });
  });

  test("ranges of a package.json may name a package of jsr or another of npm", async () => {
    const built = expectBuilt(
      await build(
        "import { name } from '@std/path'; import g from 'hello'; export default [name, g]",
        {
          "package.json": '{"dependencies":{"@std/path":"jsr:^1","hello":"npm:greet@^1"}}',
        },
      ),
    );
    expect(built.packages).toEqual({ "jsr:@std/path": "1.0.0", "npm:greet": "1.4.0" });
  });

  test("a package that offers itself to Node only is taken all the same", async () => {
    registry.add("nodeish", "1.0.0", {
      "node.js": "export default 'for node'",
      "package.json": '{"exports":{".":{"node":"./node.js"}}}',
    });
    expect(
      expectBuilt(await build("import n from 'npm:nodeish'; export default n")).code,
    ).toContain("for node");
  });

  test("an archive that does not match its sha512 is refused", async () => {
    registry.add("forged", "1.0.0", { "index.js": "module.exports = 1" });
    registry.tamper(
      "forged",
      "1.0.0",
      gzipSync(makeTar([["package/index.js", "module.exports = 'evil'"]])),
    );
    expect(
      expectRefused(await build("import f from 'npm:forged'; export default f")).message,
    ).toContain("does not match its sha512");
  });

  test("a cached archive that was changed on disk is fetched again", async () => {
    const source = "import g from 'npm:greet@1.0.0'; export default g";
    expectBuilt(await build(source));
    for (const name of readdirSync(cacheFolder)) writeFileSync(join(cacheFolder, name), "rubbish");
    const again = newBuilder();
    expect(
      expectBuilt(await again.build({ files: { "main.ts": source }, entry: "main.ts" })).code,
    ).toContain("greet 1.0.0");
    again.close();
  });

  test("paths that leave the package, and archives that swell, are refused", async () => {
    const hostile: [string, Uint8Array, string][] = [
      ["climbs", makeTar([["package/../../evil.js", "1"]]), "leaves the package"],
      ["absolute", makeTar([["/etc/cron.d/evil", "1"]]), "leaves the package"],
      ["swells", new Uint8Array(140 << 20), "unpacks to more than"],
    ];
    for (const [name, tar, message] of hostile) {
      const archive = new Uint8Array(gzipSync(tar, { level: 1 }));
      registry.add(name, "1.0.0", { "index.js": "1" });
      registry.tamper(name, "1.0.0", archive);
      const integrity = `sha512-${new Bun.CryptoHasher("sha512").update(archive).digest("base64")}`;
      const lock = {
        specifiers: { [`npm:${name}@*`]: "1.0.0" },
        integrity: { [`${name}@1.0.0`]: integrity },
      };
      const result = await builder.build({
        files: { "main.ts": `import x from 'npm:${name}'; export default x` },
        entry: "main.ts",
        lock,
      });
      expect(expectRefused(result).message).toContain(message);
    }
  });

  test("a package that is not there, a version that is not there and a path that is not exported say so", async () => {
    expect(expectRefused(await build("\nimport x from 'npm:absent-package'; x()"))).toMatchObject({
      line: 2,
      message: "Cannot find package npm:absent-package in its registry",
    });
    expect(expectRefused(await build("import x from 'npm:greet@^9'; x()")).message).toContain(
      'that fits "^9"',
    );
    expect(
      expectRefused(await build("import x from 'jsr:@std/path@1/nope'; x()")).message,
    ).toContain('does not offer "./nope"');
  });

  test("dependencies by git, file or address are refused", async () => {
    registry.add("wants-git", "1.0.0", {
      "index.js": "require('elsewhere')",
      "package.json": '{"dependencies":{"elsewhere":"git+ssh://example.com/x"}}',
    });
    const result = await build("import x from 'npm:wants-git'; export default x");
    expect(result.ok ? result.code : "").not.toContain("example.com");
  });

  test("an optional dependency that is missing fails only where it is required", async () => {
    registry.add("optional", "1.0.0", {
      "index.js":
        "let a; try { a = require('not-installed') } catch { a = 'fallback' } module.exports = a",
    });
    expectBuilt(await build("import x from 'npm:optional'; export default x"));
  });

  test("the same save builds to the same bytes", async () => {
    const source =
      "import { Hono } from 'npm:hono@4'; import { jwt } from 'npm:hono@4/jwt'; export default [Hono, jwt]";
    const first = expectBuilt(await build(source));
    const second = newBuilder();
    expect(
      expectBuilt(await second.build({ files: { "main.ts": source }, entry: "main.ts" })).code,
    ).toBe(first.code);
    second.close();
  });
});
