/**
 * Every write of the control plane goes through here: one transaction that holds the change, its
 * audit rows and the new revision; and the answer waits until this process works with the change.
 */
import { eq, sql } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import { actorOf } from "../context.ts";
import type { Actor, RequestContext } from "../context.ts";
import type { Database, Queryable } from "../db/connect.ts";
import { isCollision } from "../db/faults.ts";
import { audit, changes, routingRevision } from "../db/tables/instance.ts";
import { CHANNEL } from "./changes.ts";
import type { Change } from "./changes.ts";
import type { Publisher } from "./publisher.ts";

export interface AuditEntry {
  action: string;
  target?: string;
  appId?: string;
  /** Without secrets, passwords and tokens. */
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

export interface Write {
  tx: Queryable;
  /** Tells every process; a write that changes nothing they keep in memory tells nothing. */
  change(change: Change): void;
  audit(entry: AuditEntry): void;
}

export type WriteContext = Pick<RequestContext, "requestId" | "address" | "principal"> & {
  deps: { database: Database; publisher: Pick<Publisher, "catchUp"> };
  actor?: Actor;
};

/** Changes kept for processes that were away; one that was away for longer loads everything. */
const CHANGES_KEPT = 2000;

/** Of a write that met others which locked the same rows in another order. */
const ATTEMPTS = 4;

/** `work` may be called again, in a new transaction: what it did in the last one is undone. */
export async function mutate<Result>(
  context: WriteContext,
  work: (write: Write) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await mutateOnce(context, work);
    } catch (error) {
      if (attempt === ATTEMPTS || !isCollision(error)) throw error;
    }
  }
}

async function mutateOnce<Result>(
  context: WriteContext,
  work: (write: Write) => Promise<Result>,
): Promise<Result> {
  const { database, publisher } = context.deps;
  const { result, revision } = await database.db.transaction(async (tx) => {
    const changed: Change[] = [];
    const entries: AuditEntry[] = [];
    const write: Write = {
      tx,
      change: (change) => void changed.push(change),
      audit: (entry) => void entries.push(entry),
    };
    const result = await work(write);
    await insertAudit(tx, context, entries);
    return { result, revision: await recordChanges(tx, changed) };
  });
  if (revision !== undefined) await publisher.catchUp(revision);
  return result;
}

async function insertAudit(
  tx: Queryable,
  context: WriteContext,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const actor = context.actor ?? actorOf(context.principal);
  await tx.insert(audit).values(
    entries.map((entry) => ({
      id: newId(),
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      action: entry.action,
      target: entry.target ?? null,
      appId: entry.appId ?? null,
      requestId: context.requestId,
      address: context.address,
      before: entry.before ?? null,
      after: entry.after ?? null,
    })),
  );
}

/** Last in the transaction: from here to the commit, other writers wait for the row. */
async function recordChanges(
  tx: Queryable,
  changed: readonly Change[],
): Promise<number | undefined> {
  if (changed.length === 0) return undefined;
  const [row] = await tx
    .update(routingRevision)
    .set({ revision: sql`${routingRevision.revision} + 1` })
    .where(eq(routingRevision.id, 1))
    .returning({ revision: routingRevision.revision });
  if (row === undefined)
    throw new Error("Cannot record a change: the row of routing_revision is missing");
  const { revision } = row;
  await tx.insert(changes).values(
    changed.map(({ kind, appId, rowId }) => ({
      id: newId(),
      revision,
      kind,
      appId: appId ?? null,
      rowId: rowId ?? null,
    })),
  );
  if (revision % 100 === 0)
    await tx.delete(changes).where(sql`${changes.revision} <= ${revision - CHANGES_KEPT}`);
  await tx.execute(sql`select pg_notify(${CHANNEL}, ${String(revision)})`);
  return revision;
}
