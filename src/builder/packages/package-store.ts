/** Packages by name and version, read from the registry or the cache, kept in memory while the process lives. */
import { ArchiveCache, integrityOf } from "./archive-cache.ts";
import type { PackageManifest } from "./exports.ts";
import { type Packument, RegistryClient, type RegistryOptions } from "./registry-client.ts";
import { displayName } from "./specifier.ts";
import { readArchive } from "./tar.ts";

export interface Package {
  name: string;
  version: string;
  integrity: string;
  manifest: PackageManifest;
  has(path: string): boolean;
  read(path: string): string;
  readBytes(path: string): Uint8Array;
}

/** A package that cannot be used, with a reason for the author. */
export class PackageFailure extends Error {}

const UNPACKED_BYTES_MAX = 128 << 20;
const FILES_MAX = 20_000;
const PACKUMENT_MS = 5 * 60_000;
const utf8 = new TextDecoder();

export class PackageStore {
  readonly #client: RegistryClient;
  readonly #cache: ArchiveCache;
  readonly #packuments = new Map<string, { at: number; value: Promise<Packument | null> }>();
  readonly #packages = new Map<string, Promise<Package>>();

  constructor(options: RegistryOptions, cacheFolder: string | null) {
    this.#client = new RegistryClient(options);
    this.#cache = new ArchiveCache(cacheFolder);
  }

  /** The highest version in the range, as npm chooses: `latest` first when it fits, deprecated ones last. */
  async version(name: string, range: string): Promise<string> {
    const packument = await this.#packument(name);
    if (packument === null)
      throw new PackageFailure(`Cannot find package ${displayName(name)} in its registry`);
    const version = selectVersion(packument, range);
    if (version === null)
      throw new PackageFailure(
        `Cannot find a version of ${displayName(name)} that fits "${range}"`,
      );
    return version;
  }

  /** With `integrity`, the archive must be that one; without, the one that the registry lists now. */
  open(name: string, version: string, integrity: string | undefined): Promise<Package> {
    const key = `${name}@${version} ${integrity ?? ""}`;
    const known = this.#packages.get(key);
    if (known !== undefined) return known;
    const opened = this.#open(name, version, integrity).catch((error: unknown) => {
      this.#packages.delete(key);
      if (error instanceof PackageFailure) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new PackageFailure(`Cannot load package ${displayName(name)}@${version}: ${reason}`, {
        cause: error,
      });
    });
    this.#packages.set(key, opened);
    return opened;
  }

  async #open(name: string, version: string, pinned: string | undefined): Promise<Package> {
    const cached = pinned === undefined ? null : await this.#cache.read(pinned);
    if (pinned !== undefined && cached !== null) return unpack(name, version, pinned, cached);
    const dist = (await this.#packument(name))?.versions?.[version]?.dist;
    const listed = dist?.integrity?.split(/\s+/).find((item) => item.startsWith("sha512-"));
    const expected = pinned ?? listed;
    if (expected === undefined) throw new Error("the registry gives no sha512 to check it by");
    const bytes =
      (await this.#cache.read(expected)) ??
      (await this.#client.archive(name, version, dist?.tarball));
    if (integrityOf(bytes) !== expected) throw new Error("its archive does not match its sha512");
    await this.#cache.write(expected, bytes);
    return unpack(name, version, expected, bytes);
  }

  #packument(name: string): Promise<Packument | null> {
    const known = this.#packuments.get(name);
    if (known !== undefined && Date.now() - known.at < PACKUMENT_MS) return known.value;
    const value = this.#client.packument(name).catch((error: unknown) => {
      this.#packuments.delete(name);
      const reason = error instanceof Error ? error.message : String(error);
      throw new PackageFailure(`Cannot ask the registry for ${displayName(name)}: ${reason}`, {
        cause: error,
      });
    });
    this.#packuments.set(name, { at: Date.now(), value });
    return value;
  }
}

export function selectVersion(packument: Packument, range: string): string | null {
  const tags = packument["dist-tags"] ?? {};
  const versions = packument.versions ?? {};
  const tagged = tags[range === "" ? "latest" : range];
  if (tagged !== undefined && Object.hasOwn(tags, range === "" ? "latest" : range)) return tagged;
  const wanted = range === "" ? "*" : range;
  const fits = (version: string): boolean => Bun.semver.satisfies(version, wanted);
  if (tags["latest"] !== undefined && fits(tags["latest"])) return tags["latest"];
  const fitting = Object.keys(versions).filter(fits).toSorted(Bun.semver.order);
  return fitting.findLast((version) => !versions[version]?.deprecated) ?? fitting.at(-1) ?? null;
}

function unpack(name: string, version: string, integrity: string, archive: Uint8Array): Package {
  const files = readArchive(archive, { unpackedBytesMax: UNPACKED_BYTES_MAX, filesMax: FILES_MAX });
  const readBytes = (path: string): Uint8Array => files.get(path) ?? new Uint8Array();
  const read = (path: string): string => utf8.decode(readBytes(path));
  const manifest: unknown = JSON.parse(read("package.json") || "{}");
  if (typeof manifest !== "object" || manifest === null)
    throw new Error("its package.json is no object");
  return { name, version, integrity, manifest, has: (path) => files.has(path), read, readBytes };
}
