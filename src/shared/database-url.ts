/**
 * What postgres.js needs to reach a database. Its own URL parser knows no unix sockets, so these are
 * written as libpq does: `postgres://user@localhost/name?host=/run/postgresql`.
 *
 *     const target = databaseTarget(url);
 *     const sql = postgres(target.url, { ...target.options, max: 5 });
 */
export interface DatabaseTarget {
  url: string;
  options: { path?: string };
}

export function databaseTarget(url: string): DatabaseTarget {
  const parsed = new URL(url);
  const directory = parsed.searchParams.get("host");
  if (!directory?.startsWith("/")) return { url, options: {} };
  parsed.searchParams.delete("host");
  const port = parsed.port === "" ? "5432" : parsed.port;
  return { url: parsed.href, options: { path: `${directory}/.s.PGSQL.${port}` } };
}

/** The URL of a database behind a unix socket in `directory`. */
export function socketDatabaseUrl(user: string, database: string, directory: string): string {
  return `postgres://${user}@localhost/${database}?host=${encodeURIComponent(directory)}`;
}
