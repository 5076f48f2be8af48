/** What a fresh installation answers with: an app on localhost and a script behind /hello. */
import { and, eq } from "drizzle-orm";
import { createApp } from "../apps/create-app.ts";
import { findApp } from "../apps/find-app.ts";
import type { ManagerDeps, RequestContext } from "../context.ts";
import { domains } from "../db/tables/apps.ts";
import { settings } from "../db/tables/instance.ts";
import { routes, scripts } from "../db/tables/scripts.ts";
import { insertClaim } from "../domains/claim-domain.ts";
import { createRoute } from "../routes/create-route.ts";
import { createScript } from "../scripts/create-script.ts";
import { systemContext } from "./system-context.ts";

const DONE = "defaults_seeded";
const HOST = "localhost";
const SCRIPT_NAME = "hello-world";
const SOURCE = `// Every request runs in a sandbox of its own. Save a new version, and it is live.
export default (request: Request) => {
  const name = new URL(request.url).searchParams.get("name") ?? "world";
  return Response.json({ hello: name });
};
`;

/**
 * Once per installation: what was deleted later stays deleted. A start that fails half-way is
 * completed by the next one.
 */
export async function seedDefaults(deps: ManagerDeps): Promise<void> {
  if (await isSeeded(deps)) return;
  // Processes that start together on one database: the others wait for the first, then see its work.
  const connection = await deps.database.sql.reserve();
  try {
    await connection`select pg_advisory_lock(hashtext('picloud.seed'))`;
    try {
      if (!(await isSeeded(deps))) await seed(deps);
    } finally {
      await connection`select pg_advisory_unlock(hashtext('picloud.seed'))`;
    }
  } finally {
    connection.release();
  }
}

async function isSeeded({ database }: ManagerDeps): Promise<boolean> {
  const found = await database.db.select().from(settings).where(eq(settings.key, DONE));
  return found.length > 0;
}

async function seed(deps: ManagerDeps): Promise<void> {
  const { db } = deps.database;
  const ctx = systemContext(deps);
  const found = await findApp(db, "default");
  const app =
    found?.app ??
    (await createApp(ctx, {
      slug: "default",
      name: "Default",
      description: "Made at the first start",
    }));
  const [claimed] = await db.select().from(domains).where(eq(domains.host, HOST));
  if (claimed === undefined)
    await insertClaim(ctx, app.id, { host: HOST, kind: "strict" }, async () => true);
  await seedScript(ctx, app.id);
  await db.insert(settings).values({ key: DONE, value: true }).onConflictDoNothing();
}

async function seedScript(ctx: RequestContext, appId: string): Promise<void> {
  const { db } = ctx.deps.database;
  const [present] = await db
    .select()
    .from(scripts)
    .where(and(eq(scripts.appId, appId), eq(scripts.name, SCRIPT_NAME)));
  const script =
    present ??
    (
      await createScript(ctx, appId, {
        name: SCRIPT_NAME,
        source: SOURCE,
        description: "Says hello",
      })
    ).script;
  const [routed] = await db.select().from(routes).where(eq(routes.scriptId, script.id));
  if (routed !== undefined) return;
  const anyHost = { hostKind: "any", host: null, hostParamName: null } as const;
  await createRoute(ctx, script, { method: "*", path: "/hello", pathKind: "exact", ...anyHost });
}
