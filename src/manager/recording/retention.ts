/** Deletes what is older or larger than the settings allow. One process at a time does it. */
import { sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Clock } from "../../shared/clock.ts";
import type { Queryable } from "../db/connect.ts";

export interface RetentionOptions {
  db: PostgresJsDatabase;
  clock: Clock;
  days: number;
  megabytes: number;
}

const BATCH = 2000;
const BATCHES_MAX = 500;
const DAY_MS = 86_400_000;
/** Index entries and row headers, which a row's own size does not tell. */
const OVERHEAD_BYTES = 250;
const SAMPLE = 500;

/** @returns how many records were deleted */
export async function enforceRetention(options: RetentionOptions): Promise<number> {
  const { db, clock, days, megabytes } = options;
  const oldest = new Date(clock.now() - days * DAY_MS);
  let deleted = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const count = await inTurn(db, async (tx) => {
      const byAge = await deleteOldest(tx, sql`where started_at < ${oldest.toISOString()}`, BATCH);
      return byAge > 0
        ? byAge
        : await deleteOldest(tx, sql``, Math.min(BATCH, await rowsTooMany(tx, megabytes)));
    });
    deleted += count;
    if (count === 0) break;
  }
  await db.execute(sql`delete from execution_counts where at < ${oldest.toISOString()}`);
  await db.execute(
    sql`delete from sessions where expires_at < ${new Date(clock.now()).toISOString()}`,
  );
  return deleted;
}

/** Zero when another process is at it. */
async function inTurn(
  db: PostgresJsDatabase,
  work: (tx: Queryable) => Promise<number>,
): Promise<number> {
  return await db.transaction(async (tx) => {
    const [lock] = await tx.execute<{ mine: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtext('picloud.retention')) as mine`,
    );
    return lock?.mine === true ? await work(tx) : 0;
  });
}

/** Ids are in the order of time, so the index on them finds the oldest. */
async function deleteOldest(
  tx: Queryable,
  where: ReturnType<typeof sql>,
  limit: number,
): Promise<number> {
  if (limit <= 0) return 0;
  const rows = await tx.execute(
    sql`delete from executions where id in (select id from executions ${where} order by id limit ${limit}) returning 1`,
  );
  return rows.length;
}

/** By the size of the newest rows: the size of the files does not fall when rows are deleted. */
async function rowsTooMany(tx: Queryable, megabytes: number): Promise<number> {
  const [row] = await tx.execute<{ rows: string; bytes: string | null }>(sql`
    select (select count(*) from executions) as rows,
      (select avg(pg_column_size(e.*)) from (select * from executions order by id desc limit ${SAMPLE}) e) as bytes`);
  const allowed = (megabytes * 1024 * 1024) / (Number(row?.bytes ?? 0) + OVERHEAD_BYTES);
  return Math.max(0, Math.ceil(Number(row?.rows ?? 0) - allowed));
}
