import { eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { scripts } from "../db/tables/scripts.ts";
import { notFound } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { ScriptRow } from "./find-script.ts";
import { lockApp } from "./save-version.ts";

/** Its versions and routes go with it; what it ran stays on record. */
export async function deleteScript(ctx: CallerContext, script: ScriptRow): Promise<void> {
  await mutate(ctx, async ({ tx, change, audit }) => {
    await lockApp(tx, script.appId);
    const gone = await tx
      .delete(scripts)
      .where(eq(scripts.id, script.id))
      .returning({ id: scripts.id });
    if (gone.length === 0) throw notFound();
    change({ kind: "script", appId: script.appId, rowId: script.id });
    change({ kind: "routing", appId: script.appId });
    audit({
      action: "script.delete",
      target: script.id,
      appId: script.appId,
      before: { name: script.name, version: script.version },
    });
  });
}
