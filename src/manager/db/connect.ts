/** The connection pool and drizzle over it. */
import { drizzle } from "drizzle-orm/postgres-js";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { databaseTarget } from "../../shared/database-url.ts";
import { StallGuard } from "./stalls.ts";

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
  /** Bounds the wait for a database that hangs. */
  readonly stalls: Pick<StallGuard, "guard">;
  close(): Promise<void>;
}

export type DriverOptions = postgres.Options<Record<string, never>>;

export interface ConnectOptions {
  /** `postgres://user:password@host:port/name`; a unix socket as `postgres://user@localhost/name?host=/directory`. */
  url: string;
  poolSize?: number;
}

/** How long a database that says nothing may take to answer a new connection. */
const PING_MS_MAX = 3_000;

export function connectDatabase(options: ConnectOptions): Database {
  const sql = openDriver(options.url, options.poolSize ?? POOL_SIZE);
  const stalls = new StallGuard({ answers: () => answers(options.url) });
  return { db: drizzle(sql), sql, stalls, close: () => sql.end({ timeout: 5 }) };
}

/** Over a connection of its own. */
async function answers(url: string): Promise<boolean> {
  const sql = openDriver(url, 1, { connect_timeout: PING_MS_MAX / 1000 });
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PING_MS_MAX);
  const answered = sql`select 1`.then(
    () => true,
    // What answers with a refusal (too many connections) is alive.
    (error: unknown) => error instanceof Error && error.name === "PostgresError",
  );
  const result = await Promise.race([answered, late]);
  clearTimeout(timer);
  void sql.end({ timeout: 0 });
  return result;
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
