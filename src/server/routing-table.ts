/** The compiled table of now, kept in step with what the manager publishes. */
import { applyUpdate } from "../shared/routing/compile.ts";
import { EMPTY_TABLE, type RoutingTable } from "../shared/routing/table.ts";
import type { RoutingSource } from "../shared/routing.ts";

/** Returns the getter of the table; a request that has read it keeps the one it read. */
export function followRouting(source: RoutingSource): () => RoutingTable {
  let table = EMPTY_TABLE;
  source.onSwap((update) => {
    table = applyUpdate(table, update);
  });
  return () => table;
}
