import { and, eq, isNotNull } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import { hostCovers } from "../../shared/routing/domains.ts";
import type { CallerContext } from "../context.ts";
import { apps, domains } from "../db/tables/apps.ts";
import { routes } from "../db/tables/scripts.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";

/** @throws AppError 409 `has_routes` while a route names a host that only this claim covers */
export async function releaseDomain(
  ctx: CallerContext,
  appId: string,
  domainId: string,
): Promise<void> {
  if (!isId(domainId)) throw notFound();
  await mutate(ctx, async ({ tx, change, audit }) => {
    // Held against a route that is being added for this host.
    await tx.select({ id: apps.id }).from(apps).where(eq(apps.id, appId)).for("update");
    const claims = await tx.select().from(domains).where(eq(domains.appId, appId));
    const released = claims.find(({ id }) => id === domainId);
    if (released === undefined) throw notFound();
    const left = claims.filter((claim) => claim !== released);
    const named = await tx
      .select({ host: routes.host })
      .from(routes)
      .where(and(eq(routes.appId, appId), isNotNull(routes.host)));
    const stranded = named.filter(
      ({ host }) => host !== null && !left.some((claim) => hostCovers(claim.host, host)),
    );
    if (stranded.length > 0) {
      throw problem("has_routes", "Delete the routes that name this host first", {
        details: { route_count: stranded.length },
      });
    }
    await tx.delete(domains).where(eq(domains.id, domainId));
    change({ kind: "routing", appId });
    audit({ action: "domain.release", target: domainId, appId, before: { host: released.host } });
  });
}
