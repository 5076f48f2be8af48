import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDataDir } from "../../../src/server/data-dir/data-dir.ts";
import { startEmbeddedPostgres } from "../../../src/server/postgres/embedded.ts";
import { processesIn, stopLeftovers } from "../../../src/server/postgres/leftovers.ts";
import { silentLogger } from "../../../src/shared/logger.ts";
import { hold, isAlive, query, until } from "../fixtures/holder.ts";
import type { Holder } from "../fixtures/holder.ts";

let root = "";
const holders: Holder[] = [];

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "picloud-embedded-"));
  chmodSync(root, 0o711);
});

afterAll(async () => {
  for (const holder of holders) await holder.kill("SIGKILL");
  for (const name of ["killed", "supervised", "plain", "second"]) {
    const cluster = path.join(root, name, "postgres");
    if (statSync(cluster, { throwIfNoEntry: false })) await stopLeftovers(cluster, 2_000);
  }
  rmSync(root, { recursive: true, force: true });
});

async function holding(name: string): Promise<Holder> {
  const holder = await hold(path.join(root, name));
  holders.push(holder);
  return holder;
}

test("a second process on the same data is refused, and told who has it", async () => {
  const first = await holding("second");
  const second = await holding("second");
  expect(second.error).toContain(`process ${first.pid} has it open`);
  expect(second.error).toContain("PICLOUD_DATA_DIR");
  expect(await query(first.url, "select 1 as one")).toEqual([{ one: 1 }]);
  await first.kill("SIGTERM");
  expect(isAlive(first.postgresPid)).toBe(false);
  const third = await holding("second");
  expect(third.error).toBeUndefined();
});

test("after kill -9 of the platform the next start takes over, with everything that was committed", async () => {
  const first = await holding("killed");
  await query(first.url, "create table kept as select 42 as answer");
  await first.kill("SIGKILL");
  expect(isAlive(first.postgresPid)).toBe(true);
  const second = await holding("killed");
  expect(second.error).toBeUndefined();
  expect(processesIn(path.join(root, "killed/postgres"))).not.toContain(first.postgresPid);
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("after a power cut a stale pid file that names a stranger's process is no obstacle", async () => {
  const first = await holding("killed");
  // The previous test's holder has it; end both sides without any goodbye.
  expect(first.error).toContain("has it open");
  const holder = holders.at(-2);
  await holder?.kill("SIGKILL");
  const cluster = path.join(root, "killed", "postgres");
  for (const pid of processesIn(cluster)) process.kill(pid, "SIGKILL");
  await until("all of PostgreSQL is gone", () => processesIn(cluster).length === 0);
  writeFileSync(path.join(cluster, "postmaster.pid"), `${process.pid}\n${cluster}\n1\n5432\n`);
  const next = await holding("killed");
  expect(next.error).toBeUndefined();
  expect(await query(next.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("PostgreSQL that is killed comes back by itself, and stops when told", async () => {
  const dataDir = openDataDir(path.join(root, "supervised"));
  const postgres = await startEmbeddedPostgres({
    dataDir,
    logger: silentLogger,
    initArguments: ["--no-sync"],
  });
  const before = postgres.pid ?? 0;
  await query(postgres.ownerUrl, "create table kept as select 7 as lucky");
  process.kill(before, "SIGKILL");
  await until("it runs again", () => postgres.restarts === 1 && postgres.pid !== undefined);
  expect(postgres.pid).not.toBe(before);
  expect(await query(postgres.ownerUrl, "select lucky from kept")).toEqual([{ lucky: 7 }]);
  await postgres.stop();
  expect(postgres.pid).toBeUndefined();
  expect(processesIn(dataDir.file("postgres"))).toEqual([]);
  dataDir.release();
});

describe("what stops the start", () => {
  test("data of another major version", async () => {
    const dataDir = openDataDir(path.join(root, "old"));
    mkdirSync(dataDir.file("postgres"));
    writeFileSync(dataDir.file("postgres/PG_VERSION"), "15\n");
    const start = startEmbeddedPostgres({ dataDir, logger: silentLogger });
    await expect(start).rejects.toThrow("of PostgreSQL 15, and this version brings 18");
    dataDir.release();
  });

  test("a directory that holds something else", async () => {
    const dataDir = openDataDir(path.join(root, "other"));
    mkdirSync(dataDir.file("postgres"));
    writeFileSync(dataDir.file("postgres/notes.txt"), "mine");
    const start = startEmbeddedPostgres({ dataDir, logger: silentLogger });
    await expect(start).rejects.toThrow("holds no PostgreSQL data");
    dataDir.release();
  });
});

test("a first start that was cut off leaves nothing that stops the next", async () => {
  const dataDir = openDataDir(path.join(root, "plain"));
  mkdirSync(dataDir.file("postgres.partial"));
  writeFileSync(dataDir.file("postgres.partial/PG_VERSION"), "18\n");
  const postgres = await startEmbeddedPostgres({
    dataDir,
    logger: silentLogger,
    initArguments: ["--no-sync"],
  });
  const [row] = await query(postgres.url, "select current_user as name, version() as version");
  expect(row?.["name"]).toBe("picloud_app");
  expect(row?.["version"]).toStartWith("PostgreSQL 18");
  expect(statSync(dataDir.file("run")).mode & 0o777).toBe(0o700);
  expect(statSync(dataDir.file("postgres")).mode & 0o777).toBe(0o700);
  await postgres.stop();
  dataDir.release();
});
