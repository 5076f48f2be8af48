/** What saving and activating have in common, inside a write that is under way. */
import { and, eq, ne } from "drizzle-orm";
import { actorOf } from "../context.ts";
import type { RequestContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { apps } from "../db/tables/apps.ts";
import { scripts, scriptVersions } from "../db/tables/scripts.ts";
import { notFound, problem } from "../problems.ts";
import type { PreparedVersion } from "./prepare-version.ts";

/** One save in an app at a time: names, crons and the listener are unique there. @throws AppError 404 when the app is gone */
export async function lockApp(tx: Queryable, appId: string): Promise<void> {
  const [row] = await tx
    .select({ id: apps.id })
    .from(apps)
    .where(eq(apps.id, appId))
    .for("no key update");
  if (row === undefined) throw notFound();
}

/** @throws AppError 409 `listener_conflict`, `cron_name_taken` against the live versions of the app's other scripts */
export async function requireFreeTriggers(
  tx: Queryable,
  script: { id: string; appId: string },
  version: Pick<PreparedVersion, "crons" | "listensToQueue">,
): Promise<void> {
  if (version.crons.length === 0 && !version.listensToQueue) return;
  const others = await tx
    .select({
      name: scripts.name,
      crons: scriptVersions.crons,
      listens: scriptVersions.listensToQueue,
    })
    .from(scripts)
    .innerJoin(
      scriptVersions,
      and(eq(scriptVersions.scriptId, scripts.id), eq(scriptVersions.version, scripts.version)),
    )
    .where(and(eq(scripts.appId, script.appId), ne(scripts.id, script.id)));
  const listener = version.listensToQueue ? others.find(({ listens }) => listens) : undefined;
  if (listener !== undefined) {
    throw problem(
      "listener_conflict",
      "One script of an app listens to its queue; take listenQueue out of the other one first",
      {
        details: { script_name: listener.name },
      },
    );
  }
  const names = new Set(version.crons.map(({ name }) => name));
  for (const other of others) {
    const taken = other.crons.find(({ name }) => names.has(name));
    if (taken === undefined) continue;
    throw problem(
      "cron_name_taken",
      "Cron names are unique in an app; another script uses one of these",
      {
        details: { cron: taken.name, script_name: other.name },
      },
    );
  }
}

export async function insertVersion(
  tx: Queryable,
  ctx: Pick<RequestContext, "principal" | "deps">,
  target: { scriptId: string; version: number },
  prepared: PreparedVersion,
) {
  const actor = actorOf(ctx.principal);
  const [row] = await tx
    .insert(scriptVersions)
    .values({
      ...prepared,
      ...target,
      createdAt: new Date(ctx.deps.clock.now()),
      createdBy: ctx.principal?.userId ?? null,
      createdByName: actor.name,
    })
    .returning();
  if (row === undefined) throw new Error("Cannot save the version: the insert gave no row");
  return row;
}
