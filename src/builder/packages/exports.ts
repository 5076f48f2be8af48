/** Which file of a package an import means: `exports`, `imports`, `browser`, `module`, `main` of its package.json. */
import { candidates } from "../resolve-file.ts";

export interface PackageManifest {
  name?: string;
  version?: string;
  main?: unknown;
  module?: unknown;
  browser?: unknown;
  exports?: unknown;
  imports?: unknown;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** The conditions of an edge runtime, which most packages know; `browser` picks the variant that needs no sockets. */
export const CONDITIONS: readonly string[] = [
  "picloud",
  "workerd",
  "worker",
  "edge-light",
  "browser",
  "module",
  "default",
];

export type ImportKind = "import" | "require";

/** The path as the package means it, "./" in front; null when the package does not offer it. */
export function exportedPath(
  manifest: PackageManifest,
  subpath: string,
  kind: ImportKind,
): string | null {
  const { exports } = manifest;
  if (exports === undefined || exports === null)
    return subpath === "." ? mainPath(manifest) : subpath;
  const isMap =
    typeof exports === "object" &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((key) => key.startsWith("."));
  const map = isMap ? (exports as Record<string, unknown>) : { ".": exports };
  return matchPath(map, subpath, kind);
}

/** `#name` imports of a package; the target is a "./path" of its own or another specifier. */
export function importedPath(
  manifest: PackageManifest,
  specifier: string,
  kind: ImportKind,
): string | null {
  const { imports } = manifest;
  return typeof imports === "object" && imports !== null
    ? matchPath(imports as Record<string, unknown>, specifier, kind)
    : null;
}

function mainPath(manifest: PackageManifest): string {
  const main = [manifest.browser, manifest.module, manifest.main].find(
    (field) => typeof field === "string" && field !== "",
  );
  return typeof main === "string" ? `./${main.replace(/^\.?\//, "")}` : "./index";
}

function matchPath(map: Record<string, unknown>, path: string, kind: ImportKind): string | null {
  if (Object.hasOwn(map, path) && !path.includes("*")) return target(map[path], "", kind);
  let best: { key: string; rest: string } | null = null;
  for (const key of Object.keys(map)) {
    const star = key.indexOf("*");
    const [before, after] = star < 0 ? [key, ""] : [key.slice(0, star), key.slice(star + 1)];
    if (star < 0 && !key.endsWith("/")) continue;
    if (
      !path.startsWith(before) ||
      !path.endsWith(after) ||
      path.length <= before.length + after.length
    )
      continue;
    if (best !== null && best.key.indexOf("*") >= before.length) continue;
    best = { key, rest: path.slice(before.length, path.length - after.length) };
  }
  return best === null ? null : target(map[best.key], best.rest, kind);
}

function target(value: unknown, rest: string, kind: ImportKind): string | null {
  if (typeof value === "string")
    return value.endsWith("/") ? value + rest : value.replaceAll("*", rest);
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = target(item, rest, kind);
      if (found !== null) return found;
    }
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  for (const [condition, inner] of Object.entries(value)) {
    if (condition !== kind && !CONDITIONS.includes(condition)) continue;
    const found = target(inner, rest, kind);
    if (found !== null) return found;
  }
  return null;
}

/** A file of the package for a path, with Node's and bundlers' extensions tried; null when none is there. */
export function fileFor(has: (path: string) => boolean, path: string): string | null {
  const clean = path.replace(/^\.\//, "").replace(/^\.$/, "");
  return candidates(clean).find((candidate) => candidate !== "" && has(candidate)) ?? null;
}

/** What the `browser` map puts in a file's or a dependency's place: another path, or false for an empty module. */
export function browserReplacement(
  manifest: PackageManifest,
  key: string,
): string | false | undefined {
  const { browser } = manifest;
  if (typeof browser !== "object" || browser === null) return undefined;
  const map = browser as Record<string, unknown>;
  for (const spelling of [
    key,
    `./${key}`,
    key.replace(/\.js$/, ""),
    `./${key.replace(/\.js$/, "")}`,
  ]) {
    const value = Object.hasOwn(map, spelling) ? map[spelling] : undefined;
    if (value === false || typeof value === "string") return value;
  }
  return undefined;
}
