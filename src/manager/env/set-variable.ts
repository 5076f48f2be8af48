import { and, eq, sql } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { apps, envVars } from "../db/tables/apps.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { Write } from "../publish/mutate.ts";
import type { VariableView } from "./list-variables.ts";

const VARIABLES_MAX = 500;

export async function findVariable(
  ctx: CallerContext,
  appId: string,
  name: string,
): Promise<{ secret: boolean } | undefined> {
  const [row] = await ctx.deps.database.db
    .select({ secret: envVars.secret })
    .from(envVars)
    .where(and(eq(envVars.appId, appId), eq(envVars.name, name)));
  return row;
}

/** @throws AppError 422 when the app has too many variables, 404 when the app is gone */
export async function setVariable(
  ctx: CallerContext,
  appId: string,
  input: { name: string; value: string; secret: boolean },
): Promise<VariableView> {
  const { name, value, secret } = input;
  return await mutate(ctx, async (write) => {
    await bumpEnvRevision(write, appId);
    const sealed = await ctx.deps.secrets.sealFor(write.tx, appId, name, value);
    const updatedAt = new Date(ctx.deps.clock.now());
    await write.tx
      .insert(envVars)
      .values({ appId, name, secret, sealed, updatedAt })
      .onConflictDoUpdate({
        target: [envVars.appId, envVars.name],
        set: { secret, sealed, updatedAt },
      });
    if ((await write.tx.$count(envVars, eq(envVars.appId, appId))) > VARIABLES_MAX) {
      throw problem("invalid", `An app has at most ${VARIABLES_MAX} variables`, {
        details: { field: "name" },
      });
    }
    write.audit({ action: "env.set", target: name, appId, after: { name, secret } });
    return { name, secret, ...(secret ? {} : { value }), updated_at: updatedAt.toISOString() };
  });
}

export async function deleteVariable(
  ctx: CallerContext,
  appId: string,
  name: string,
): Promise<void> {
  await mutate(ctx, async (write) => {
    await bumpEnvRevision(write, appId);
    const gone = await write.tx
      .delete(envVars)
      .where(and(eq(envVars.appId, appId), eq(envVars.name, name)))
      .returning({ secret: envVars.secret });
    if (gone.length === 0) throw notFound();
    write.audit({
      action: "env.delete",
      target: name,
      appId,
      before: { name, secret: gone[0]?.secret },
    });
  });
}

/** Makes new images, and holds off other writers of this app's variables. */
async function bumpEnvRevision({ tx, change }: Write, appId: string): Promise<void> {
  const rows = await tx
    .update(apps)
    .set({ envRevision: sql`${apps.envRevision} + 1` })
    .where(eq(apps.id, appId))
    .returning({ id: apps.id });
  if (rows.length === 0) throw notFound();
  change({ kind: "env", appId });
}
