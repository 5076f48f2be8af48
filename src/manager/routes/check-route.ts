import { and, eq, isNull } from "drizzle-orm";
import { findConflict } from "../../shared/routing/conflict.ts";
import { hostCovers } from "../../shared/routing/domains.ts";
import type { RouteRow } from "../../shared/routing.ts";
import type { Queryable } from "../db/connect.ts";
import { domains } from "../db/tables/apps.ts";
import { routes } from "../db/tables/scripts.ts";
import { problem } from "../problems.ts";
import { routeRow } from "../publish/routing-state.ts";
import type { RouteDraft } from "./read-route.ts";

/** @throws AppError 422 `host_not_claimed` */
export async function requireClaimedHost(
  db: Queryable,
  appId: string,
  { host }: RouteDraft,
): Promise<void> {
  if (host === null) return;
  const claims = await db
    .select({ host: domains.host })
    .from(domains)
    .where(eq(domains.appId, appId));
  if (claims.some((claim) => hostCovers(claim.host, host))) return;
  throw problem("host_not_claimed", "Claim the host, or a wildcard over it, for the app first");
}

/** The route of the app that matches the same requests, or undefined. */
export async function conflictingRoute(
  db: Queryable,
  candidate: RouteRow,
): Promise<RouteRow | undefined> {
  const rows = await db
    .select()
    .from(routes)
    .where(
      and(
        eq(routes.appId, candidate.appId),
        eq(routes.method, candidate.method),
        eq(routes.pathKind, candidate.pathKind),
        candidate.host === null ? isNull(routes.host) : eq(routes.host, candidate.host),
      ),
    );
  return findConflict(candidate, rows.map(routeRow));
}
