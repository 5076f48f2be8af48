import { afterAll, describe, expect, test } from "bun:test";
import { registryFromEnvironment } from "../../src/builder/create-builder.ts";
import { exportedPath, mainPaths } from "../../src/builder/packages/exports.ts";
import { selectVersion } from "../../src/builder/packages/package-store.ts";
import { DEFAULT_REGISTRY, RegistryClient } from "../../src/builder/packages/registry-client.ts";
import { parsePackageSpecifier } from "../../src/builder/packages/specifier.ts";

const asked: string[] = [];
const elsewhere = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) => (asked.push(request.url), Response.json({})),
});
const registry = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved")
      return new Response(null, { status: 302, headers: { location: "/here" } });
    if (pathname === "/here") return Response.json({ versions: {} });
    if (pathname === "/away")
      return new Response(null, { status: 302, headers: { location: elsewhere.url.href } });
    if (pathname === "/loop")
      return new Response(null, { status: 302, headers: { location: "/loop" } });
    if (pathname === "/large") return new Response("x".repeat(2_000));
    return new Response("", { status: pathname === "/broken" ? 500 : 404 });
  },
});
afterAll(async () => {
  await Promise.all([registry.stop(true), elsewhere.stop(true)]);
});
const client = new RegistryClient({
  ...DEFAULT_REGISTRY,
  npm: registry.url.href,
  documentBytesMax: 1_000,
});

describe("the registry client", () => {
  test("follows a redirect inside of the registry, and none out of it", async () => {
    expect(await client.packument("moved")).toEqual({ versions: {} });
    await expect(client.packument("away")).rejects.toThrow("redirects to another host");
    await expect(client.packument("loop")).rejects.toThrow("redirects too often");
    expect(asked).toEqual([]);
  });
  test("takes an archive from the registry only, wherever the document says it is", async () => {
    await expect(client.archive("some", "1.0.0", elsewhere.url.href)).rejects.toThrow("no archive");
    expect(asked).toEqual([]);
  });
  test("refuses what is too large, and says what failed", async () => {
    await expect(client.packument("large")).rejects.toThrow("larger than 1000 bytes");
    await expect(client.packument("broken")).rejects.toThrow("answered 500");
    expect(await client.packument("none")).toBeNull();
  });
});

test("the registry's address comes from PICLOUD_NPM_REGISTRY, then npm's own variable", () => {
  expect(
    registryFromEnvironment({
      PICLOUD_NPM_REGISTRY: "http://a.test",
      npm_config_registry: "http://b.test",
    }),
  ).toEqual({ npm: "http://a.test" });
  expect(registryFromEnvironment({ npm_config_registry: "http://b.test" })).toEqual({
    npm: "http://b.test",
  });
  expect(registryFromEnvironment({})).toEqual({});
});

test("specifiers of packages are told apart", () => {
  const parse = (text: string) => {
    const found = parsePackageSpecifier(text);
    return found === null ? null : [found.source, found.name, found.range, found.subpath];
  };
  expect(parse("npm:hono@^4.1/jsx/runtime")).toEqual(["npm", "hono", "^4.1", "./jsx/runtime"]);
  expect(parse("npm:/@scope/name@1.2.3")).toEqual(["npm", "@scope/name", "1.2.3", "."]);
  expect(parse("jsr:@std/path@1/posix")).toEqual(["jsr", "@jsr/std__path", "1", "./posix"]);
  expect(parse("@scope/name/sub")).toEqual(["npm", "@scope/name", "", "./sub"]);
  for (const wrong of ["jsr:path", "npm:", "name@1", "npm:../x", "@scope", "npm:a b"])
    expect(parse(wrong)).toBeNull();
});

test("versions are chosen as npm does: latest when it fits, else the highest that is not deprecated", () => {
  const packument = {
    "dist-tags": { latest: "2.0.0", next: "3.0.0-rc.1" },
    versions: {
      "1.0.0": {},
      "1.5.0": {},
      "1.6.0": { deprecated: "broken" },
      "2.0.0": {},
      "2.1.0": {},
      "3.0.0-rc.1": {},
    },
  };
  const chosen = ["", "*", "^1", "~1.0", "next", ">=2", "1.6.0", "^9", "2.x || 1.x"].map((range) =>
    selectVersion(packument, range),
  );
  expect(chosen).toEqual([
    "2.0.0",
    "2.0.0",
    "1.5.0",
    "1.0.0",
    "3.0.0-rc.1",
    "2.0.0",
    "1.6.0",
    null,
    "2.0.0",
  ]);
});

test("conditional exports are resolved in the package's own order", () => {
  const manifest = {
    exports: {
      ".": { node: "./node.js", worker: "./worker.js", import: "./esm.js", require: "./cjs.cjs" },
      "./*": { import: "./lib/*.mjs", require: "./lib/*.cjs" },
      "./lib/private/*": null,
      "./lib/*": "./lib/*.js",
      "./folder/": "./out/",
    },
  };
  expect(exportedPath(manifest, ".", "import")).toBe("./node.js");
  expect(exportedPath(manifest, "./a/b", "import")).toBe("./lib/a/b.mjs");
  expect(exportedPath(manifest, "./a/b", "require")).toBe("./lib/a/b.cjs");
  expect(exportedPath(manifest, "./lib/x", "import")).toBe("./lib/x.js");
  expect(exportedPath(manifest, "./lib/private/x", "import")).toBeNull();
  expect(exportedPath({ exports: "./only.js" }, ".", "require")).toBe("./only.js");
  expect(exportedPath({ exports: { ".": "./a.js" } }, "./b", "import")).toBeNull();
  const entries = { main: "lib", module: "esm/index.js", browser: { "./a": false } };
  expect(mainPaths(entries, "import")).toEqual(["./esm/index.js", "./lib", "./index"]);
  expect(mainPaths(entries, "require")).toEqual(["./lib", "./index", "./esm/index.js"]);
});
