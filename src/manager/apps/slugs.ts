/** Slugs, present and former: which one an app may take. */
import { and, eq, ne, sql } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { apps, appSlugHistory } from "../db/tables/apps.ts";
import { problem } from "../problems.ts";

export type SlugObstacle = "slug_taken" | "slug_in_history";

/** Until the transaction ends, no other one takes or leaves a slug: two tables must agree. */
export const lockSlugs = (tx: Queryable) =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtext('picloud.slugs'))`);

/** What keeps an app from taking a slug; its own former slugs do not. */
export async function slugObstacle(
  db: Queryable,
  slug: string,
  appId: string | null,
): Promise<SlugObstacle | null> {
  const notThis = appId ?? "00000000-0000-0000-0000-000000000000";
  const [taken] = await db
    .select({ id: apps.id })
    .from(apps)
    .where(and(eq(apps.slug, slug), ne(apps.id, notThis)));
  if (taken !== undefined) return "slug_taken";
  const [former] = await db
    .select({ appId: appSlugHistory.appId })
    .from(appSlugHistory)
    .where(and(eq(appSlugHistory.slug, slug), ne(appSlugHistory.appId, notThis)));
  return former === undefined ? null : "slug_in_history";
}

export const slugProblem = (obstacle: SlugObstacle) =>
  obstacle === "slug_taken"
    ? problem("slug_taken", "Another app has this slug; choose another one")
    : problem(
        "slug_in_history",
        "Links to another app still use this slug; rename with force to take it over",
      );
