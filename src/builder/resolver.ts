/** Every import of a build comes through here; what it does not name explicitly does not exist. */
import type { BuildInput } from "../shared/builder.ts";
import { BuildFailure, findSpecifier } from "./build-failure.ts";
import { builtinName, isKnownNodeModule } from "./builtins.ts";
import type { ImportKind } from "./packages/exports.ts";
import { PackageResolver, type Resolved } from "./packages/package-resolver.ts";
import type { Package, PackageStore } from "./packages/package-store.ts";
import { displayName, parsePackageSpecifier } from "./packages/specifier.ts";
import type { Project } from "./project.ts";
import { resolveFile } from "./resolve-file.ts";

/** Namespaces of the bundler; a path in one never touches a disk. */
export const SPACE = {
  author: "script",
  packages: "package",
  builtin: "picloud",
  empty: "empty",
  helpers: "helpers",
  /** An author's file as data: `text/PATH` or `bytes/PATH`. */
  raw: "raw",
} as const;
export interface ModuleId {
  namespace: string;
  path: string;
}

export class Resolver {
  readonly #input: BuildInput;
  readonly #project: Project;
  readonly packages: PackageResolver;

  constructor(
    input: BuildInput,
    project: Project,
    store: PackageStore,
    required: ReadonlySet<string>,
  ) {
    this.#input = input;
    this.#project = project;
    const rootRange = (name: string): string | undefined => this.#rootRange(name);
    this.packages = new PackageResolver(store, input.lock, rootRange, required);
  }

  /** Throws BuildFailure at the import, or PackageFailure, when there is no such module. */
  async resolve(importer: ModuleId, specifier: string, kind: ImportKind): Promise<ModuleId> {
    if (specifier === "picloud:empty") return { namespace: SPACE.empty, path: "empty" };
    if (importer.namespace === SPACE.packages)
      return this.#fromPackage(importer.path, specifier, kind);
    return this.#fromAuthor(importer.path, specifier, kind);
  }

  /** The package and the file that a path of the package namespace names. */
  packageFile(path: string): { pkg: Package; file: string } {
    const [, key = "", file = ""] = /^((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(path) ?? [];
    const pkg = this.packages.packages.get(key);
    if (pkg === undefined) throw new Error(`No package is open as ${key}`);
    return { pkg, file };
  }

  async #fromAuthor(importer: string, written: string, kind: ImportKind): Promise<ModuleId> {
    const specifier = this.#mapped(written);
    const builtin = builtinName(specifier);
    if (builtin !== null) return this.#builtin(importer, builtin);
    if (/^(\.{0,2}\/|\.{1,2}$)/.test(specifier)) {
      const base = specifier === written ? importer : "";
      const path = resolveFile(this.#input.files, base, specifier);
      if (path === null)
        throw this.#failure(
          importer,
          written,
          `Cannot find "${written}": no such file in this script`,
        );
      const form = importedForm(this.#input.files[importer] ?? "", written);
      return form === null
        ? { namespace: SPACE.author, path }
        : { namespace: SPACE.raw, path: `${form}/${path}` };
    }
    const wanted = parsePackageSpecifier(specifier);
    if (wanted === null || /^[a-z][a-z+.-]*:/i.test(specifier.replace(/^(npm|jsr):/, "")))
      throw this.#failure(importer, written, unsupported(specifier));
    if (!/^(npm|jsr):/.test(specifier))
      wanted.range = this.#project.dependencies.get(wanted.name) ?? "";
    const alias = /^(npm|jsr):/.test(wanted.range) ? parsePackageSpecifier(wanted.range) : null;
    const target = alias === null ? wanted : { ...alias, subpath: wanted.subpath };
    return moduleId(await this.packages.fromAuthor(target, kind));
  }

  async #fromPackage(path: string, specifier: string, kind: ImportKind): Promise<ModuleId> {
    const { pkg, file } = this.packageFile(path);
    const builtin =
      specifier.startsWith("node:") || specifier.startsWith("picloud")
        ? builtinName(specifier)
        : null;
    if (builtin !== null) return { namespace: SPACE.builtin, path: builtin };
    return moduleId(await this.packages.fromPackage(pkg, file, specifier, kind));
  }

  #builtin(importer: string, name: string): ModuleId {
    if (name.startsWith("node:") && !isKnownNodeModule(name))
      throw this.#failure(importer, name, `There is no module "${name}"`);
    return { namespace: SPACE.builtin, path: name };
  }

  /** By the author's import map: an exact entry, else the longest prefix. */
  #mapped(specifier: string): string {
    const { imports } = this.#project;
    const exact = imports.get(specifier);
    if (exact !== undefined) return exact;
    const prefixes = [...imports.keys()].filter(
      (key) => key.endsWith("/") && specifier.startsWith(key),
    );
    const prefix = prefixes.toSorted((a, b) => b.length - a.length)[0];
    if (prefix !== undefined)
      return `${imports.get(prefix) ?? ""}${specifier.slice(prefix.length)}`;
    const parts = /^((?:@[^/]+\/)?[^/]+)(\/.*)$/.exec(specifier);
    const base = parts === null ? undefined : imports.get(parts[1] ?? "");
    return base !== undefined && /^(npm|jsr):/.test(base) ? base + (parts?.[2] ?? "") : specifier;
  }

  #rootRange(name: string): string | undefined {
    const mapped = this.#project.imports.get(name);
    const parsed = mapped === undefined ? null : parsePackageSpecifier(mapped);
    if (parsed?.name === name) return parsed.range;
    const listed = this.#project.dependencies.get(name);
    if (listed !== undefined) return listed;
    const inline = new RegExp(`["']npm:/?${RegExp.escape(name)}@([^"'/]+)`);
    for (const source of Object.values(this.#input.files)) {
      const found = inline.exec(source)?.[1];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #failure(importer: string, specifier: string, message: string): BuildFailure {
    return new BuildFailure(message, {
      file: importer,
      ...findSpecifier(this.#input.files[importer] ?? "", specifier),
    });
  }
}

function moduleId(resolved: Resolved): ModuleId {
  if (resolved === "empty") return { namespace: SPACE.empty, path: "empty" };
  if ("builtin" in resolved) return { namespace: SPACE.builtin, path: resolved.builtin };
  return {
    namespace: SPACE.packages,
    path: `${resolved.pkg.name}@${resolved.pkg.version}/${resolved.path}`,
  };
}

/** `with { type: "text" }` or "bytes" on an import: the bundler does not tell plugins about attributes. */
function importedForm(source: string, specifier: string): "text" | "bytes" | null {
  const attribute = new RegExp(
    `["']${RegExp.escape(specifier)}["']\\s*,?\\s*(?:with|assert)?\\s*:?\\s*\\{[^}]*?["']?type["']?\\s*:\\s*["'](text|bytes)["']`,
  );
  const form = source.includes("type") ? attribute.exec(source)?.[1] : undefined;
  return form === "text" || form === "bytes" ? form : null;
}

function unsupported(specifier: string): string {
  if (/^https?:/.test(specifier))
    return `Cannot import "${specifier}": modules come from the script's own files, npm: and jsr:, not from addresses`;
  return `Cannot import "${specifier}": use a file of this script, npm:, jsr: or node:`;
}

export const packageLabel = (pkg: Package): string => displayName(pkg.name);
