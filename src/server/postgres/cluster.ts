/** The directory with the data: made once, complete or not at all. */
import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import type { PostgresPrograms } from "./binaries.ts";
import { asUser } from "./service-user.ts";
import type { ServiceUser } from "./service-user.ts";

/** Its files are not readable by another one. */
const MAJOR_VERSION = "18";
export const SUPERUSER = "postgres";

/**
 * @returns whether it was made now.
 * @throws Error when the data is of another major version, or initdb fails.
 */
export async function ensureCluster(
  programs: PostgresPrograms,
  clusterDir: string,
  user: ServiceUser | null,
  initArguments: readonly string[] = [],
): Promise<boolean> {
  if (existsSync(path.join(clusterDir, "PG_VERSION"))) {
    assertVersion(clusterDir);
    return false;
  }
  if (existsSync(clusterDir)) {
    throw new Error(
      `Cannot use "${clusterDir}": it holds no PostgreSQL data. Move it away, or set PICLOUD_DATA_DIR to another directory`,
    );
  }
  const partial = `${clusterDir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  if (user !== null) chownSync(partial, user.uid, user.gid);
  await initdb(programs, partial, user, initArguments);
  renameSync(partial, clusterDir);
  return true;
}

function assertVersion(clusterDir: string): void {
  const version = readFileSync(path.join(clusterDir, "PG_VERSION"), "utf8").trim();
  if (version === MAJOR_VERSION) return;
  throw new Error(
    `Cannot use the data in "${clusterDir}": it is of PostgreSQL ${version}, and this version brings ${MAJOR_VERSION}. ` +
      "Dump it with the version that wrote it, and restore it into a new data directory",
  );
}

async function initdb(
  { initdb: program }: PostgresPrograms,
  target: string,
  user: ServiceUser | null,
  extra: readonly string[],
): Promise<void> {
  // Nobody but this user can enter the socket's directory, so there is no password to keep.
  const options = ["-D", target, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C"];
  const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"];
  const child = spawn(program, [...options, ...locale, ...extra], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
    ...asUser(user),
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise<number | string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  if (code === 0) return;
  throw new Error(
    `Cannot make the database in "${target}": initdb ended with ${code}: ${output.trim().slice(-2_000)}`,
  );
}
