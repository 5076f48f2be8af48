/** A database of its own that goes away and comes back, under a platform that was told its address. */
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

const folder = mkdtempSync(path.join(tmpdir(), "picloud-outage-"));
let dataDir: DataDir;
let postgres: EmbeddedPostgres;
let cloud: Instance;
let scriptId = "";

const startDatabase = (): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir, logger: silentLogger, initArguments: ["--no-sync"] });

beforeAll(async () => {
  chmodSync(folder, 0o711);
  dataDir = openDataDir(folder);
  postgres = await startDatabase();
  cloud = await startInstance({
    env: { DATABASE_URL: postgres.url, PICLOUD_DATABASE_OWNER_URL: postgres.ownerUrl },
  });
  const apps = await cloud.api<{ items: { id: string; slug: string }[] }>("GET", "/apps");
  const script = await cloud.api<{ id: string }>("POST", "/scripts", {
    app_id: apps.body.items[0]?.id,
    name: "counter",
    source: "export default () => { console.log('ran'); return new Response('from memory'); }",
  });
  scriptId = script.body.id;
  await cloud.api("POST", `/scripts/${scriptId}/routes`, { path: "/memory" });
}, 90_000);

afterAll(async () => {
  await cloud.dispose();
  await postgres.stop();
  dataDir.release();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(): Promise<{ status: number; text: string }> {
  const response = await cloud.ask("localhost", "/memory");
  return { status: response.status, text: await response.text() };
}

async function recorded(): Promise<number> {
  const page = await cloud.api<{ items: unknown[] }>("GET", `/scripts/${scriptId}/logs?limit=200`);
  return page.body.items.length;
}

test("the platform runs on a database that it was given, migrated by the owner's role", async () => {
  expect(cloud.output()).toContain("Migrated the database");
  expect(cloud.output()).not.toContain("could change audit rows");
  expect(await ask()).toEqual({ status: 200, text: "from memory" });
});

test("without the database routes go on answering, the control plane says 503 and readiness tells", async () => {
  await postgres.stop();
  for (let turn = 0; turn < 20; turn += 1)
    expect(await ask()).toEqual({ status: 200, text: "from memory" });
  const apps = await cloud.api("GET", "/apps");
  expect({ status: apps.status, code: apps.body["code"] }).toEqual({
    status: 503,
    code: "database_unavailable",
  });
  const ready = await fetch(`${cloud.url}/readyz`);
  expect(ready.status).toBe(503);
  expect((await fetch(`${cloud.url}/healthz`)).status).toBe(200);
});

test("when it is back all resumes by itself, with the records of the time between", async () => {
  postgres = await startDatabase();
  await eventually(async () => (await fetch(`${cloud.url}/readyz`)).ok, 15_000);
  await eventually(async () => (await recorded()) >= 21, 15_000);
  expect(await ask()).toEqual({ status: 200, text: "from memory" });
});

test("a change is in force at once again, so the table follows the database as before", async () => {
  const route = await cloud.api("POST", `/scripts/${scriptId}/routes`, { path: "/later" });
  expect(route.status).toBe(201);
  expect((await cloud.ask("localhost", "/later")).status).toBe(200);
});

test("a database that is killed is used again as soon as it is back", async () => {
  process.kill(postgres.pid ?? 0, "SIGKILL");
  expect(await ask()).toEqual({ status: 200, text: "from memory" });
  await eventually(async () => (await cloud.api("GET", "/apps")).status === 200, 15_000);
});
