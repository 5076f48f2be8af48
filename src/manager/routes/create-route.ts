import { newId } from "../../shared/ids.ts";
import type { RouteRow } from "../../shared/routing.ts";
import { violatedReference } from "../db/faults.ts";
import { routes } from "../db/tables/scripts.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { WriteContext } from "../publish/mutate.ts";
import { lockApp } from "../scripts/save-version.ts";
import { conflictingRoute, requireClaimedHost } from "./check-route.ts";
import type { RouteDraft } from "./read-route.ts";
import { viewRoute } from "./route-view.ts";

/** @throws AppError 409 `route_conflict` with the other route; 422 `host_not_claimed`; 404 when the script is gone */
export async function createRoute(
  ctx: WriteContext,
  script: { id: string; appId: string },
  draft: RouteDraft,
): Promise<RouteRow> {
  const route: RouteRow = { id: newId(), appId: script.appId, scriptId: script.id, ...draft };
  try {
    await mutate(ctx, async ({ tx, change, audit }) => {
      await lockApp(tx, script.appId);
      await requireClaimedHost(tx, script.appId, draft);
      const other = await conflictingRoute(tx, route);
      if (other !== undefined) {
        throw problem(
          "route_conflict",
          "Another route of the app matches some of the same requests",
          {
            details: { conflicting_route: viewRoute(other) },
          },
        );
      }
      await tx.insert(routes).values(route);
      change({ kind: "routing", appId: script.appId });
      const { method, path, host } = route;
      audit({
        action: "route.create",
        target: route.id,
        appId: script.appId,
        after: { script: script.id, method, path, host },
      });
    });
  } catch (error) {
    throw violatedReference(error) ? notFound() : error;
  }
  return route;
}
