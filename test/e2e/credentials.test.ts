/** What a script and its records may never see, and what an operator does with the key that protects it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  eventually,
  makeDataDir,
  OWNER,
  startInstance,
  type Instance,
} from "../support/instance.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const HOST = "seen.example.com";
const SECRET = "s3cr3t-of-the-shop-4711";

const SOURCE = `export default async (request, context) => {
  const secret = Deno.env.get("KEY") ?? "none";
  const mode = new URL(request.url).searchParams.get("mode");
  if (mode === "print") {
    console.log("the key is " + secret, { nested: [secret], [secret]: 1 });
    console.error(new Error("failed with " + secret));
    throw new Error("thrown with " + secret);
  }
  if (mode === "echo") return new Response("ok", { headers: { "x-leak": secret, "set-cookie": "a=" + secret } });
  return Response.json({ headers: Object.fromEntries(request.headers), secret, principal: context?.principal ?? null });
};`;

let cloud: Instance;
let app: string;
let script: string;
let token: string;

beforeAll(async () => {
  cloud = await startInstance({ dataDir: makeDataDir() });
  const id = async (method: string, path: string, body: unknown): Promise<string> =>
    (await cloud.api<{ id: string }>(method, path, body)).body.id;
  app = await id("POST", "/apps", { slug: "seen", name: "seen" });
  await cloud.api("POST", `/apps/${app}/domains`, { host: HOST });
  script = await id("POST", "/scripts", { app_id: app, name: "seen", source: SOURCE });
  await cloud.api("POST", `/scripts/${script}/routes`, { path: "/*" });
  token = (
    await cloud.api<{ raw_token: string }>("POST", "/api-keys", {
      name: "k",
      scopes: ["script:read"],
    })
  ).body.raw_token;
}, 90_000);
afterAll(() => cloud.dispose());

interface Seen {
  headers: Record<string, string>;
  secret: string;
  principal: { kind: string; username: string } | null;
}
const seen = async (headers: Record<string, string>, path = "/x?q=1"): Promise<Seen> =>
  await (await cloud.ask(HOST, path, { headers })).json();

const DEAD_SESSION = `pcs_${"x".repeat(43)}`;
const DEAD_KEY = `pic_${"a".repeat(52)}`;

describe("a request's credentials", () => {
  test.each([
    [`Bearer ${DEAD_SESSION}`],
    [`bearer  ${DEAD_KEY}`],
    [`BEARER pcs_short`],
    [`Token ${DEAD_KEY}`],
    [`Basic ${btoa(`ann:${DEAD_KEY}`)}`],
    [`Bearer a, Bearer ${DEAD_SESSION}`],
  ])("never reach the script: %s", async (authorization) => {
    const { headers, principal } = await seen({ authorization });
    expect(headers["authorization"]).toBeUndefined();
    expect(principal).toBeNull();
  });

  test("of the tenant's own do", async () => {
    const own = { authorization: "Bearer the-shops-own-token", cookie: "cart=1; theme=dark" };
    expect((await seen(own)).headers).toMatchObject(own);
  });

  test("that are valid make a principal, and are gone all the same", async () => {
    const { headers, principal } = await seen({
      authorization: `Bearer ${token}`,
      cookie: `cart=1; picloud_session=${DEAD_SESSION}; b=2`,
    });
    expect(headers["authorization"]).toBeUndefined();
    expect(headers["cookie"]).toMatch(/^cart=1; ?b=2$/);
    expect(principal).toMatchObject({ kind: "api_key", username: OWNER.username });
  });

  test("are not made up by headers: nobody becomes somebody by naming them", async () => {
    const { headers, principal } = await seen({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-user": "owner",
      "x-picloud-principal": "owner",
      "x-picloud-user": "owner",
      forwarded: "for=127.0.0.1",
      "x-real-ip": "127.0.0.1",
    });
    expect(principal).toBeNull();
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip"])
      expect(headers[name]).toBeUndefined();
  });

  test("let nobody into the control plane by a header that says who one is", async () => {
    for (const headers of [
      { "x-forwarded-for": "127.0.0.1" },
      { "x-forwarded-user": OWNER.username },
      { "x-original-url": "/healthz" },
      { "x-http-method-override": "GET" },
      { "x-picloud-internal": "1" },
    ] as Record<string, string>[])
      expect((await fetch(`${cloud.url}/api/v1/admin/users`, { headers })).status).toBe(401);
  });
});

interface Execution {
  request: { headers: [string, string][] };
  path: string;
}
const records = async (): Promise<Execution[]> =>
  (await cloud.api<{ items: Execution[] }>("GET", `/scripts/${script}/logs?limit=200`)).body.items;

describe("records", () => {
  test("hold no credential, of the platform or of the tenant", async () => {
    const mark = crypto.randomUUID();
    await seen(
      {
        authorization: "Bearer the-shops-own-token",
        cookie: "cart=the-shops-own-cookie",
        "x-api-key": "the-shops-own-key",
        "proxy-authorization": "Basic the-shops-own-proxy",
      },
      `/${mark}`,
    );
    const found = await eventually(async () =>
      (await records()).find(({ path }) => path.includes(mark)),
    );
    expect(found.request.headers.length).toBeGreaterThan(3);
    expect(JSON.stringify(found)).not.toContain("the-shops-own");
  });

  test("mask a secret wherever a script puts it, and a change of it is in force with the next request", async () => {
    const set = await cloud.api("PUT", `/apps/${app}/env/KEY`, { value: SECRET, secret: true });
    expect(set.status).toBe(200);
    expect(JSON.stringify(set.body)).not.toContain(SECRET);
    expect((await seen({})).secret).toBe(SECRET);
    expect((await cloud.ask(HOST, "/printed?mode=print")).status).toBe(502);
    expect((await cloud.ask(HOST, "/echoed?mode=echo")).headers.get("x-leak")).toBe(SECRET);
    await eventually(async () => {
      const all = await records();
      return (
        all.some(({ path }) => path.includes("/printed")) &&
        all.some(({ path }) => path.includes("/echoed"))
      );
    });
    const text = JSON.stringify(await records());
    expect(text).toContain("the key is");
    expect(text).toContain("thrown with");
    expect(text).not.toContain(SECRET);
    expect(cloud.output()).not.toContain(SECRET);
    for (const value of ["second-value-of-the-key", "third-value-of-the-key"]) {
      await cloud.api("PUT", `/apps/${app}/env/KEY`, { value, secret: true });
      expect((await seen({})).secret).toBe(value);
    }
    await cloud.api("DELETE", `/apps/${app}/env/KEY`);
    expect((await seen({})).secret).toBe("none");
    await cloud.api("PUT", `/apps/${app}/env/KEY`, { value: SECRET, secret: true });
  });
});

async function admin(argv: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, MAIN, "admin", ...argv], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PICLOUD_DATA_DIR: cloud.dataDir,
      ...env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

/** A start that must fail: its exit code and what it said. */
async function failedStart(env: Record<string, string> = {}): Promise<string> {
  const started = await startInstance({ dataDir: cloud.dataDir, env }).then(
    async (instance) => {
      await instance.stop();
      return "it started";
    },
    (error: unknown) => String(error),
  );
  return started;
}

