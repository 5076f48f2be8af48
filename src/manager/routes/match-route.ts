/** What the router would do with a request, by the router's own code. */
import { eq } from "drizzle-orm";
import { compileTable } from "../../shared/routing/compile.ts";
import { requestHost } from "../../shared/routing/host.ts";
import { match } from "../../shared/routing/match.ts";
import { isReservedPath } from "../../shared/routing/reserved-paths.ts";
import { hasAppCapability, requireApp, requireScope } from "../authz/require.ts";
import type { CallerContext } from "../context.ts";
import { scripts } from "../db/tables/scripts.ts";
import { problem } from "../problems.ts";
import { viewRoute } from "./route-view.ts";

export interface MatchQuestion {
  method: string;
  url: string;
  app_id?: string | undefined;
}

/** An app that the caller may not know answers like a host that nobody claims. */
export async function matchRoute(ctx: CallerContext, question: MatchQuestion) {
  const { publisher, database } = ctx.deps;
  const app =
    question.app_id === undefined ? null : (await requireApp(ctx, question.app_id, "AppRead")).app;
  if (app === null) requireScope(ctx.principal, "AppRead");
  const url = URL.parse(question.url);
  const host = url === null ? undefined : requestHost(url.host);
  if (url === null || !/^https?:$/.test(url.protocol) || host === undefined) {
    throw problem("invalid", "url: Must be an absolute http or https URL", {
      details: { field: "url" },
    });
  }
  if (isReservedPath(url.pathname)) return { matched: false, reason: "reserved" };
  if (question.method === "CONNECT" || question.method === "TRACE")
    return { matched: false, reason: "method_not_supported" };
  const tables = publisher.routingTables;
  const table = compileTable(app === null ? tables.narrowedTo(host) : tables.narrowedToApp(app.id));
  const found = match(table, { host, method: question.method, path: url.pathname });
  if (found.kind === "no_host") return { matched: false, reason: "no_host" };
  const owner = found.app;
  if (!(await hasAppCapability(ctx, owner.id, "AppRead")))
    return { matched: false, reason: "no_host" };
  const appView = { id: owner.id, slug: owner.slug };
  if (found.kind === "no_route") return { matched: false, reason: "no_route", app: appView };
  if (found.kind === "method_not_allowed")
    return { matched: false, reason: "method_not_allowed", app: appView, allow: found.allow };
  const [script] = await database.db
    .select({ id: scripts.id, name: scripts.name })
    .from(scripts)
    .where(eq(scripts.id, found.route.scriptId));
  return {
    matched: true,
    app: appView,
    route: viewRoute(found.route),
    script: script ?? null,
    params: found.params,
    rest: found.rest,
    host: found.host,
  };
}
