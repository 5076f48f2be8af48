/** Deletes audit rows past their setting, through the one function by which the running role may. */
import { sql } from "drizzle-orm";
import type { Clock } from "../../shared/clock.ts";
import type { Queryable } from "../db/connect.ts";
import { readSettings } from "../settings/read-settings.ts";

const DAY_MS = 86_400_000;
const BATCH = 5000;
const BATCHES_MAX = 200;

/** @returns how many rows were deleted */
export async function enforceAuditRetention(db: Queryable, clock: Clock): Promise<number> {
  const days = (await readSettings(db)).audit_retention_days;
  if (days === null) return 0;
  // A second more, since the database refuses what is younger by its own clock.
  const until = new Date(clock.now() - days * DAY_MS - 1000).toISOString();
  let deleted = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const [row] = await db.execute<{ deleted: string }>(
      sql`select delete_old_audit(${until}::timestamptz, ${BATCH}) as deleted`,
    );
    const count = Number(row?.deleted ?? 0);
    deleted += count;
    if (count < BATCH) break;
  }
  return deleted;
}
