/** A migrated database of its own for one test file. */
import { connectDatabase } from "../../../src/manager/db/connect.ts";
import type { Database } from "../../../src/manager/db/connect.ts";
import { migrate } from "../../../src/manager/db/migrate.ts";
import postgres from "postgres";

export interface TestDatabase extends Database {
  url: string;
}

export async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server =
    process.env["PICLOUD_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:54399/postgres";
  const admin = postgres(server, { max: 1, onnotice: () => undefined });
  const name = `t_${Bun.randomUUIDv7().replaceAll("-", "")}`;
  await admin.unsafe(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

export async function testDatabase(): Promise<TestDatabase> {
  const { url, drop } = await emptyDatabase();
  const database = connectDatabase({ url, poolSize: 6 });
  await migrate(database.sql);
  return {
    ...database,
    url,
    close: async () => {
      await database.close();
      await drop();
    },
  };
}
