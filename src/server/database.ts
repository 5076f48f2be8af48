/** The database of this instance: the embedded one, or the one that DATABASE_URL names, migrated. */
import { applyGrants } from "../manager/db/grants.ts";
import { connectDatabase, type Database, openDriver } from "../manager/db/connect.ts";
import { migrate } from "../manager/db/migrate.ts";
import type { Config } from "../shared/config/config.ts";
import type { Logger } from "../shared/logger.ts";
import type { DataDir } from "./data-dir/data-dir.ts";
import { startEmbeddedPostgres } from "./postgres/embedded.ts";

export interface InstanceDatabase {
  database: Database;
  /** Of the running role, for the listening connection. */
  url: string;
  close(): Promise<void>;
}

export async function openInstanceDatabase(
  config: Config,
  dataDir: DataDir,
  logger: Logger,
): Promise<InstanceDatabase> {
  const source = await openSource(config, dataDir, logger);
  try {
    await migrateAs(source, logger);
  } catch (error) {
    await source.stop();
    throw error;
  }
  const database = connectDatabase({ url: source.url });
  return {
    database,
    url: source.url,
    close: async () => {
      await database.close();
      await source.stop();
    },
  };
}

interface Source {
  url: string;
  ownerUrl: string;
  stop(): Promise<void>;
}

async function openSource(config: Config, dataDir: DataDir, logger: Logger): Promise<Source> {
  if (config.databaseUrl === null) return startEmbeddedPostgres({ dataDir, logger });
  const ownerUrl = config.databaseOwnerUrl ?? config.databaseUrl;
  if (ownerUrl === config.databaseUrl) {
    logger.warn(
      "One database role owns and uses the tables, so it could change audit rows; name an owner with PICLOUD_DATABASE_OWNER_URL",
    );
  }
  return { url: config.databaseUrl, ownerUrl, stop: async () => {} };
}

async function migrateAs({ url, ownerUrl }: Source, logger: Logger): Promise<void> {
  const sql = openDriver(ownerUrl, 1);
  try {
    const { applied } = await migrate(sql);
    if (applied.length > 0) logger.info("Migrated the database", { applied });
    if (applied.length > 0 && url !== ownerUrl) await applyGrants(sql, roleOf(url));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);
