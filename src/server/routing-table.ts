/** The compiled table of now, kept in step with what the manager publishes. */
import { applyUpdate, compileAhead } from "../shared/routing/compile.ts";
import { findHost } from "../shared/routing/match.ts";
import { EMPTY_TABLE, type RoutingTable } from "../shared/routing/table.ts";
import type { RoutingSource, RoutingUpdate } from "../shared/routing.ts";

/** More routes than this in one update are compiled between requests: some 4 ms in one go. */
const ROUTES_AT_ONCE_MAX = 1_000;

/** Returns the getter of the table; a request that has read it keeps the one it read. */
export function followRouting(source: RoutingSource): () => RoutingTable {
  let table = EMPTY_TABLE;
  source.onSwap(async (update) => {
    const isFirst = table === EMPTY_TABLE;
    const ahead =
      isFirst || routesOf(update) <= ROUTES_AT_ONCE_MAX
        ? undefined
        : await compileAhead(table, update);
    table = applyUpdate(table, update, ahead);
  });
  return () => table;
}

function routesOf({ apps }: RoutingUpdate): number {
  let routes = 0;
  for (const app of apps.values()) routes += app?.routes.length ?? 0;
  return routes;
}

/** @param host in normal form */
export const isClaimed = (table: RoutingTable, host: string): boolean =>
  findHost(table, host) !== undefined;
