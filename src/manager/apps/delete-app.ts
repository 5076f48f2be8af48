import { eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { apps, envVars } from "../db/tables/apps.ts";
import { executionCounts, executions } from "../db/tables/executions.ts";
import { scripts } from "../db/tables/scripts.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";

/** Everything that belongs to the app goes in one transaction. @throws AppError 409 `has_scripts`, `has_data` without force */
export async function deleteApp(ctx: CallerContext, appId: string, force: boolean): Promise<void> {
  await mutate(ctx, async ({ tx, change, audit }) => {
    const [app] = await tx.select().from(apps).where(eq(apps.id, appId)).for("update");
    if (app === undefined) throw notFound();
    const owned = await tx.select({ id: scripts.id }).from(scripts).where(eq(scripts.appId, appId));
    if (!force) {
      if (owned.length > 0) {
        throw problem(
          "has_scripts",
          "Delete the scripts first, or delete the app with force=true",
          {
            details: { script_count: owned.length },
          },
        );
      }
      const env = await tx.$count(envVars, eq(envVars.appId, appId));
      if (env > 0) {
        throw problem(
          "has_data",
          "Delete the app's data first, or delete the app with force=true",
          { details: { counts: { env } } },
        );
      }
    }
    await tx.delete(executions).where(eq(executions.appId, appId));
    await tx.delete(executionCounts).where(eq(executionCounts.appId, appId));
    await tx.delete(apps).where(eq(apps.id, appId));
    change({ kind: "routing", appId });
    for (const { id } of owned) change({ kind: "script", appId, rowId: id });
    audit({
      action: "app.delete",
      target: appId,
      appId,
      before: { slug: app.slug, name: app.name, scripts: owned.length },
    });
  });
}
