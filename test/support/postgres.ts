/** A database of its own for a test file, with the present schema, on one PostgreSQL for all of them. */
import path from "node:path";
import postgres from "postgres";
import { applyGrants } from "../../src/manager/db/grants.ts";
import { migrate } from "../../src/manager/db/migrate.ts";
import { APP_ROLE, OWNER_ROLE } from "../../src/server/postgres/roles.ts";
import { databaseTarget } from "../../src/shared/database-url.ts";

const TEMPLATE = "picloud_template";
const TEMPLATE_LOCK = 7_046_029;

export interface TestDatabase {
  /** For the running role, `picloud_app`. */
  url: string;
  /** For the role that owns the tables, `picloud_owner`. */
  ownerUrl: string;
  superuserUrl: string;
  /** Ends every session on it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False for a database without any table. */
  migrated?: boolean;
}

export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await withSql(server, async (sql) => {
    if (options.migrated === false) {
      await sql`create database ${sql(name)} owner ${sql(OWNER_ROLE)}`;
      return;
    }
    await ensureTemplate(sql, server);
    await sql`create database ${sql(name)} template ${sql(TEMPLATE)} owner ${sql(OWNER_ROLE)}`;
  });
  return {
    url: urlOf(server, APP_ROLE, name),
    ownerUrl: urlOf(server, OWNER_ROLE, name),
    superuserUrl: urlOf(server, "postgres", name),
    drop: () =>
      withSql(server, async (sql) => {
        await sql`drop database if exists ${sql(name)} with (force)`;
      }),
  };
}

/** Other test processes make the same template at the same time: the first one in does it. */
async function ensureTemplate(sql: postgres.Sql, server: string): Promise<void> {
  await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  try {
    const [present] = await sql`select 1 from pg_database where datname = ${TEMPLATE}`;
    if (present !== undefined) return;
    const partial = `${TEMPLATE}_partial`;
    await sql`drop database if exists ${sql(partial)} with (force)`;
    await sql`create database ${sql(partial)} owner ${sql(OWNER_ROLE)}`;
    await withSql(urlOf(server, OWNER_ROLE, partial), async (owner) => {
      await migrate(owner);
      await applyGrants(owner, APP_ROLE);
    });
    await sql`alter database ${sql(partial)} rename to ${sql(TEMPLATE)}`;
  } finally {
    await sql`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
  }
}

let ownServer: Promise<string> | undefined;

/** The superuser's URL: of the runner's server, or of one started for this test process. */
function testServer(): Promise<string> {
  const given = process.env["PICLOUD_TEST_DATABASE"];
  if (given !== undefined && given !== "") return Promise.resolve(given);
  ownServer ??= startServer();
  return ownServer;
}

async function startServer(): Promise<string> {
  const program = path.join(import.meta.dir, "postgres-server.ts");
  const server = Bun.spawn([process.execPath, program], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  server.unref();
  for await (const chunk of server.stdout) return new TextDecoder().decode(chunk).trim();
  throw new Error("Cannot start PostgreSQL for the tests: it ended before it was ready");
}

async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const target = databaseTarget(url);
  const sql = postgres(target.url, { ...target.options, max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

function urlOf(server: string, user: string, database: string): string {
  const url = new URL(server);
  url.username = user;
  url.pathname = `/${database}`;
  return url.href;
}
