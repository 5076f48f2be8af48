import { eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { envVars } from "../db/tables/apps.ts";

export interface VariableView {
  name: string;
  secret: boolean;
  /** Absent for a secret. */
  value?: string;
  updated_at: string;
}

export async function listVariables(ctx: CallerContext, appId: string): Promise<VariableView[]> {
  const { database, secrets } = ctx.deps;
  const rows = await database.db
    .select()
    .from(envVars)
    .where(eq(envVars.appId, appId))
    .orderBy(envVars.name);
  const values = await secrets.openAll(
    database.db,
    appId,
    rows.filter(({ secret }) => !secret),
  );
  return rows.map(({ name, secret, updatedAt }) => {
    const value = values[name];
    return {
      name,
      secret,
      ...(value === undefined ? {} : { value }),
      updated_at: updatedAt.toISOString(),
    };
  });
}
