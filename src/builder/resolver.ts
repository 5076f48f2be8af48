/** Every import of a build comes through here; what it does not name explicitly does not exist. */
import type { BuildInput } from "../shared/builder.ts";
import { BuildFailure, findSpecifier } from "./build-failure.ts";
import { builtinName, isKnownNodeModule } from "./builtins.ts";
import { loaderFor } from "./loader.ts";
import { mapSpecifier } from "./import-map.ts";
import { exportedPath, importedPath, type ImportKind } from "./packages/exports.ts";
import { readLockFile } from "./packages/lockfiles.ts";
import { PackageResolver, type Resolved } from "./packages/package-resolver.ts";
import type { Package, PackageStore } from "./packages/package-store.ts";
import {
  aliasOf,
  displayName,
  type PackageSpecifier,
  parsePackageSpecifier,
} from "./packages/specifier.ts";
import type { Project } from "./project.ts";
import { resolveFile } from "./resolve-file.ts";

/** Namespaces of the bundler; a path in one never touches a disk. */
export const SPACE = {
  author: "script",
  packages: "package",
  builtin: "picloud",
  empty: "empty",
  helpers: "helpers",
  /** An author's file as data: `FORM/PATH`. */
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
    this.packages = new PackageResolver(
      store,
      input.lock,
      readLockFile(input.files),
      rootRange,
      required,
    );
  }

  /** Throws BuildFailure at the import, or PackageFailure, when there is no such module. */
  async resolve(importer: ModuleId, specifier: string, kind: ImportKind): Promise<ModuleId> {
    if (specifier === "picloud:empty") return { namespace: SPACE.empty, path: "empty" };
    if (importer.namespace === SPACE.packages)
      return this.#fromPackage(importer.path, specifier, kind);
    const { namespace, path } = importer;
    const file = namespace === SPACE.raw ? path.slice(path.indexOf("/") + 1) : path;
    return this.#fromAuthor(file, specifier, kind);
  }

  /** The package and the file that a path of the package namespace names. */
  packageFile(path: string): { pkg: Package; file: string } {
    const [, key = "", file = ""] = /^((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(path) ?? [];
    const pkg = this.packages.packages.get(key);
    if (pkg === undefined) throw new Error(`No package is open as ${key}`);
    return { pkg, file };
  }

  async #fromAuthor(importer: string, written: string, kind: ImportKind): Promise<ModuleId> {
    const specifier = this.#mapped(importer, written, kind);
    const builtin = builtinName(specifier);
    if (builtin !== null) return this.#builtin(importer, builtin);
    if (/^(\.{0,2}\/|\.{1,2}$)/.test(specifier)) return this.#file(importer, written, specifier);
    const wanted = parsePackageSpecifier(specifier);
    if (wanted === null || /^[a-z][a-z+.-]*:/i.test(specifier.replace(/^(npm|jsr):/, "")))
      throw this.#failure(importer, written, unsupported(specifier));
    if (!/^(npm|jsr):/.test(specifier)) {
      const own = this.#exported(wanted, kind);
      if (own !== null) return this.#file(importer, written, own);
      wanted.range = this.#project.dependencies.get(wanted.name) ?? "";
    }
    const alias = aliasOf(wanted.name, wanted.range);
    const target = alias === null ? wanted : { ...alias, subpath: wanted.subpath };
    return moduleId(await this.packages.fromAuthor(target, kind));
  }

  #file(importer: string, written: string, specifier: string): ModuleId {
    const source = this.#input.files[importer] ?? "";
    const { files, assets = {} } = this.#input;
    const path = resolveFile(files, assets, importer, specifier);
    if (path === null)
      throw this.#failure(
        importer,
        written,
        `Cannot find "${written}": no such file in this script`,
      );
    const form = importedForm(source, written, path);
    if (!Object.hasOwn(assets, path))
      return form === null
        ? { namespace: SPACE.author, path }
        : { namespace: SPACE.raw, path: `${form}/${path}` };
    if (form === "bytes") return { namespace: SPACE.raw, path: `${form}/${path}` };
    if (form !== null || !path.endsWith(".wasm"))
      throw this.#failure(
        importer,
        written,
        `Cannot import "${written}" as text or code: it was uploaded as binary; import it with { type: "bytes" }`,
      );
    const whole = takesDefaultOnly(source, written);
    return { namespace: SPACE.raw, path: `${whole ? "wasm" : "instance"}/${path}` };
  }

  /** A file of the script that imports the script's own package by its name. */
  #exported({ name, subpath }: PackageSpecifier, kind: ImportKind): string | null {
    const { manifest } = this.#project;
    if (manifest.name !== name || manifest.exports === undefined) return null;
    return exportedPath(manifest, subpath, kind)?.replace(/^\./, "") ?? null;
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

  /** What the author's import map, or the `imports` of package.json, puts in a specifier's place. */
  #mapped(importer: string, specifier: string, kind: ImportKind): string {
    const mapped = mapSpecifier(this.#project.importMap, importer, specifier);
    if (mapped === "blocked")
      throw this.#failure(importer, specifier, `The import map blocks "${specifier}"`);
    if (mapped !== null) return mapped.to;
    if (!specifier.startsWith("#")) return specifier;
    const target = importedPath(this.#project.manifest, specifier, kind);
    if (target === null)
      throw this.#failure(
        importer,
        specifier,
        `Cannot find "${specifier}": neither the import map nor "imports" of package.json has it`,
      );
    return target.replace(/^\.\//, "/");
  }

  #rootRange(name: string): string | undefined {
    const mapped = this.#project.importMap.imports.get(name);
    const parsed = typeof mapped === "string" ? parsePackageSpecifier(mapped) : null;
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

/** `with { type: "text" }`, "bytes" or "json" on an import: the bundler does not tell plugins about attributes. */
function importedForm(
  source: string,
  specifier: string,
  path: string,
): "text" | "bytes" | "json" | null {
  const attribute = new RegExp(
    `["']${RegExp.escape(specifier)}["']\\s*,?\\s*(?:with|assert)?\\s*:?\\s*\\{[^}]*?["']?type["']?\\s*:\\s*["'](text|bytes|json)["']`,
  );
  const form = source.includes("type") ? attribute.exec(source)?.[1] : undefined;
  if (form === "json") return loaderFor(path) === "text" ? form : null;
  return form === "text" || form === "bytes" ? form : null;
}

/** Workers import the module itself, Deno what its instance exports. */
const takesDefaultOnly = (source: string, specifier: string): boolean =>
  new RegExp(`\\bimport\\s+[\\w$]+\\s+from\\s*["']${RegExp.escape(specifier)}["']`).test(source);

function unsupported(specifier: string): string {
  if (/^https?:/.test(specifier))
    return `Cannot import "${specifier}": modules come from the script's own files, npm: and jsr:, not from addresses`;
  return `Cannot import "${specifier}": use a file of this script, npm:, jsr: or node:`;
}

export const packageLabel = (pkg: Package): string => displayName(pkg.name);
