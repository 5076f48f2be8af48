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

/**
 * Entries made for edge runtimes come first, then those for Node: the sandbox has Node's modules, and no document, which
 * entries for browsers may want.
 */
export const CONDITIONS: readonly string[] = [
  "picloud",
  "workerd",
  "worker",
  "edge-light",
  "node",
  "module",
  "default",
];

/** Asked for only where a package offers nothing else. */
const LAST_CONDITIONS: readonly string[] = [...CONDITIONS, "deno", "browser"];

export type ImportKind = "import" | "require";

/** The path by `exports`, "./" in front; null when the package does not offer it. */
export function exportedPath(
  manifest: PackageManifest,
  subpath: string,
  kind: ImportKind,
): string | null {
  const { exports } = manifest;
  const isMap =
    typeof exports === "object" &&
    exports !== null &&
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

/**
 * Entries of a package without `exports`, best first. `browser` as a text is for pages, and often wants a document;
 * `require` of an ES module would give a namespace where the caller expects `module.exports`.
 */
export function mainPaths(manifest: PackageManifest, kind: ImportKind): string[] {
  const { main, module, browser } = manifest;
  const fields =
    kind === "import" ? [module, main, "index", browser] : [main, "index", module, browser];
  return fields
    .filter((field) => typeof field === "string" && field !== "")
    .map((field) => `./${String(field).replace(/^\.?\//, "")}`);
}

function matchPath(map: Record<string, unknown>, path: string, kind: ImportKind): string | null {
  return (
    matchWith(map, path, [kind, ...CONDITIONS]) ?? matchWith(map, path, [kind, ...LAST_CONDITIONS])
  );
}

function matchWith(
  map: Record<string, unknown>,
  path: string,
  conditions: readonly string[],
): string | null {
  if (Object.hasOwn(map, path) && !path.includes("*")) return target(map[path], "", conditions);
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
  return best === null ? null : target(map[best.key], best.rest, conditions);
}

function target(value: unknown, rest: string, conditions: readonly string[]): string | null {
  if (typeof value === "string")
    return value.endsWith("/") ? value + rest : value.replaceAll("*", rest);
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = target(item, rest, conditions);
      if (found !== null) return found;
    }
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  for (const [condition, inner] of Object.entries(value)) {
    if (!conditions.includes(condition)) continue;
    const found = target(inner, rest, conditions);
    if (found !== null) return found;
  }
  return null;
}

/** A file of the package for a path, with Node's and bundlers' extensions tried; null when none is there. */
export function fileFor(has: (path: string) => boolean, path: string): string | null {
  const clean = path.replace(/^\.?\/+/, "").replace(/^\.$/, "");
  return candidates(clean).find((candidate) => candidate !== "" && has(candidate)) ?? null;
}
