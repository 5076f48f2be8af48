/** The rights of the role that the running platform uses, where it is not the owner of the tables. */
import type postgres from "postgres";

/** Tables whose rows are written once: a taken-over process cannot rewrite the past. */
const INSERT_ONLY = ["audit"] as const;
const NO_UPDATE = ["script_versions"] as const;

/** Run by the owner after each migration; repeating it changes nothing. */
export async function applyGrants(owner: postgres.Sql, role: string): Promise<void> {
  const name = owner(role);
  await owner.begin(async (tx) => {
    await tx`grant usage on schema public to ${name}`;
    await tx`grant select, insert, update, delete on all tables in schema public to ${name}`;
    await tx`grant usage, select on all sequences in schema public to ${name}`;
    for (const table of INSERT_ONLY)
      await tx`revoke update, delete, truncate on ${tx(table)} from ${name}`;
    for (const table of NO_UPDATE) await tx`revoke update, truncate on ${tx(table)} from ${name}`;
    await tx`grant execute on function delete_old_audit(timestamptz, integer) to ${name}`;
    await tx`revoke insert, update, delete, truncate on schema_migrations from ${name}`;
  });
}

/** False when the running role could change audit rows, which the start then says. */
export async function isAuditProtected(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql<{ weak: boolean }[]>`
    select has_table_privilege('audit', 'update') or has_table_privilege('audit', 'delete') as weak`;
  return row?.weak === false;
}
