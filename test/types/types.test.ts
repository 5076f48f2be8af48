import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PICLOUD_TYPES from "../../src/cli/types/picloud.d.ts.txt" with { type: "text" };
import { runInGuest } from "../support/guest-lab.ts";

const TSC = join(import.meta.dir, "../../node_modules/.bin/tsc");
/** As `pic types` writes them, but with the declarations themselves checked. */
const OPTIONS = {
  target: "esnext",
  module: "preserve",
  moduleResolution: "bundler",
  lib: ["esnext", "webworker"],
  types: [],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: false,
};
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "picloud-types-"));
  writeFileSync(join(folder, "picloud.d.ts"), PICLOUD_TYPES);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function check(source: string): Promise<string[]> {
  writeFileSync(join(folder, "main.ts"), source);
  const child = Bun.spawn([TSC, "-p", folder, "--pretty", "false"], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  return text.split("\n").filter((line) => line.includes("error"));
}

describe("the declarations", () => {
  test("accept the four forms of a script and what it may call", async () => {
    const source = `import { execution, log, type Handler } from "picloud";
      Deno.serve((req, info) => new Response(info.params.id + info.rest + req.url));
      Deno.serve({ onError: () => new Response("x", { status: 500 }) }, async (_req, info) => { info.waitUntil(Promise.resolve()); return { ok: info.principal?.username ?? null }; });
      const handler: Handler = () => ({ statusCode: 201, body: "made" });
      log.info("hi", { a: 1 });
      const name: string | undefined = Deno.env.get("NAME");
      export const all = [execution.id, name, await Deno.readTextFile("a.txt"), await Deno.resolveDns("x.test", "MX").then((r) => r[0]?.exchange), import.meta.url];
      for await (const entry of Deno.readDir(".")) entry.isFile;
      try { Deno.statSync("x") } catch (error) { if (error instanceof Deno.errors.NotFound) throw error }
      using file = Deno.openSync("a.txt");
      export default { fetch: handler, file };`;
    expect(await check(source)).toEqual([]);
  });

  test("know Node's globals, packages, files as text and what the language has of late", async () => {
    const source = `import { readFileSync } from "node:fs";
      import { Hono } from "npm:hono@4";
      import * as path from "jsr:@std/path@1";
      import text from "./page.html";
      const words: string[] = text.split(Buffer.from("YQ==", "base64").toString());
      setImmediate((n: number) => n, 1);
      Deno.stdout.writeSync(new TextEncoder().encode(process.env["HOME"] ?? ""));
      export default [readFileSync, Hono, path, words, Uint8Array.fromBase64("").toHex(), JSON.rawJSON("1"), Math.sumPrecise([1]),
        Iterator.concat([1]), RegExp.escape("a"), Error.isError(1), new QuotaExceededError("x").quota, new DisposableStack(), new URLPattern({})];`;
    expect(await check(source)).toEqual([]);
    expect(await check(`Bufer.from("a"); process.evn; Buffer.form("a");`)).toHaveLength(3);
  });

  test("show a typo, and what a sandbox does not have", async () => {
    const errors = await check(
      `Deno.serv(() => new Response("x"));\nDeno.env.get(1);\nnew Deno.Command("ls");\nimport { nope } from "picloud"; nope();\nDeno.serve((_req, info) => info.parms);`,
    );
    for (const line of [1, 2, 3, 4, 5])
      expect(errors.some((error) => error.includes(`main.ts(${line},`))).toBe(true);
  });

  test("declare nothing that the sandbox does not have", async () => {
    const members = [
      ...PICLOUD_TYPES.matchAll(/^  export (?:function|const|class|enum|namespace) (\w+)/gm),
    ].map((match) => match[1]);
    const errors = [...PICLOUD_TYPES.matchAll(/^    class (\w+) extends Error/gm)].map(
      (match) => match[1],
    );
    expect(members.length).toBeGreaterThan(40);
    const deno = members.filter(
      (name) => !["execution", "log", "invoke", "on"].includes(name ?? ""),
    );
    const { result } = await runInGuest(
      `export default [${JSON.stringify(deno)}.filter((name) => Deno[name] === undefined), ${JSON.stringify(errors)}.filter((name) => typeof Deno.errors[name] !== "function"), Object.keys(Deno.errors).length]`,
    );
    expect(result).toEqual([[], [], errors.length]);
  });
});
