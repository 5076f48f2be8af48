import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type postgres from "postgres";
import { openDriver } from "../../../src/manager/db/connect.ts";
import { isMigrated, migrate } from "../../../src/manager/db/migrate.ts";
import { testDatabase } from "../../support/postgres.ts";

const first = { tag: "0000_first", sql: "create table a (id int)" };
const second = { tag: "0001_second", sql: "create table b (id int); insert into b values (1)" };

let sql: postgres.Sql;
let drop: () => Promise<void>;

beforeEach(async () => {
  const database = await testDatabase({ migrated: false });
  sql = openDriver(database.ownerUrl, 4);
  drop = database.drop;
});
afterEach(async () => {
  await sql.end();
  await drop();
});

describe("migrate()", () => {
  test("applies each migration once, in order", async () => {
    expect(await migrate(sql, [first])).toEqual({ applied: ["0000_first"] });
    expect(await isMigrated(sql, [first, second])).toBe(false);
    expect(await migrate(sql, [first, second])).toEqual({ applied: ["0001_second"] });
    expect(await migrate(sql, [first, second])).toEqual({ applied: [] });
    expect(await isMigrated(sql, [first, second])).toBe(true);
    expect(await sql`select * from b`).toHaveLength(1);
  });

  test("run by several processes at once applies each migration once", async () => {
    const reports = await Promise.all([1, 2, 3].map(() => migrate(sql, [first, second])));
    expect(reports.flatMap(({ applied }) => applied).toSorted()).toEqual([
      "0000_first",
      "0001_second",
    ]);
  });

  test("leaves nothing of a migration that fails", async () => {
    const broken = { tag: "0001_broken", sql: "create table c (id int); select 1 / 0" };
    await expect(migrate(sql, [first, broken])).rejects.toThrow(
      'Cannot apply migration "0001_broken"',
    );
    expect(await sql`select to_regclass('c') as c`).toEqual([{ c: null }] as never);
    expect(await migrate(sql, [first, second])).toEqual({ applied: ["0001_second"] });
  });

  test("refuses a database that is newer than the executable", async () => {
    await migrate(sql, [first, second]);
    await expect(migrate(sql, [first])).rejects.toThrow(
      'migration "0001_second", which this version does not know',
    );
  });

  test("refuses a migration whose text changed after it was applied", async () => {
    await migrate(sql, [first]);
    await expect(migrate(sql, [{ ...first, sql: "create table other (id int)" }])).rejects.toThrow(
      "was changed after it was applied",
    );
  });
});
