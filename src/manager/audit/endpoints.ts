import { and, desc, eq, gte, lt, or, sql } from "drizzle-orm";
import * as v from "valibot";
import { isId } from "../../shared/ids.ts";
import { slugRedirect } from "../apps/find-app.ts";
import { requireApp } from "../authz/require.ts";
import { audit } from "../db/tables/instance.ts";
import { inInstance } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { instant, pageAnswer } from "../http/fields.ts";
import { pageOf, pageQuery, readPage } from "../http/pagination.ts";

const auditView = v.object({
  id: v.string(),
  at: v.string(),
  actor: v.object({ kind: v.string(), id: v.nullable(v.string()), name: v.nullable(v.string()) }),
  action: v.string(),
  target: v.nullable(v.string()),
  app_id: v.nullable(v.string()),
  request_id: v.nullable(v.string()),
  address: v.nullable(v.string()),
  before: v.nullable(v.unknown()),
  after: v.nullable(v.unknown()),
});

export const auditEndpoints = [
  endpoint({
    method: "get",
    path: "/audit",
    summary: "Who did what, newest first",
    access: inInstance("InstanceManageUsers"),
    query: v.object({
      ...pageQuery,
      since: v.optional(instant),
      actor: v.optional(v.string()),
      app: v.optional(v.string()),
    }),
    status: 200,
    answer: pageAnswer(auditView),
    handle: async ({ ctx, query }) => {
      const page = readPage(query);
      // The rows of an app that is gone stay, so an id is taken as it is.
      const found =
        query.app === undefined || isId(query.app)
          ? undefined
          : await requireApp(ctx, query.app, "AppRead");
      const appId = found?.app.id ?? query.app;
      const rows = await ctx.deps.database.db
        .select()
        .from(audit)
        .where(
          and(
            page.before === undefined ? undefined : lt(audit.id, page.before),
            query.since === undefined ? undefined : gte(audit.at, query.since),
            appId === undefined ? undefined : eq(audit.appId, appId),
            query.actor === undefined ? undefined : byActor(query.actor),
          ),
        )
        .orderBy(desc(audit.id))
        .limit(page.limit + 1);
      return { ...slugRedirect(found), ...pageOf(rows, page.limit, ({ id }) => id, viewAudit) };
    },
  }),
];

/** An id, or a name; what an API key did is found under its owner's name, too. */
const byActor = (actor: string) =>
  isId(actor)
    ? eq(audit.actorId, actor)
    : or(eq(audit.actorName, actor), sql`starts_with(${audit.actorName}, ${`${actor}/`})`);

function viewAudit(row: typeof audit.$inferSelect) {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action: row.action,
    target: row.target,
    app_id: row.appId,
    request_id: row.requestId,
    address: row.address,
    before: row.before,
    after: row.after,
  };
}
