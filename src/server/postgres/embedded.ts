/** The database that the platform brings along: see README.md here. */
import { chownSync, mkdirSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/clock.ts";
import { socketDatabaseUrl } from "../../shared/database-url.ts";
import type { Logger } from "../../shared/logger.ts";
import type { DataDir } from "../data-dir/data-dir.ts";
import { locatePrograms } from "./binaries.ts";
import { ensureCluster, SUPERUSER } from "./cluster.ts";
import { stopLeftovers } from "./leftovers.ts";
import { startPostmaster } from "./postmaster.ts";
import { APP_ROLE, DATABASE, ensureRoles, OWNER_ROLE } from "./roles.ts";
import { assertReachable, postgresUser } from "./service-user.ts";
import type { ServiceUser } from "./service-user.ts";
import type { PostgresSettings } from "./settings.ts";
import { Supervisor } from "./supervisor.ts";

/** sockaddr_un has 108 bytes, and PostgreSQL appends `/.s.PGSQL.5432.lock`. */
const MAX_SOCKET_DIR = 80;

export interface EmbeddedPostgresOptions {
  /** Open, so that no second process is on the same data. */
  dataDir: DataDir;
  logger: Logger;
  clock?: Clock;
  /** Over those of settings.ts. */
  settings?: PostgresSettings;
  /** Further arguments for the first start. */
  initArguments?: readonly string[];
}

export interface EmbeddedPostgres {
  /** For the running platform: role `picloud_app`. */
  readonly url: string;
  /** For migrations: role `picloud_owner`, owner of the database. */
  readonly ownerUrl: string;
  /** For making databases and roles, on the database `postgres`. */
  readonly superuserUrl: string;
  /** Of the first process; undefined while PostgreSQL is down. */
  readonly pid: number | undefined;
  /** How often it had to be started again. */
  readonly restarts: number;
  stop(): Promise<void>;
}

/** Resolves when the database takes connections; from then on it is kept running until `stop`. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { dataDir, settings = {} } = options;
  const logger = options.logger.child({ part: "postgres" });
  const clusterDir = dataDir.file("postgres");
  const user = postgresUser(clusterDir);
  assertReachable(dataDir.path, user);
  const programs = await locatePrograms({ dataDir: dataDir.path, user, logger });
  const socketDir = makeSocketDir(dataDir.path, user);
  if (await ensureCluster(programs, clusterDir, user, options.initArguments)) {
    logger.info("Made a new database", { directory: clusterDir, user: user?.name });
  }

  const supervisor = new Supervisor({
    clock: options.clock ?? systemClock,
    logger,
    start: async () => {
      const left = await stopLeftovers(clusterDir);
      if (left > 0)
        logger.warn("Stopped a PostgreSQL that an earlier run left", { processes: left });
      // No process has the data now, so whatever this file says is of the past; PostgreSQL
      // would believe it when another process has got that pid since.
      rmSync(path.join(clusterDir, "postmaster.pid"), { force: true });
      return startPostmaster({ programs, clusterDir, socketDir, user, settings, logger });
    },
  });
  await supervisor.start();

  const superuserUrl = socketDatabaseUrl(SUPERUSER, "postgres", socketDir);
  try {
    await ensureRoles(superuserUrl, clusterDir);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  return {
    url: socketDatabaseUrl(APP_ROLE, DATABASE, socketDir),
    ownerUrl: socketDatabaseUrl(OWNER_ROLE, DATABASE, socketDir),
    superuserUrl,
    get pid() {
      return supervisor.pid;
    },
    get restarts() {
      return supervisor.restarts;
    },
    stop: () => supervisor.stop(),
  };
}

/** Of the database that a running server keeps for this data directory. */
export function runningDatabaseUrl(dataDir: string): string {
  return socketDatabaseUrl(APP_ROLE, DATABASE, socketDirOf(path.resolve(dataDir)));
}

/** Beside the data, or under /tmp where the path would be too long for a socket. */
function socketDirOf(dataDir: string): string {
  const beside = path.join(dataDir, "run");
  const hash = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  return beside.length <= MAX_SOCKET_DIR ? beside : `/tmp/picloud-${hash}`;
}

function makeSocketDir(dataDir: string, user: ServiceUser | null): string {
  const directory = socketDirOf(dataDir);
  // Made anew: under /tmp, someone else could have put one of theirs in its place.
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  if (user !== null) chownSync(directory, user.uid, user.gid);
  return directory;
}
