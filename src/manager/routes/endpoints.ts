import { and, desc, eq, lt } from "drizzle-orm";
import * as v from "valibot";
import { newId } from "../../shared/ids.ts";
import { requireApp } from "../authz/require.ts";
import { routes } from "../db/tables/scripts.ts";
import { inNamedApp, ofRoute, ofScript } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { pageAnswer } from "../http/fields.ts";
import { pageOf, pageQuery, readPage } from "../http/pagination.ts";
import { routeRow } from "../publish/routing-state.ts";
import { conflictingRoute, requireClaimedHost } from "./check-route.ts";
import { createRoute } from "./create-route.ts";
import { deleteRoute } from "./delete-route.ts";
import { matchRoute } from "./match-route.ts";
import { readRoute, routeCheckInput, routeInput } from "./read-route.ts";
import { routeView, viewRoute } from "./route-view.ts";

const matchInput = v.strictObject({
  method: v.pipe(v.string(), v.toUpperCase(), v.regex(/^[A-Z]{1,32}$/, "Must be an HTTP method")),
  url: v.pipe(v.string(), v.maxLength(16_384, "Must have at most 16384 characters")),
  app_id: v.optional(v.string()),
});
const checkView = v.object({ ok: v.boolean(), conflicting_route: v.optional(routeView) });
const strings = v.record(v.string(), v.string());
const matchView = v.object({
  matched: v.boolean(),
  reason: v.optional(
    v.picklist(["no_host", "no_route", "method_not_allowed", "method_not_supported", "reserved"]),
  ),
  allow: v.optional(v.array(v.string())),
  app: v.optional(v.object({ id: v.string(), slug: v.string() })),
  route: v.optional(routeView),
  script: v.optional(v.nullable(v.object({ id: v.string(), name: v.string() }))),
  params: v.optional(strings),
  rest: v.optional(v.string()),
  host: v.optional(strings),
});

export const routeEndpoints = [
  endpoint({
    method: "get",
    path: "/scripts/:id/routes",
    summary: "The routes that lead to a script",
    access: ofScript("AppRead"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(routeView),
    handle: async ({ ctx, target, query }) => {
      const page = readPage(query);
      const rows = await ctx.deps.database.db
        .select()
        .from(routes)
        .where(
          and(
            eq(routes.scriptId, target.script.id),
            page.before === undefined ? undefined : lt(routes.id, page.before),
          ),
        )
        .orderBy(desc(routes.id))
        .limit(page.limit + 1);
      return pageOf(rows.map(routeRow), page.limit, ({ id }) => id, viewRoute);
    },
  }),
  endpoint({
    method: "post",
    path: "/scripts/:id/routes",
    summary: "Lead requests to a script",
    access: ofScript("AppWriteRoute"),
    body: routeInput,
    status: 201,
    answer: routeView,
    problems: ["route_conflict", "invalid_path", "invalid_host", "host_not_claimed"],
    handle: async ({ ctx, target, body }) =>
      viewRoute(await createRoute(ctx, target.script, readRoute(body))),
  }),
  endpoint({
    method: "delete",
    path: "/routes/:id",
    summary: "Delete a route",
    access: ofRoute("AppWriteRoute"),
    status: 204,
    handle: async ({ ctx, target }) => await deleteRoute(ctx, target.route),
  }),
  endpoint({
    method: "post",
    path: "/routes:check",
    summary: "Whether a route could be added",
    access: inNamedApp("AppRead"),
    body: routeCheckInput,
    status: 200,
    answer: checkView,
    problems: ["invalid_path", "invalid_host", "host_not_claimed"],
    handle: async ({ ctx, target, body }) => {
      const { app } = await requireApp(ctx, body.app_id, target);
      const draft = readRoute(body);
      await requireClaimedHost(ctx.deps.database.db, app.id, draft);
      const candidate = { id: newId(), appId: app.id, scriptId: newId(), ...draft };
      const other = await conflictingRoute(ctx.deps.database.db, candidate);
      return other === undefined
        ? { ok: true }
        : { ok: false, conflicting_route: viewRoute(other) };
    },
  }),
  endpoint({
    method: "post",
    path: "/routes:match",
    summary: "Which route would take a request",
    access: inNamedApp("AppRead"),
    body: matchInput,
    status: 200,
    answer: matchView,
    handle: async ({ ctx, body }) => await matchRoute(ctx, body),
  }),
];
