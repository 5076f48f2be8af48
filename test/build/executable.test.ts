/** The executable as its user has it: one file, an empty directory, nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually, startInstance } from "../support/instance.ts";
import type { Instance } from "../support/instance.ts";

const root = path.resolve(import.meta.dir, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "picloud-executable-"));
const executable = path.join(folder, "picloud");
const dataDir = path.join(folder, "data");
let cloud: Instance | undefined;

const SCRIPT = `
interface Greeting { greeting: string }
export default (request: Request, ctx: { params: Record<string, string> }): Response => {
  console.log("greeting", ctx.params.name);
  const body: Greeting = { greeting: \`Hello, \${ctx.params.name}!\` };
  return Response.json(body);
};
`;

beforeAll(async () => {
  copyFileSync(process.env["PICLOUD_TEST_EXECUTABLE"] ?? (await build()), executable);
  chmodSync(executable, 0o755);
  chmodSync(folder, 0o711);
}, 180_000);

async function build(): Promise<string> {
  const child = Bun.spawn([process.execPath, "scripts/build.ts", process.arch], { cwd: root });
  expect(await child.exited).toBe(0);
  return path.join(root, `dist/picloud-linux-${process.arch}`);
}

afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(
  words: string[],
  env: Record<string, string> = {},
): { code: number; out: string; err: string } {
  const done = Bun.spawnSync(words, {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", HOME: folder, ...env },
  });
  return { code: done.exitCode, out: done.stdout.toString(), err: done.stderr.toString() };
}

async function start(): Promise<Instance> {
  return startInstance({ command: [executable], dataDir, env: { HOME: folder } });
}

describe("the main job, with the executable alone", () => {
  const ids = { app: "", script: "" };

  test("hello answers on a fresh install", async () => {
    Bun.spawnSync(["mkdir", "-p", dataDir]);
    cloud = await start();
    const hello = await cloud.ask("localhost", "/hello");
    expect(hello.status).toBe(200);
  }, 90_000);

  test("an app, a TypeScript script, a host and a route answer on the public side", async () => {
    if (cloud === undefined) throw new Error("It did not start");
    const app = await cloud.api<{ id: string }>("POST", "/apps", { slug: "shop", name: "Shop" });
    expect(app.status).toBe(201);
    const script = await cloud.api<{ id: string; version: number }>("POST", "/scripts", {
      app_id: app.body.id,
      name: "greet",
      source: SCRIPT,
    });
    expect(script.body).toMatchObject({ version: 1 });
    ids.app = app.body.id;
    ids.script = script.body.id;
    const domain = await cloud.api("POST", "/apps/shop/domains", { host: "shop.example.com" });
    const route = await cloud.api("POST", `/scripts/${ids.script}/routes`, {
      path: "/greet/:name",
    });
    expect([domain.status, route.status]).toEqual([201, 201]);
    const answer = await cloud.ask("shop.example.com", "/greet/Ada");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ greeting: "Hello, Ada!" });
  });

  test("the execution is on record with what the script logged", async () => {
    const record = await eventually(async () => {
      const page = await cloud?.api<{ items: Record<string, unknown>[] }>(
        "GET",
        `/scripts/${ids.script}/logs`,
      );
      return page?.body.items[0];
    });
    expect(record).toMatchObject({ outcome: "completed", status: 200, path: "/greet/Ada" });
    expect(record["logs"]).toMatchObject([{ level: "info", message: "greeting", data: "Ada" }]);
  });

  test("what does not compile is refused with its place", async () => {
    const bad = await cloud?.api("POST", "/scripts", {
      app_id: ids.app,
      name: "bad",
      source: "export default (\n  => 1",
    });
    expect(bad?.status).toBe(422);
    expect(bad?.body).toMatchObject({ code: "invalid_source", line: 2 });
  });

  test("a second start has everything, and SIGTERM ends it in order", async () => {
    expect(await cloud?.stop("SIGTERM")).toBe(0);
    cloud = await start();
    const answer = await cloud.ask("shop.example.com", "/greet/Bob");
    expect(await answer.json()).toEqual({ greeting: "Hello, Bob!" });
    expect(await cloud.stop("SIGTERM")).toBe(0);
  }, 90_000);
});

describe("the executable as a program", () => {
  test("lists its settings", () => {
    const { code, out } = run([executable, "serve", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("PICLOUD_DATA_DIR");
  });

  test("stops at a wrong setting, naming it", () => {
    const { code, err } = run([executable, "serve"], { PICLOUD_BIND: "everywhere" });
    expect(code).toBe(2);
    expect(err).toContain('Cannot use PICLOUD_BIND: "everywhere" is not allowed');
  });

  test("takes no settings from a .env that lies about", () => {
    writeFileSync(path.join(folder, ".env"), "PICLOUD_BIND=everywhere\n");
    expect(run([executable, "version"]).code).toBe(0);
    const { err } = run([executable, "serve"], { PICLOUD_RETENTION_DAYS: "soon" });
    expect(err).toContain("PICLOUD_RETENTION_DAYS");
    expect(err).not.toContain("PICLOUD_BIND");
  });

  test("is the command line when it is called pic", () => {
    symlinkSync("picloud", path.join(folder, "pic"));
    const { code, out } = run([path.join(folder, "pic"), "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("pic");
  });

  test("keeps its data to itself", () => {
    const open = readdirSync(dataDir)
      .filter((name) => !name.startsWith("postgres-programs-"))
      .filter((name) => (statSync(path.join(dataDir, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });
});
