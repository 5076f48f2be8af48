import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PICLOUD_TYPES from "../../src/cli/types/picloud.d.ts.txt" with { type: "text" };
import { TSCONFIG } from "../../src/cli/commands/types.ts";
import { runInGuest } from "../support/guest-lab.ts";

const TSC = join(import.meta.dir, "../../node_modules/.bin/tsc");
/** As `pic types` writes them, but with the declarations themselves checked. */
const OPTIONS = { ...TSCONFIG.compilerOptions, skipLibCheck: false };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "picloud-types-"));
  writeFileSync(join(folder, "picloud.d.ts"), PICLOUD_TYPES);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function check(source: string, file = "main.ts"): Promise<string[]> {
  for (const other of ["main.ts", "main.tsx"]) rmSync(join(folder, other), { force: true });
  writeFileSync(join(folder, file), source);
  const child = Bun.spawn([TSC, "-p", folder, "--pretty", "false"], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  return text.split("\n").filter((line) => line.includes("error"));
}

test("picloud types writes the declarations and a tsconfig.json", async () => {
  const empty = mkdtempSync(join(tmpdir(), "picloud-types-"));
  const main = join(import.meta.dir, "../../src/main.ts");
  const child = Bun.spawn([process.execPath, main, "types"], { cwd: empty, stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toBe("picloud.d.ts\ntsconfig.json\n");
  expect(await Bun.file(join(empty, "picloud.d.ts")).text()).toBe(PICLOUD_TYPES);
  expect(await Bun.file(join(empty, "tsconfig.json")).json()).toEqual(TSCONFIG);
  rmSync(empty, { recursive: true });
});

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

  test("accept a script for Deno Deploy", async () => {
    const source = `import process from "node:process";
      import { assertEquals } from "jsr:@std/assert@1";
      const handler: Deno.ServeHandler = (req: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => new Response(info.remoteAddr.hostname + req.url);
      const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000), onListen: ({ port }) => console.log(port) }, async (req) => {
        if (req.headers.get("upgrade") === "websocket") {
          const { socket, response } = Deno.upgradeWebSocket(req, { idleTimeout: 1 });
          socket.onmessage = (event) => socket.send(event.data);
          return response;
        }
        const found = new URLPattern({ pathname: "/u/:id" }).exec(req.url);
        return new Response(found?.pathname.groups["id"] ?? Temporal.Now.plainDateISO().toString());
      });
      assertEquals(process.env["A"], import.meta.resolve("./a.ts"));
      await server.finished;
      export default { fetch: handler } satisfies Deno.ServeDefaultExport;`;
    expect(await check(source)).toEqual([]);
  });

  test("accept a module worker", async () => {
    const source = `import { WorkerEntrypoint } from "cloudflare:workers";
      interface Env { KEY: string }
      export class Named extends WorkerEntrypoint<Env> { key() { return this.env.KEY; } }
      export default {
        async fetch(request, env, ctx): Promise<Response> {
          ctx.waitUntil(Promise.resolve());
          return new Response(new URL(request.url).pathname + env.KEY);
        },
      } satisfies ExportedHandler<Env>;`;
    expect(await check(source)).toEqual([]);
  });

  test("accept JSX, and packages of which only the name is known", async () => {
    const hono = `/** @jsxImportSource npm:hono@4/jsx */
      import { Hono } from "npm:hono@4";
      const app = new Hono();
      const View = (props: { name: string; children?: unknown }) => <html lang="en"><h1 class="a">{props.name}</h1>{props.children}</html>;
      app.get("/", (c) => c.html(<View name="x"><p>y</p></View>));
      app.get("/u/:id", (c) => c.json({ id: c.req.param("id") }));
      export default app;`;
    expect(await check(hono, "main.tsx")).toEqual([]);
    const preact = `/** @jsx h */
      import { h } from "npm:preact@10";
      export default () => new Response(String(<div class="a">x</div>));`;
    expect(await check(preact, "main.tsx")).toEqual([]);
    expect(await check(hono.replace("props.name", "props.nmae"), "main.tsx")).toHaveLength(1);
    expect(await check(hono.replace('name="x"', "name={1}"), "main.tsx")).toHaveLength(1);
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
      (name) => !["execution", "log", "invoke", "on", "WorkerEntrypoint"].includes(name ?? ""),
    );
    const { result } = await runInGuest(
      `export default [${JSON.stringify(deno)}.filter((name) => Deno[name] === undefined), ${JSON.stringify(errors)}.filter((name) => typeof Deno.errors[name] !== "function"), Object.keys(Deno.errors).length]`,
    );
    expect(result).toEqual([[], [], errors.length]);
  });
});
