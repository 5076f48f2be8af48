import { eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { routes } from "../db/tables/scripts.ts";
import { notFound } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";

export async function deleteRoute(
  ctx: CallerContext,
  route: typeof routes.$inferSelect,
): Promise<void> {
  await mutate(ctx, async ({ tx, change, audit }) => {
    const gone = await tx
      .delete(routes)
      .where(eq(routes.id, route.id))
      .returning({ id: routes.id });
    if (gone.length === 0) throw notFound();
    change({ kind: "routing", appId: route.appId });
    const { method, path, host, scriptId } = route;
    audit({
      action: "route.delete",
      target: route.id,
      appId: route.appId,
      before: { script: scriptId, method, path, host },
    });
  });
}
