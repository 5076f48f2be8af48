import { and, desc, eq, lt } from "drizzle-orm";
import type { AppRole } from "../authz/capabilities.ts";
import { effectiveAppRole } from "../authz/decide.ts";
import { requireScope } from "../authz/require.ts";
import type { CallerContext } from "../context.ts";
import { appMembers, apps } from "../db/tables/apps.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { viewApp } from "./app-view.ts";

/** The apps that the caller may read. @throws AppError 403 for a key without the scope */
export async function listApps(ctx: CallerContext, page: Page) {
  requireScope(ctx.principal, "AppRead");
  const { principal } = ctx;
  const bound = principal.kind === "api_key" ? principal.boundAppId : null;
  const ofCaller = and(eq(appMembers.appId, apps.id), eq(appMembers.userId, principal.userId));
  const base = ctx.deps.database.db.select({ app: apps, role: appMembers.role }).from(apps);
  const joined =
    principal.instanceRole === "member"
      ? base.innerJoin(appMembers, ofCaller)
      : base.leftJoin(appMembers, ofCaller);
  const rows = await joined
    .where(
      and(
        bound === null ? undefined : eq(apps.id, bound),
        page.before === undefined ? undefined : lt(apps.id, page.before),
      ),
    )
    .orderBy(desc(apps.id))
    .limit(page.limit + 1);
  return pageOf(
    rows,
    page.limit,
    ({ app }) => app.id,
    // The join gives members their role; owners and admins need none.
    ({ app, role }) =>
      viewApp(app, effectiveAppRole(principal.instanceRole, role as AppRole | null) ?? "viewer"),
  );
}
