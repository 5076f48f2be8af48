/** Decides, for one build, which package file each import means, and remembers the choice for the lock. */
import type { BuildLock } from "../../shared/builder.ts";
import { builtinName } from "../builtins.ts";
import { folderOf, joinPath } from "../resolve-file.ts";
import {
  browserReplacement,
  exportedPath,
  fileFor,
  type ImportKind,
  importedPath,
} from "./exports.ts";
import { type Package, PackageFailure, type PackageStore } from "./package-store.ts";
import { displayName, type PackageSpecifier, parsePackageSpecifier } from "./specifier.ts";

/** What an import turned out to be: a module of the sandbox, a file of a package, or nothing at all. */
export type Resolved = { builtin: string } | { pkg: Package; path: string } | "empty";

const PACKAGES_MAX = 400;

export class PackageResolver {
  readonly #store: PackageStore;
  readonly #pinned: BuildLock;
  readonly #rootRange: (name: string) => string | undefined;
  readonly lock: BuildLock = { specifiers: {}, integrity: {} };
  /** Packages in use by `name@version`. */
  readonly packages = new Map<string, Package>();

  /** `rootRange` gives the range that the author's own files ask of a package, for peer dependencies. */
  constructor(
    store: PackageStore,
    pinned: BuildLock | undefined,
    rootRange: (name: string) => string | undefined,
  ) {
    this.#store = store;
    this.#pinned = pinned ?? { specifiers: {}, integrity: {} };
    this.#rootRange = rootRange;
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
        ? this.#file(importer, target)
        : this.fromPackage(importer, importerPath, target, kind);
    }
    if (/^\.{1,2}(\/|$)/.test(specifier)) {
      const path = joinPath(folderOf(importerPath), specifier);
      if (path === null) throw missing(importer, specifier);
      return this.#file(importer, `./${path}${specifier.endsWith("/") ? "/" : ""}`);
    }
    return this.#dependency(importer, importerPath, specifier, kind);
  }

  async #dependency(
    importer: Package,
    importerPath: string,
    specifier: string,
    kind: ImportKind,
  ): Promise<Resolved> {
    const replacement = browserReplacement(importer.manifest, specifier);
    if (replacement === false) return "empty";
    if (replacement !== undefined && replacement !== specifier)
      return replacement.startsWith(".")
        ? this.#file(importer, replacement)
        : this.fromPackage(importer, importerPath, replacement, kind);
    const builtin = builtinName(specifier);
    if (builtin !== null) return { builtin };
    const wanted = parsePackageSpecifier(specifier);
    if (wanted === null) throw missing(importer, specifier);
    if (wanted.name === importer.name) return this.#exported(importer, wanted.subpath, kind);
    const aliased = parsePackageSpecifier(this.#range(importer, wanted));
    const pkg = await (aliased?.source !== undefined &&
    /^(npm|jsr):/.test(this.#range(importer, wanted))
      ? this.#open(aliased.name, aliased.range)
      : this.#open(wanted.name, this.#range(importer, wanted)));
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
    const version =
      this.lock.specifiers[specifier] ??
      this.#pinned.specifiers[specifier] ??
      (await this.#store.version(name, range));
    const key = `${name}@${version}`;
    const pkg = await this.#store.open(name, version, this.#pinned.integrity[key]);
    this.lock.specifiers[specifier] = version;
    this.lock.integrity[key] = pkg.integrity;
    this.packages.set(key, pkg);
    if (this.packages.size > PACKAGES_MAX)
      throw new PackageFailure(`Cannot bundle more than ${PACKAGES_MAX} packages`);
    return pkg;
  }

  #exported(pkg: Package, subpath: string, kind: ImportKind): Resolved {
    const target = exportedPath(pkg.manifest, subpath, kind);
    if (target === null) throw missing(pkg, subpath);
    return this.#file(pkg, target);
  }

  #file(pkg: Package, target: string): Resolved {
    const path = fileFor(pkg.has, target);
    if (path === null) throw missing(pkg, target);
    const replacement = browserReplacement(pkg.manifest, path);
    if (replacement === false) return "empty";
    const replaced = replacement === undefined ? null : fileFor(pkg.has, replacement);
    return { pkg, path: replaced ?? path };
  }
}

const missing = (pkg: Package, what: string): PackageFailure =>
  new PackageFailure(`Package ${displayName(pkg.name)}@${pkg.version} does not offer "${what}"`);
