import { eq } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { apps, envVars } from "../db/tables/apps.ts";
import type { AppVariables } from "../publish/script-cache.ts";
import type { SecretBox } from "../secrets/secret-box.ts";

/** Shorter values are not masked in records: they would take common letters out of every line. */
const MASKED_LENGTH_MIN = 4;

export interface Environment extends AppVariables {
  envRevision: number;
}

/** An app's variables as its scripts see them, secrets decrypted. */
export async function readEnvironment(
  db: Queryable,
  secrets: SecretBox,
  appId: string,
): Promise<Environment> {
  const [app] = await db
    .select({ envRevision: apps.envRevision })
    .from(apps)
    .where(eq(apps.id, appId));
  const rows = await db
    .select()
    .from(envVars)
    .where(eq(envVars.appId, appId))
    .orderBy(envVars.name);
  const values = await secrets.openAll(db, appId, rows);
  const secretValues = rows.flatMap(({ name, secret }) => (secret ? (values[name] ?? []) : []));
  return {
    env: values,
    envRevision: app?.envRevision ?? 0,
    secretValues: secretValues.filter((value) => value.length >= MASKED_LENGTH_MIN),
  };
}
