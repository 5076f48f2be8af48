/** What a database is, as sorted text: columns, constraints, indexes, triggers and rights. */
import type postgres from "postgres";

export async function describeSchema(sql: postgres.Sql): Promise<string> {
  const columns = await sql<{ line: string }[]>`
    select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end,
      coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
      case a.attidentity when 'a' then ' identity always' when 'd' then ' identity' else '' end) as line
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'p', 'v') order by c.relname, a.attnum`;
  const constraints = await sql<{ line: string }[]>`
    select format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
    from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' order by 1`;
  const indexes = await sql<{ line: string }[]>`
    select indexdef as line from pg_indexes where schemaname = 'public' order by tablename, indexname`;
  const triggers = await sql<{ line: string }[]>`
    select pg_get_triggerdef(oid) as line from pg_trigger where not tgisinternal order by 1`;
  const functions = await sql<{ line: string }[]>`
    select format('%s(%s)', proname, pg_get_function_arguments(oid)) as line
    from pg_proc where pronamespace = 'public'::regnamespace order by 1`;
  const section = (title: string, rows: readonly { line: string }[]) =>
    [`# ${title}`, ...rows.map(({ line }) => line), ""].join("\n");
  return [
    section("columns", columns),
    section("constraints", constraints),
    section("indexes", indexes),
    section("triggers", triggers),
    section("functions", functions),
  ].join("\n");
}

export async function describeGrants(sql: postgres.Sql, role: string): Promise<string> {
  const rows = await sql<{ line: string }[]>`
    select format('%s: %s', table_name, string_agg(lower(privilege_type), ', ' order by privilege_type)) as line
    from information_schema.role_table_grants where grantee = ${role} group by table_name order by table_name`;
  return rows.map(({ line }) => `${line}\n`).join("");
}
