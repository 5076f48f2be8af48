import { and, asc, eq, gt } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { envVars } from "../db/tables/apps.ts";
import { LIMIT_DEFAULT } from "../http/pagination.ts";
import type { PageOf } from "../http/pagination.ts";
import { problem } from "../problems.ts";

export interface VariableView {
  name: string;
  secret: boolean;
  /** Absent for a secret. */
  value?: string;
  updated_at: string;
}

interface VariablesQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** By name, which is their only identity: a cursor is the last name. @throws AppError 422 `invalid_cursor` */
export async function listVariables(
  ctx: CallerContext,
  appId: string,
  query: VariablesQuery,
): Promise<PageOf<VariableView>> {
  const { database, secrets } = ctx.deps;
  const limit = query.limit ?? LIMIT_DEFAULT;
  const after = query.cursor === undefined ? undefined : nameOf(query.cursor);
  const found = await database.db
    .select()
    .from(envVars)
    .where(and(eq(envVars.appId, appId), after === undefined ? undefined : gt(envVars.name, after)))
    .orderBy(asc(envVars.name))
    .limit(limit + 1);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const values = await secrets.openAll(
    database.db,
    appId,
    rows.filter(({ secret }) => !secret),
  );
  const items = rows.map(({ name, secret, updatedAt }) => {
    const value = values[name];
    return {
      name,
      secret,
      ...(value === undefined ? {} : { value }),
      updated_at: updatedAt.toISOString(),
    };
  });
  const more = found.length > limit && last !== undefined;
  return { items, next_cursor: more ? Buffer.from(`/${last.name}`).toString("base64url") : null };
}

function nameOf(cursor: string): string {
  const name = Buffer.from(cursor, "base64url").toString("latin1");
  if (!/^\/[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name))
    throw problem("invalid_cursor", "Take the cursor from next_cursor of the page before");
  return name.slice(1);
}
