/** Decides, for one build, which package file each import means, and remembers the choice for the lock. */
import type { BuildLock } from "../../shared/builder.ts";
import { builtinName } from "../builtins.ts";
import { folderOf, joinPath } from "../resolve-file.ts";
import {
  exportedPath,
  fileFor,
  type ImportKind,
  importedPath,
  mainPaths,
  type PackageManifest,
} from "./exports.ts";
import { lockedIntegrity, lockedVersion, type LockFile } from "./lockfiles.ts";
import { type Package, PackageFailure, type PackageStore } from "./package-store.ts";
import { aliasOf, displayName, type PackageSpecifier, parsePackageSpecifier } from "./specifier.ts";

/** What an import turned out to be: a module of the sandbox, a file of a package, or nothing at all. */
export type Resolved = { builtin: string } | { pkg: Package; path: string } | "empty";

const PACKAGES_MAX = 400;

export class PackageResolver {
  readonly #store: PackageStore;
  readonly #pinned: BuildLock;
  readonly #lockFile: LockFile | null;
  readonly #rootRange: (name: string) => string | undefined;
  readonly lock: BuildLock = { specifiers: {}, integrity: {} };
  /** Packages in use by `name@version`. */
  readonly packages = new Map<string, Package>();
  /** Entries that exist as an ES module and as CommonJS, by how they were asked for. */
  readonly #asked = { import: new Set<string>(), require: new Set<string>() };
  /** Those that are to be CommonJS for all, as an earlier try of this build found. */
  readonly #required: ReadonlySet<string>;

  /**
   * A lock file that the author uploads comes before what an earlier build pinned. `rootRange` gives the range that the author's own files ask of a package, for peer dependencies.
   */
  constructor(
    store: PackageStore,
    pinned: BuildLock | undefined,
    lockFile: LockFile | null,
    rootRange: (name: string) => string | undefined,
    required: ReadonlySet<string>,
  ) {
    this.#required = required;
    this.#store = store;
    this.#pinned = pinned ?? { specifiers: {}, integrity: {} };
    this.#lockFile = lockFile;
    this.#rootRange = rootRange;
  }

  /** Entries that are in the bundle twice now. */
  get doubled(): string[] {
    return [...this.#asked.import].filter(
      (entry) => this.#asked.require.has(entry) && !this.#required.has(entry),
    );
  }

  async fromAuthor(specifier: PackageSpecifier, kind: ImportKind): Promise<Resolved> {
    const pkg = await this.#open(specifier.name, specifier.range);
    return this.#exported(pkg, specifier.subpath, kind);
  }

  async fromPackage(
    importer: Package,
    importerPath: string,
    specifier: string,
    kind: ImportKind,
  ): Promise<Resolved> {
    if (specifier.startsWith("#")) {
      const target = importedPath(importer.manifest, specifier, kind);
      if (target === null) throw missing(importer, specifier);
      return target.startsWith("./")
        ? this.#file(importer, target, kind)
        : this.fromPackage(importer, importerPath, target, kind);
    }
    if (/^\.{1,2}(\/|$)/.test(specifier)) {
      const path = joinPath(folderOf(importerPath), specifier);
      if (path === null) throw missing(importer, specifier);
      return this.#file(importer, `./${path}${specifier.endsWith("/") ? "/" : ""}`, kind);
    }
    return this.#dependency(importer, importerPath, specifier, kind);
  }

