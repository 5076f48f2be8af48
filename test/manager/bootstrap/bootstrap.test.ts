import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import type { Database } from "../../../src/manager/db/connect.ts";
import { bootstrapOwner } from "../../../src/manager/bootstrap/bootstrap-owner.ts";
import { seedDefaults } from "../../../src/manager/bootstrap/seed-defaults.ts";
import { createManager } from "../../../src/manager/manager.ts";
import type { Manager } from "../../../src/manager/manager.ts";
import { createLogger } from "../../../src/shared/logger.ts";
import { testDatabase } from "../../support/postgres.ts";
import { TEST_MASTER_KEY, testClock, testConfig } from "../support/harness.ts";
import { standInBuilder, standInExecutor } from "../support/stand-ins.ts";

let manager: Manager;
let database: Database;
let dataDir: string;
let drop: () => Promise<void>;

beforeEach(async () => {
  const created = await testDatabase();
  drop = created.drop;
  database = connectDatabase({ url: created.url, poolSize: 4 });
  dataDir = await mkdtemp(join(tmpdir(), "picloud-bootstrap-"));
  manager = await createManager({
    database,
    url: created.url,
    config: testConfig,
    clock: testClock(),
    logger: createLogger({ level: "silent", format: "json" }),
    masterKey: TEST_MASTER_KEY,
    builder: standInBuilder(),
    executor: standInExecutor(),
  });
});
afterEach(async () => {
  await manager.close();
  await database.close();
  await drop();
  await rm(dataDir, { recursive: true });
});

async function canLogIn(username: string, password: string): Promise<boolean> {
  const request = new Request("http://localhost/api/v1/admin/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  return (await manager.controlPlane().fetch(request)).status === 200;
}

describe("bootstrapOwner()", () => {
  test("makes a password that only a file with mode 0600 holds", async () => {
    const made = await bootstrapOwner(manager.deps, { username: null, password: null, dataDir });
    expect(made?.username).toBe("admin");
    const file = made?.passwordFile ?? "";
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await canLogIn("admin", (await readFile(file, "utf8")).trim())).toBe(true);
  });

  test("takes the given name and password, and has no effect once a user exists", async () => {
    const given = { username: "root.user", password: "given password", dataDir };
    expect(await bootstrapOwner(manager.deps, given)).toEqual({
      username: "root.user",
      passwordFile: null,
    });
    expect(
      await bootstrapOwner(manager.deps, {
        ...given,
        username: "other",
        password: "other password",
      }),
    ).toBeNull();
    expect(await canLogIn("root.user", "given password")).toBe(true);
    expect(await canLogIn("other", "other password")).toBe(false);
  });

  test("run twice at once makes one owner", async () => {
    const made = await Promise.all(
      [1, 2].map(() => bootstrapOwner(manager.deps, { username: null, password: null, dataDir })),
    );
    expect(made.filter((owner) => owner !== null)).toHaveLength(1);
    expect(
      await canLogIn(
        "admin",
        (await readFile(join(dataDir, "initial-owner-password"), "utf8")).trim(),
      ),
    ).toBe(true);
  });
});

describe("seedDefaults()", () => {
  test("gives localhost a /hello, once: what is deleted later stays deleted", async () => {
    await seedDefaults(manager.deps);
    const { apps, domains, routes } = manager.publisher.routingTables.snapshot();
    expect(apps.map(({ slug }) => slug)).toEqual(["default"]);
    expect(domains.map(({ host }) => host)).toEqual(["localhost"]);
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(["* /hello"]);
    await database.sql`delete from apps`;
    await seedDefaults(manager.deps);
    expect(await database.sql`select 1 from apps`).toHaveLength(0);
  });

  test("completes what a start that failed half-way began", async () => {
    const { builder } = manager.deps;
    manager.deps.builder = { build: () => Promise.reject(new Error("no builder")) };
    await expect(seedDefaults(manager.deps)).rejects.toThrow("no builder");
    manager.deps.builder = builder;
    await seedDefaults(manager.deps);
    expect(manager.publisher.routingTables.snapshot().routes).toHaveLength(1);
  });
});
