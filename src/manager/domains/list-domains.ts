import { and, desc, eq, lt } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { domains } from "../db/tables/apps.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { viewDomain } from "./domain-view.ts";

export async function listDomains(ctx: CallerContext, appId: string, page: Page) {
  const rows = await ctx.deps.database.db
    .select()
    .from(domains)
    .where(
      and(
        eq(domains.appId, appId),
        page.before === undefined ? undefined : lt(domains.id, page.before),
      ),
    )
    .orderBy(desc(domains.id))
    .limit(page.limit + 1);
  return pageOf(rows, page.limit, ({ id }) => id, viewDomain);
}
