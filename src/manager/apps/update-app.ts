import { eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { apps, appSlugHistory } from "../db/tables/apps.ts";
import { notFound } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { AppRow } from "./find-app.ts";
import { lockSlugs, slugObstacle, slugProblem } from "./slugs.ts";

export interface UpdateApp {
  name?: string | undefined;
  description?: string | null | undefined;
  slug?: string | undefined;
  force?: boolean | undefined;
}

/** @throws AppError 409 `slug_taken`; `slug_in_history` unless forced */
export async function updateApp(
  ctx: CallerContext,
  appId: string,
  input: UpdateApp,
): Promise<AppRow> {
  return await mutate(ctx, async ({ tx, change, audit }) => {
    if (input.slug !== undefined) await lockSlugs(tx);
    const [before] = await tx.select().from(apps).where(eq(apps.id, appId)).for("update");
    if (before === undefined) throw notFound();
    if (input.slug !== undefined && input.slug !== before.slug) {
      await takeSlug(tx, before, input.slug, input.force === true);
      change({ kind: "routing", appId });
    }
    const [after] = await tx
      .update(apps)
      .set({
        name: input.name ?? before.name,
        description: input.description === undefined ? before.description : input.description,
        slug: input.slug ?? before.slug,
        updatedAt: new Date(ctx.deps.clock.now()),
      })
      .where(eq(apps.id, appId))
      .returning();
    if (after === undefined) throw notFound();
    audit({
      action: "app.update",
      target: appId,
      appId,
      before: facts(before),
      after: facts(after),
    });
    return after;
  });
}

const facts = ({ slug, name, description }: AppRow) => ({ slug, name, description });

/** The old slug goes on answering; the new one answers for this app alone. */
async function takeSlug(tx: Queryable, app: AppRow, slug: string, force: boolean): Promise<void> {
  const obstacle = await slugObstacle(tx, slug, app.id);
  if (obstacle !== null && !(force && obstacle === "slug_in_history")) throw slugProblem(obstacle);
  await tx.delete(appSlugHistory).where(eq(appSlugHistory.slug, slug));
  await tx.insert(appSlugHistory).values({ slug: app.slug, appId: app.id });
}
