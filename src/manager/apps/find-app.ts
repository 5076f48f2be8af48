/** An app by id or slug, also by a former one. */
import { eq } from "drizzle-orm";
import * as v from "valibot";
import { isId } from "../../shared/ids.ts";
import type { Queryable } from "../db/connect.ts";
import { apps, appSlugHistory } from "../db/tables/apps.ts";
import { slug } from "../http/fields.ts";

export type AppRow = typeof apps.$inferSelect;

export interface FoundApp {
  app: AppRow;
  /** True when it was asked for by a slug that it had before. */
  bySlugOfThePast: boolean;
}

/** For the answer to a call that named an app: its present slug, where it was named by a former one. */
export const slugRedirect = (found: FoundApp | undefined): { slug_redirect?: string } =>
  found?.bySlugOfThePast === true ? { slug_redirect: found.app.slug } : {};

export async function findApp(db: Queryable, idOrSlug: string): Promise<FoundApp | null> {
  if (isId(idOrSlug))
    return found((await db.select().from(apps).where(eq(apps.id, idOrSlug)))[0], false);
  if (!v.is(slug, idOrSlug)) return null;
  const [present] = await db.select().from(apps).where(eq(apps.slug, idOrSlug));
  if (present !== undefined) return found(present, false);
  const [past] = await db
    .select({ app: apps })
    .from(appSlugHistory)
    .innerJoin(apps, eq(apps.id, appSlugHistory.appId))
    .where(eq(appSlugHistory.slug, idOrSlug));
  return found(past?.app, true);
}

function found(app: AppRow | undefined, bySlugOfThePast: boolean): FoundApp | null {
  return app === undefined ? null : { app, bySlugOfThePast };
}
