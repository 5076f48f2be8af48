/** Reads what changed since a revision. */
import { asc, gt } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { changes, routingRevision } from "../db/tables/instance.ts";
import type { Change, ChangeKind } from "./changes.ts";

export interface ChangesSince {
  revision: number;
  /** Null when some are no longer kept: load everything. */
  changes: Change[] | null;
}

export async function currentRevision(db: Queryable): Promise<number> {
  const [row] = await db.select({ revision: routingRevision.revision }).from(routingRevision);
  return row?.revision ?? 0;
}

export async function changesSince(db: Queryable, revision: number): Promise<ChangesSince> {
  const rows = await db
    .select()
    .from(changes)
    .where(gt(changes.revision, revision))
    .orderBy(asc(changes.revision));
  const newest = rows.at(-1)?.revision;
  if (newest === undefined) {
    const now = await currentRevision(db);
    return { revision: now, changes: now === revision ? [] : null };
  }
  if (rows[0]?.revision !== revision + 1) return { revision: newest, changes: null };
  return {
    revision: newest,
    changes: rows.map(({ kind, appId, rowId }) => ({
      kind: kind as ChangeKind,
      ...(appId === null ? {} : { appId }),
      ...(rowId === null ? {} : { rowId }),
    })),
  };
}
