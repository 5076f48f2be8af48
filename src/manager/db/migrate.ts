/** Applies the embedded migrations: under an advisory lock, each in its own transaction, never one twice. */
import { createHash } from "node:crypto";
import type postgres from "postgres";
import { migrations as embedded } from "../../../migrations/index.ts";
import type { Migration } from "../../../migrations/index.ts";

/** "picloud" in ASCII, shortened to fit: any number that no other user of the database takes. */
const LOCK_KEY = 0x706963;

/** Version of the schema, served at `/version`. */
export const SCHEMA_VERSION: string = String(embedded.length);

export interface MigrationReport {
  applied: string[];
}

/**
 * Runs as the owner of the tables.
 * @throws Error when the database holds a migration that this executable does not know, or another text of one that it does.
 */
export async function migrate(
  sql: postgres.Sql,
  list: readonly Migration[] = embedded,
): Promise<MigrationReport> {
  const connection = await sql.reserve();
  try {
    await connection`select pg_advisory_lock(${LOCK_KEY})`;
    try {
      await connection`create table if not exists schema_migrations (
        tag text primary key, hash text not null, applied_at timestamptz not null default now())`;
      const done = await connection<
        { tag: string; hash: string }[]
      >`select tag, hash from schema_migrations order by tag`;
      const pending = pendingMigrations(list, done);
      for (const migration of pending) await apply(connection, migration);
      return { applied: pending.map(({ tag }) => tag) };
    } finally {
      await connection`select pg_advisory_unlock(${LOCK_KEY})`;
    }
  } finally {
    connection.release();
  }
}

/** True when every embedded migration is in the database. */
export async function isMigrated(
  sql: postgres.Sql,
  list: readonly Migration[] = embedded,
): Promise<boolean> {
  const done = await sql<{ tag: string }[]>`select tag from schema_migrations`;
  const tags = new Set(done.map(({ tag }) => tag));
  return list.every(({ tag }) => tags.has(tag));
}

function pendingMigrations(
  list: readonly Migration[],
  done: readonly { tag: string; hash: string }[],
): readonly Migration[] {
  for (const [index, { tag, hash }] of done.entries()) {
    const known = list[index];
    if (known === undefined || known.tag !== tag) {
      throw new Error(
        `Cannot migrate the database: it holds migration "${tag}", which this version does not know; start a newer version`,
      );
    }
    if (hashOf(known) !== hash) {
      throw new Error(
        `Cannot migrate the database: migration "${tag}" was changed after it was applied; restore its text and add a new one`,
      );
    }
  }
  return list.slice(done.length);
}

async function apply(connection: postgres.ReservedSql, migration: Migration): Promise<void> {
  await connection`begin`;
  try {
    await connection.unsafe(migration.sql).simple();
    await connection`insert into schema_migrations (tag, hash) values (${migration.tag}, ${hashOf(migration)})`;
    await connection`commit`;
  } catch (cause) {
    await connection`rollback`;
    throw new Error(
      `Cannot apply migration "${migration.tag}": ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

const hashOf = ({ sql }: Migration): string => createHash("sha256").update(sql).digest("hex");
