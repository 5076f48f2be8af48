/**
 * Two roles: `picloud_owner` owns the tables and migrates them, `picloud_app` runs the platform and
 * has only what migrations grant it, so that a taken-over process cannot rewrite the audit rows.
 */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { databaseTarget } from "../../shared/database-url.ts";

export const OWNER_ROLE = "picloud_owner";
export const APP_ROLE = "picloud_app";
export const DATABASE = "picloud";

/** Kept with the data, so that later starts need not connect to ask. */
const MARKER = "picloud-roles-1";

export async function ensureRoles(superuserUrl: string, clusterDir: string): Promise<void> {
  const marker = path.join(clusterDir, MARKER);
  if (existsSync(marker)) return;
  const target = databaseTarget(superuserUrl);
  const sql = postgres(target.url, { ...target.options, max: 1, onnotice: () => undefined });
  try {
    for (const role of [OWNER_ROLE, APP_ROLE]) await makeRole(sql, role);
    const [present] = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (present === undefined) await sql`create database ${sql(DATABASE)} owner ${sql(OWNER_ROLE)}`;
    await sql`revoke all on database ${sql(DATABASE)} from public`;
    await sql`grant connect, temporary on database ${sql(DATABASE)} to ${sql(APP_ROLE)}`;
  } finally {
    await sql.end();
  }
  writeFileSync(marker, "");
}

async function makeRole(sql: postgres.Sql, role: string): Promise<void> {
  const [present] = await sql`select 1 from pg_roles where rolname = ${role}`;
  if (present === undefined) await sql`create role ${sql(role)} login`;
}
