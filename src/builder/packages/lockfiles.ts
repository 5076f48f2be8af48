/** Versions that an uploaded lock file asks for: deno.lock, package-lock.json or bun.lock, the first that is there. */
import { BuildFailure } from "../build-failure.ts";
import type { Files } from "../resolve-file.ts";
import { parsePackageSpecifier } from "./specifier.ts";

interface LockedVersion {
  version: string;
  integrity: string | undefined;
}

export interface LockFile {
  path: string;
  /** Specifiers as they are written, `npm:hono@^4`, to exact versions. */
  specifiers: ReadonlyMap<string, string>;
  /** By package name, as its registry knows it; what the script itself asks for comes first. */
  versions: ReadonlyMap<string, readonly LockedVersion[]>;
}

/** Versions become parts of addresses and of file names. */
const VERSION = /^\d[\w.+-]*$/;

type Json = Record<string, unknown>;
type Add = (name: string, version: unknown, integrity: unknown) => void;

const READERS: Readonly<
  Record<string, (json: Json, add: Add, specifiers: Map<string, string>) => void>
> = {
  "deno.lock": readDenoLock,
  "package-lock.json": readPackageLock,
  "bun.lock": readBunLock,
};

/** Throws a BuildFailure where the file is no JSON. */
export function readLockFile(files: Files): LockFile | null {
  const path = Object.keys(READERS).find((name) => Object.hasOwn(files, name));
  const read = path === undefined ? undefined : READERS[path];
  if (path === undefined || read === undefined) return null;
  const specifiers = new Map<string, string>();
  const versions = new Map<string, LockedVersion[]>();
  const add: Add = (name, version, integrity) => {
    if (typeof version !== "string" || !VERSION.test(version) || name === "") return;
    const known = versions.get(name) ?? [];
    versions.set(name, [
      ...known,
      { version, integrity: typeof integrity === "string" ? sha512Of(integrity) : undefined },
    ]);
  };
  read(parse(path, files[path] ?? ""), add, specifiers);
  return { path, specifiers, versions };
}

/** The locked version for what is asked, when it fits the range. */
export function lockedVersion(
  lock: LockFile,
  specifier: string,
  name: string,
  range: string,
): string | undefined {
  const exact = lock.specifiers.get(specifier);
  if (exact !== undefined) return exact;
  // A tag fits no version: then the one that the file has, if it has one.
  const fits = ({ version }: LockedVersion): boolean =>
    Bun.semver.satisfies(version, range === "" ? "*" : range);
  const versions = lock.versions.get(name) ?? [];
  return (versions.find(fits) ?? (versions.length === 1 && isTag(range) ? versions[0] : undefined))
    ?.version;
}

export const lockedIntegrity = (
  lock: LockFile,
  name: string,
  version: string,
): string | undefined =>
  lock.versions.get(name)?.find((entry) => entry.version === version)?.integrity;

const isTag = (range: string): boolean => /^[a-z]+$/i.test(range);

const sha512Of = (integrity: string): string | undefined =>
  integrity.split(/\s+/).find((item) => item.startsWith("sha512-"));

function readDenoLock(json: Json, add: Add, specifiers: Map<string, string>): void {
  // Version 3 has these one level deeper, and the package's name again in front of each version.
  const packages = record(json["packages"]);
  const listed = { ...record(packages["specifiers"]), ...record(json["specifiers"]) };
  for (const [specifier, resolved] of Object.entries(listed)) {
    const version =
      typeof resolved === "string" ? /(?:^|@)(\d[\w.+-]*?)(?:_|$)/.exec(resolved) : null;
    if (version?.[1] !== undefined) specifiers.set(specifier, version[1]);
  }
  for (const [key, entry] of Object.entries({ ...record(packages["npm"]), ...record(json["npm"]) }))
    addKey(add, key, record(entry)["integrity"]);
  for (const key of Object.keys({ ...record(packages["jsr"]), ...record(json["jsr"]) }))
    addKey(add, `jsr:${key}`, undefined);
}

/** `name@version`, with the versions of peers behind an underscore. */
function addKey(add: Add, key: string, integrity: unknown): void {
  const parsed = parsePackageSpecifier(key.startsWith("jsr:") ? key : `npm:${key}`);
  if (parsed !== null) add(parsed.name, parsed.range.replace(/_.*$/, ""), integrity);
}

function readPackageLock(json: Json, add: Add): void {
  const entries = Object.entries(record(json["packages"])).map(
    ([path, entry]) => [path.split("node_modules/"), record(entry)] as const,
  );
  // Those at the top are what the script itself imports.
  for (const [path, entry] of entries.toSorted(([a], [b]) => a.length - b.length)) {
    const name = typeof entry["name"] === "string" ? entry["name"] : (path.at(-1) ?? "");
    if (path.length > 1) add(name, entry["version"], entry["integrity"]);
  }
}

/** Each entry is `["name@version", registry, details, integrity]`. */
function readBunLock(json: Json, add: Add): void {
  for (const entry of Object.values(record(json["packages"])))
    if (Array.isArray(entry) && typeof entry[0] === "string") addKey(add, entry[0], entry.at(-1));
}

function parse(path: string, text: string): Json {
  try {
    return record(Bun.JSONC.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it is no JSON";
    throw new BuildFailure(`Cannot read ${path}: ${reason}`, { file: path });
  }
}

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
