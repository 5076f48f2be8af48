import { inArray } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { settings } from "../db/tables/instance.ts";
import { DEFAULT_SETTINGS } from "./schemas.ts";
import type { Settings } from "./schemas.ts";

/** Checked when they were written, hence the cast. */
export async function readSettings(db: Queryable): Promise<Settings> {
  const rows = await db
    .select()
    .from(settings)
    .where(inArray(settings.key, Object.keys(DEFAULT_SETTINGS)));
  return {
    ...DEFAULT_SETTINGS,
    ...(Object.fromEntries(rows.map(({ key, value }) => [key, value])) as Partial<Settings>),
  };
}
