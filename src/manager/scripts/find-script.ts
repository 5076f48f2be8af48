import { eq } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { AppTarget } from "../authz/require.ts";
import type { Queryable } from "../db/connect.ts";
import { scripts } from "../db/tables/scripts.ts";

export type ScriptRow = typeof scripts.$inferSelect;

export interface ScriptTarget extends AppTarget {
  script: ScriptRow;
}

export async function findScript(db: Queryable, id: string): Promise<ScriptRow | null> {
  if (!isId(id)) return null;
  const [row] = await db.select().from(scripts).where(eq(scripts.id, id));
  return row ?? null;
}
