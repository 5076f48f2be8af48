import { eq } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { AppTarget } from "../authz/require.ts";
import type { Queryable } from "../db/connect.ts";
import { routes } from "../db/tables/scripts.ts";

type StoredRoute = typeof routes.$inferSelect;

export interface RouteTarget extends AppTarget {
  route: StoredRoute;
}

export async function findRoute(db: Queryable, id: string): Promise<StoredRoute | null> {
  if (!isId(id)) return null;
  const [row] = await db.select().from(routes).where(eq(routes.id, id));
  return row ?? null;
}
