import { and, eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { scripts, scriptVersions } from "../db/tables/scripts.ts";
import { notFound } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { ScriptRow } from "./find-script.ts";
import { lockApp, requireFreeTriggers } from "./save-version.ts";

/** Makes a stored version the one that runs. @throws AppError 404; 409 `listener_conflict`, `cron_name_taken` */
export async function activateVersion(ctx: CallerContext, script: ScriptRow, number: number) {
  return await mutate(ctx, async ({ tx, change, audit }) => {
    await lockApp(tx, script.appId);
    const [version] = await tx
      .select()
      .from(scriptVersions)
      .where(and(eq(scriptVersions.scriptId, script.id), eq(scriptVersions.version, number)));
    if (version === undefined) throw notFound();
    await requireFreeTriggers(tx, script, version);
    const [updated] = await tx
      .update(scripts)
      .set({ version: number, updatedAt: new Date(ctx.deps.clock.now()) })
      .where(eq(scripts.id, script.id))
      .returning();
    if (updated === undefined) throw notFound();
    change({ kind: "script", appId: script.appId, rowId: script.id });
    audit({
      action: "script.activate",
      target: script.id,
      appId: script.appId,
      before: { version: script.version },
      after: { version: number },
    });
    return { script: updated, version };
  });
}
