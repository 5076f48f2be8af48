import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import type postgres from "postgres";
import journal from "../../migrations/meta/_journal.json";
import { migrations } from "../../migrations/index.ts";
import { isAuditProtected } from "../../src/manager/db/grants.ts";
import * as tables from "../../src/manager/db/tables/index.ts";
import { connectDatabase } from "../../src/manager/db/connect.ts";
import type { Database } from "../../src/manager/db/connect.ts";
import { testDatabase } from "../support/postgres.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { describeGrants, describeSchema } from "./catalogue.ts";
import { expectGolden } from "./golden.ts";

const folder = new URL("../../migrations/", import.meta.url);
let database: TestDatabase;
let app: Database;
let owner: Database;

beforeAll(async () => {
  database = await testDatabase();
  app = connectDatabase({ url: database.url, poolSize: 1 });
  owner = connectDatabase({ url: database.ownerUrl, poolSize: 1 });
});
afterAll(async () => {
  await Promise.all([app.close(), owner.close()]);
  await database.drop();
});

describe("the schema", () => {
  test("after all migrations is the one in schema.txt", async () => {
    await expectGolden(new URL("schema.txt", import.meta.url).pathname, await describeSchema(owner.sql));
  });

  test("has no drift between the tables in code and the newest snapshot", async () => {
    const last = journal.entries.at(-1);
    const snapshotPath = new URL(`meta/${String(last?.idx).padStart(4, "0")}_snapshot.json`, folder);
    const snapshot = await Bun.file(snapshotPath).json();
    expect(await generateMigration(snapshot, generateDrizzleJson(tables, snapshot.id))).toEqual([]);
  });

  test("embeds exactly the migrations of the journal, with times that ascend", async () => {
    expect(migrations.map(({ tag }) => tag)).toEqual(journal.entries.map(({ tag }) => tag));
    for (const { tag, sql } of migrations) expect(sql).toBe(await Bun.file(new URL(`${tag}.sql`, folder)).text());
    const times = journal.entries.map(({ when }) => when);
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  });
});

describe("the running role", () => {
  test("has the rights of grants.txt: audit rows and versions cannot be rewritten", async () => {
    await expectGolden(new URL("grants.txt", import.meta.url).pathname, await describeGrants(owner.sql, "picloud_app"));
    await app.sql`insert into audit (id, actor_kind, action) values (${Bun.randomUUIDv7()}, 'system', 'test')`;
    expect(await refusal(app.sql, "update audit set action = 'x'")).toContain("permission denied");
    expect(await refusal(app.sql, "delete from audit")).toContain("permission denied");
    expect(await refusal(app.sql, "update script_versions set code = ''")).toContain("permission denied");
    expect(await isAuditProtected(app.sql)).toBe(true);
    expect(await isAuditProtected(owner.sql)).toBe(false);
  });
});

async function refusal(sql: postgres.Sql, statement: string): Promise<string> {
  return await sql.unsafe(statement).then(
    () => "no refusal",
    (error: unknown) => String(error),
  );
}
