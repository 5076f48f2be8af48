/** Two platforms on one database: what one is told, the other does within a second. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDataDir } from "../../src/server/data-dir/data-dir.ts";
import type { DataDir } from "../../src/server/data-dir/data-dir.ts";
import { startEmbeddedPostgres } from "../../src/server/postgres/embedded.ts";
import type { EmbeddedPostgres } from "../../src/server/postgres/embedded.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { eventually, startInstance } from "../support/instance.ts";
import type { Instance } from "../support/instance.ts";

const WITHIN_MS = 1_000;
const folder = mkdtempSync(path.join(tmpdir(), "picloud-two-"));
let dataDir: DataDir;
let postgres: EmbeddedPostgres;
let first: Instance;
let second: Instance;
let app = { id: "", host: "pair.example.com" };
let scriptId = "";

beforeAll(async () => {
  chmodSync(folder, 0o711);
  dataDir = openDataDir(folder);
  postgres = await startEmbeddedPostgres({
    dataDir,
    logger: silentLogger,
    initArguments: ["--no-sync"],
  });
  const env = {
    DATABASE_URL: postgres.url,
    PICLOUD_DATABASE_OWNER_URL: postgres.ownerUrl,
    PICLOUD_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  };
  // At the same time: migrations, the first owner and the defaults are made once.
  [first, second] = await Promise.all([startInstance({ env }), startInstance({ env })]);
  const made = await first.api<{ id: string }>("POST", "/apps", { slug: "pair", name: "Pair" });
  app = { ...app, id: made.body.id };
}, 90_000);

afterAll(async () => {
  await Promise.all([first.dispose(), second.dispose()]);
  await postgres.stop();
  dataDir.release();
  rmSync(folder, { recursive: true, force: true });
});

async function answers(instance: Instance, expected: string): Promise<void> {
  await eventually(async () => {
    const response = await instance.ask(app.host, "/");
    return (await response.text()) === expected;
  }, WITHIN_MS);
}

const source = (text: string): string => `export default () => new Response("${text}");`;

test("two that start at once share one owner and one set of defaults", async () => {
  const users = await second.api<{ items: unknown[] }>("GET", "/users");
  expect(users.body.items).toHaveLength(1);
  const apps = await second.api<{ items: { slug: string }[] }>("GET", "/apps");
  expect(apps.body.items.map(({ slug }) => slug).toSorted()).toEqual(["default", "pair"]);
});

test("a script, its host and its route made at one answer at the other", async () => {
  const script = await first.api<{ id: string }>("POST", "/scripts", {
    app_id: app.id,
    name: "pair",
    source: source("one"),
  });
  scriptId = script.body.id;
  await first.api("POST", "/apps/pair/domains", { host: app.host });
  await first.api("POST", `/scripts/${scriptId}/routes`, { path: "/" });
  await answers(first, "one");
  await answers(second, "one");
});

test("a new version saved at the other is live at both", async () => {
  const saved = await second.api("PUT", `/scripts/${scriptId}`, { source: source("two") });
  expect(saved.status).toBe(200);
  expect(await (await second.ask(app.host, "/")).text()).toBe("two");
  await answers(first, "two");
});

test("going back at one goes back at both", async () => {
  await first.api("POST", `/scripts/${scriptId}/versions/1:activate`);
  expect(await (await first.ask(app.host, "/")).text()).toBe("one");
  await answers(second, "one");
});

test("a secret set at one is seen by a script at the other", async () => {
  await second.api("PUT", `/scripts/${scriptId}`, {
    source: `export default () => new Response(Deno.env.get("COLOUR") ?? "none");`,
  });
  await answers(first, "none");
  await second.api("PUT", "/apps/pair/env/COLOUR", { value: "blue", secret: true });
  await answers(first, "blue");
});

test("a session of one is a session of the other, and its end is the end at both", async () => {
  const { body } = await first.api<{ token: string }>("POST", "/auth/login", {
    username: "owner",
    password: "correct horse battery",
  });
  const me = async (instance: Instance): Promise<number> =>
    (
      await fetch(`${instance.url}/api/v1/admin/auth/me`, {
        headers: { authorization: `Bearer ${body.token}` },
      })
    ).status;
  expect([await me(first), await me(second)]).toEqual([200, 200]);
  const logout = await fetch(`${first.url}/api/v1/admin/auth/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${body.token}` },
  });
  expect(logout.status).toBe(204);
  expect(await me(first)).toBe(401);
  await eventually(async () => (await me(second)) === 401, WITHIN_MS);
});

test("a key that was just used at one is dead there as soon as it is revoked at the other", async () => {
  const made = await first.api<{ id: string; raw_token: string }>("POST", "/api-keys", {
    name: "pair",
    scopes: ["script:read"],
  });
  const status = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${made.body.raw_token}` };
    return (await fetch(`${second.url}/api/v1/admin/auth/me`, { headers })).status;
  };
  expect(await status()).toBe(200);
  expect((await first.api("DELETE", `/api-keys/${made.body.id}`)).status).toBe(204);
  // Verified keys are kept for five seconds, so only the news of the other process makes this soon.
  await eventually(async () => (await status()) === 401, WITHIN_MS);
});
