import { afterAll, expect, test } from "bun:test";
import postgres from "postgres";
import { databaseTarget } from "../../../src/shared/database-url.ts";
import { testDatabase } from "../../support/postgres.ts";

const open: { end(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((sql) => sql.end())));

function connect(url: string): postgres.Sql {
  const target = databaseTarget(url);
  const sql = postgres(target.url, { ...target.options, max: 1 });
  open.push(sql);
  return sql;
}

test("the running role reads and writes rows but cannot change tables or audit rows", async () => {
  const database = await testDatabase();
  const sql = connect(database.url);
  expect(await sql`select count(*)::int as count from apps`).toEqual([{ count: 0 }] as never);
  await expect(sql`create table intruder (id int)`.execute()).rejects.toThrow("permission denied");
  await expect(sql`drop table apps`.execute()).rejects.toThrow("must be owner");
  await expect(sql`delete from audit`.execute()).rejects.toThrow("permission denied");
  await database.drop();
});

test("two databases are apart, and what was dropped is gone", async () => {
  const [first, second] = await Promise.all([testDatabase(), testDatabase()]);
  await connect(first.ownerUrl)`create table only_here (id int)`;
  const [found] = await connect(second.ownerUrl)`select to_regclass('only_here') as found`;
  expect(found).toEqual({ found: null });
  await Promise.all([first.drop(), second.drop()]);
  await expect(connect(first.url)`select 1`.execute()).rejects.toThrow("does not exist");
});
