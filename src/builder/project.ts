/** What the author's own configuration files say about building: deno.json(c) and package.json. */
import { BuildFailure } from "./build-failure.ts";
import { type ImportMap, mergeImportMaps, readImportMap } from "./import-map.ts";
import type { PackageManifest } from "./packages/exports.ts";
import { type Files, folderOf } from "./resolve-file.ts";

export interface JsxSettings {
  runtime: "automatic" | "classic";
  importSource: string;
  factory: string;
  fragment: string;
}

export interface Project {
  importMap: ImportMap;
  /** The author's own package.json: its `#name` imports, and `exports` where a file imports it by its name. */
  manifest: PackageManifest;
  /** `dependencies` of package.json: name to range. */
  dependencies: ReadonlyMap<string, string>;
  jsx: JsxSettings;
  experimentalDecorators: boolean;
}

/** A configuration file is no JSON; its place is looked up where it is reported. */
export class ConfigFailure extends BuildFailure {}

export function readProject(files: Files): Project {
  const deno = readConfig(files, "deno.json") ?? readConfig(files, "deno.jsonc") ?? {};
  const packageJson = readConfig(files, "package.json") ?? {};
  const mapPath =
    typeof deno["importMap"] === "string" ? deno["importMap"].replace(/^\.?\//, "") : null;
  const mapFile = mapPath === null ? null : readConfig(files, mapPath);
  const options = {
    ...record(readConfig(files, "tsconfig.json")?.["compilerOptions"]),
    ...record(deno["compilerOptions"]),
  };
  const dependencies = new Map([
    ...textEntries(packageJson["peerDependencies"]),
    ...textEntries(packageJson["devDependencies"]),
    ...textEntries(packageJson["dependencies"]),
  ]);
  return {
    importMap: mergeImportMaps(
      readImportMap(mapFile, folderOf(mapPath ?? "")),
      readImportMap(deno, ""),
    ),
    manifest: ownManifest(deno, packageJson),
    dependencies,
    jsx: jsxSettings(options, files),
    experimentalDecorators: options["experimentalDecorators"] === true,
  };
}

/** deno.json has a name and exports of its own, which count where there is no package.json. */
function ownManifest(
  deno: Record<string, unknown>,
  packageJson: Record<string, unknown>,
): PackageManifest {
  const { name = deno["name"], exports = deno["exports"], imports } = packageJson;
  return { ...(typeof name === "string" ? { name } : {}), exports, imports };
}

function jsxSettings(options: Record<string, unknown>, files: Files): JsxSettings {
  const classic =
    options["jsx"] === "react" ||
    (options["jsx"] === undefined && options["jsxFactory"] !== undefined);
  return {
    runtime: classic ? "classic" : "automatic",
    importSource: text(options["jsxImportSource"]) ?? guessImportSource(files),
    factory: text(options["jsxFactory"]) ?? "React.createElement",
    fragment: text(options["jsxFragmentFactory"]) ?? "React.Fragment",
  };
}

/** Without any configuration, the library that the files import is the one that they mean. */
function guessImportSource(files: Files): string {
  const sources = Object.values(files).join("\n");
  const imports = (name: string): boolean =>
    new RegExp(`["'](npm:|jsr:@hono/)?${name}(@[^"'/]*)?(/[^"']*)?["']`).test(sources);
  if (imports("react")) return "react";
  if (imports("preact")) return "preact";
  return imports("hono") ? "hono/jsx" : "react";
}

function readConfig(files: Files, path: string): Record<string, unknown> | null {
  const source = Object.hasOwn(files, path) ? files[path] : undefined;
  if (source === undefined) return null;
  try {
    return record(Bun.JSONC.parse(source));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it is no JSON";
    throw new ConfigFailure(`Cannot read ${path}: ${reason}`, { file: path });
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const textEntries = (value: unknown): [string, string][] =>
  Object.entries(record(value)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
