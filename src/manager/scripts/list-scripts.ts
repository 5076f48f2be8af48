import { and, desc, eq, getTableColumns, inArray, lt } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import { slugRedirect } from "../apps/find-app.ts";
import { requireApp, requireScope } from "../authz/require.ts";
import type { CallerContext } from "../context.ts";
import { appMembers } from "../db/tables/apps.ts";
import { scripts, scriptVersions } from "../db/tables/scripts.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { viewScriptSummary, viewVersionSummary } from "./script-view.ts";
import type { ScriptRow } from "./find-script.ts";

const {
  code: _code,
  sourceMap: _sourceMap,
  files: _files,
  assets: _assets,
  ...summaryColumns
} = getTableColumns(scriptVersions);

/** The scripts that the caller may read, of one app or of all. */
export async function listScripts(ctx: CallerContext, app: string | undefined, page: Page) {
  requireScope(ctx.principal, "AppRead");
  const found = app === undefined ? undefined : await requireApp(ctx, app, "AppRead");
  const appFilter = found === undefined ? readableApps(ctx) : eq(scripts.appId, found.app.id);
  const rows = await ctx.deps.database.db
    .select({ script: scripts, version: summaryColumns })
    .from(scripts)
    .innerJoin(
      scriptVersions,
      and(eq(scriptVersions.scriptId, scripts.id), eq(scriptVersions.version, scripts.version)),
    )
    .where(and(appFilter, page.before === undefined ? undefined : lt(scripts.id, page.before)))
    .orderBy(desc(scripts.id))
    .limit(page.limit + 1);
  const answer = pageOf(
    rows,
    page.limit,
    ({ script }) => script.id,
    ({ script, version }) => viewScriptSummary(script, version, ctx.deps.config.ceilings),
  );
  return { ...slugRedirect(found), ...answer };
}

function readableApps({ principal, deps }: CallerContext) {
  const bound =
    principal.kind === "api_key" && principal.boundAppId !== null
      ? eq(scripts.appId, principal.boundAppId)
      : undefined;
  if (principal.instanceRole !== "member") return bound;
  const joined = deps.database.db
    .select({ appId: appMembers.appId })
    .from(appMembers)
    .where(eq(appMembers.userId, principal.userId));
  return and(bound, inArray(scripts.appId, joined));
}

/** Newest first; the cursor is a version's own number, made to look like every other cursor. */
export async function listVersions(ctx: CallerContext, script: ScriptRow, page: Page) {
  const before = page.before === undefined ? undefined : versionOf(page.before);
  const rows = await ctx.deps.database.db
    .select(summaryColumns)
    .from(scriptVersions)
    .where(
      and(
        eq(scriptVersions.scriptId, script.id),
        before === undefined ? undefined : lt(scriptVersions.version, before),
      ),
    )
    .orderBy(desc(scriptVersions.version))
    .limit(page.limit + 1);
  return pageOf(
    rows,
    page.limit,
    ({ version }) => idOfVersion(version),
    (row) => viewVersionSummary(row, script.version, ctx.deps.config.ceilings),
  );
}

const idOfVersion = (version: number): string =>
  `00000000-0000-7000-8000-${version.toString(16).padStart(12, "0")}`;
const versionOf = (id: string): number =>
  isId(id) ? Math.min(Number.parseInt(id.slice(24), 16), 2 ** 31 - 1) : 0;
