/** The connection pool and drizzle over it. */
import { drizzle } from "drizzle-orm/postgres-js";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { databaseTarget } from "../../shared/database-url.ts";

/** Small boards: each PostgreSQL backend costs some 3 MB. */
const POOL_SIZE = 8;
const IDLE_TIMEOUT_S = 60;
const CONNECT_TIMEOUT_S = 5;

/** A pool or a transaction on it: what verbs read and write through. */
export type Queryable = Pick<
  PostgresJsDatabase,
  "select" | "selectDistinct" | "insert" | "update" | "delete" | "execute" | "$count"
>;

export interface Database {
  readonly db: PostgresJsDatabase;
  /** The driver itself, for what drizzle cannot say: LISTEN, sessions of one connection. Dates arrive as text. */
  readonly sql: postgres.Sql;
  close(): Promise<void>;
}

export type DriverOptions = postgres.Options<Record<string, never>>;

export interface ConnectOptions {
  /** `postgres://user:password@host:port/name`; a unix socket as `postgres://user@localhost/name?host=/directory`. */
  url: string;
  poolSize?: number;
}

export function connectDatabase(options: ConnectOptions): Database {
  const sql = openDriver(options.url, options.poolSize ?? POOL_SIZE);
  return { db: drizzle(sql), sql, close: () => sql.end({ timeout: 5 }) };
}

/** The bare driver, without drizzle's change of how dates and JSON arrive. */
export function openDriver(url: string, poolSize: number, more: DriverOptions = {}): postgres.Sql {
  const target = databaseTarget(url);
  return postgres(target.url, {
    ...target.options,
    max: poolSize,
    idle_timeout: IDLE_TIMEOUT_S,
    connect_timeout: CONNECT_TIMEOUT_S,
    // Reconnecting waits this long at most, so that a database that is back is used at once.
    backoff: (attempt: number) => Math.min(0.1 * 2 ** attempt, 1),
    onnotice: () => undefined,
    connection: { application_name: "picloud" },
    ...more,
  });
}