describe("the master key", () => {
  const file = () => join(cloud.dataDir, "master.key");

  test("is a file that only its owner reads", () => {
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test("is not changed under a running server", async () => {
    const run = await admin(["rotate-master-key"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("has it open");
  });

  test("is changed by a command, and the secrets stay", async () => {
    await cloud.stop();
    const before = await Bun.file(file()).text();
    const run = await admin(["rotate-master-key"]);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^The master key is [0-9a-f]{16} now; the keys of 1 apps /);
    const after = await Bun.file(file()).text();
    expect(after).not.toBe(before);
    expect(existsSync(`${file()}.next`)).toBe(false);
    expect(statSync(file()).mode & 0o777).toBe(0o600);

    // The former key is no good any more, and the start says which one is wanted.
    writeFileSync(file(), before);
    expect(await failedStart()).toContain(
      "Cannot read the secrets: they are encrypted with master key",
    );
    rmSync(file());
    expect(await failedStart()).toContain("restore master.key in the data directory");
    expect(existsSync(file())).toBe(false);
    writeFileSync(file(), after, { mode: 0o644 });
    expect(await failedStart()).toContain("others than its owner may read it");
    rmSync(file());

    // As a crash leaves it between the database and the file: the next start completes the change.
    writeFileSync(`${file()}.next`, after, { mode: 0o600 });
    writeFileSync(file(), before, { mode: 0o600 });
    cloud = await startInstance({ dataDir: cloud.dataDir });
    expect((await seen({})).secret).toBe(SECRET);
    expect(await Bun.file(file()).text()).toBe(after);
  }, 120_000);

  test("that is given is changed to one that is given, and by nothing else", async () => {
    await cloud.stop();
    const present = (await Bun.file(file()).text()).trim();
    const next = Buffer.alloc(32, 5).toString("base64");
    const without = await admin(["rotate-master-key"], { PICLOUD_MASTER_KEY: present });
    expect(without.stderr).toContain("give its successor as PICLOUD_NEW_MASTER_KEY");
    const run = await admin(["rotate-master-key"], {
      PICLOUD_MASTER_KEY: present,
      PICLOUD_NEW_MASTER_KEY: next,
    });
    expect(run.code).toBe(0);
    expect(run.stdout + run.stderr).not.toContain(next);
    cloud = await startInstance({ dataDir: cloud.dataDir, env: { PICLOUD_MASTER_KEY: next } });
    expect((await seen({})).secret).toBe(SECRET);
  }, 60_000);
});