  async #dependency(
    importer: Package,
    importerPath: string,
    specifier: string,
    kind: ImportKind,
  ): Promise<Resolved> {
    const builtin = builtinName(specifier);
    if (builtin !== null) return { builtin };
    const wanted = parsePackageSpecifier(specifier);
    if (wanted === null) throw missing(importer, specifier);
    if (wanted.name === importer.name) return this.#exported(importer, wanted.subpath, kind);
    const range = this.#range(importer, wanted);
    const { name, range: exact } = aliasOf(wanted.name, range) ?? { name: wanted.name, range };
    const pkg = await this.#open(name, exact);
    return this.#exported(pkg, wanted.subpath, kind);
  }

  #range(importer: Package, wanted: PackageSpecifier): string {
    const { dependencies, optionalDependencies, peerDependencies } = importer.manifest;
    if (wanted.range !== "") return wanted.range;
    const own = dependencies?.[wanted.name] ?? optionalDependencies?.[wanted.name];
    if (own !== undefined) return own;
    return this.#rootRange(wanted.name) ?? peerDependencies?.[wanted.name] ?? "";
  }

  async #open(name: string, range: string): Promise<Package> {
    if (/^(git|github|file|link|workspace|https?)[:+]/.test(range))
      throw new PackageFailure(
        `Cannot use ${displayName(name)}: "${range}" is no version of a registry`,
      );
    const specifier = `${displayName(name)}@${range === "" ? "*" : range}`;
    const lockFile = this.#lockFile;
    const version =
      this.lock.specifiers[specifier] ??
      (lockFile === null ? undefined : lockedVersion(lockFile, specifier, name, range)) ??
      this.#pinned.specifiers[specifier] ??
      (await this.#store.version(name, range));
    const key = `${name}@${version}`;
    const locked = lockFile === null ? undefined : lockedIntegrity(lockFile, name, version);
    const pkg = await this.#store.open(name, version, locked ?? this.#pinned.integrity[key]);
    this.lock.specifiers[specifier] = version;
    this.lock.integrity[key] = pkg.integrity;
    this.packages.set(key, pkg);
    if (this.packages.size > PACKAGES_MAX)
      throw new PackageFailure(`Cannot bundle more than ${PACKAGES_MAX} packages`);
    return pkg;
  }

  #exported(pkg: Package, subpath: string, kind: ImportKind): Resolved {
    const { exports } = pkg.manifest;
    if (exports === undefined || exports === null)
      return subpath === "."
        ? this.#main(pkg, "", pkg.manifest, kind)
        : this.#file(pkg, subpath, kind);
    const target = exportedPath(pkg.manifest, subpath, kind);
    if (target === null) throw missing(pkg, subpath);
    return this.#file(pkg, target, kind);
  }

  /** The entry of a package, or of a folder in it that has a package.json of its own. */
  #main(pkg: Package, folder: string, manifest: PackageManifest, kind: ImportKind): Resolved {
    const asked = this.#entryKind(pkg, folder, manifest, kind);
    for (const entry of mainPaths(manifest, asked)) {
      const path = joinPath(folder, entry);
      if (path !== null && fileFor(pkg.has, path) !== null) return this.#found(pkg, path);
    }
    throw missing(pkg, folder === "" ? "." : folder);
  }

  /** One module of a package must not be there twice, as what is imported and as what is required. */
  #entryKind(
    pkg: Package,
    folder: string,
    manifest: PackageManifest,
    kind: ImportKind,
  ): ImportKind {
    if (typeof manifest.module !== "string") return kind;
    const entry = `${pkg.name}@${pkg.version}/${folder}`;
    this.#asked[kind].add(entry);
    return this.#required.has(entry) ? "require" : kind;
  }

  #file(pkg: Package, target: string, kind: ImportKind): Resolved {
    const folder = target.replace(/^\.?\/+/, "").replace(/\/+$/, "");
    if (folder === "") return this.#main(pkg, "", pkg.manifest, kind);
    const nested =
      !pkg.has(folder) && fileFor(pkg.has, folder)?.startsWith(`${folder}.`) !== true
        ? `${folder}/package.json`
        : "";
    if (nested !== "" && pkg.has(nested))
      return this.#main(pkg, folder, readManifest(pkg, nested), kind);
    return this.#found(pkg, target);
  }

  #found(pkg: Package, target: string): Resolved {
    const path = fileFor(pkg.has, target);
    if (path === null) throw missing(pkg, target);
    return { pkg, path };
  }
}

/** What is no JSON object says nothing. */
function readManifest(pkg: Package, path: string): PackageManifest {
  try {
    const value: unknown = JSON.parse(pkg.read(path));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

const missing = (pkg: Package, what: string): PackageFailure =>
  new PackageFailure(`Package ${displayName(pkg.name)}@${pkg.version} does not offer "${what}"`);
