/** Import maps as deno.json and the file it names have them: `imports` and `scopes`, exact keys and prefixes. */
import { joinPath } from "./resolve-file.ts";

/** What a key stands for; null blocks it. Files of the script begin with "/". */
type Entries = ReadonlyMap<string, string | null>;

export interface ImportMap {
  imports: Entries;
  /** By folder (or file) of the importer, the most specific first. */
  scopes: readonly { prefix: string; entries: Entries }[];
}

export type Mapped = { to: string } | "blocked" | null;

/** `folder` is where the map's file lies, and its paths start: "" or "sub/". */
export function readImportMap(json: Record<string, unknown> | null, folder: string): ImportMap {
  const scopes = Object.entries(record(json?.["scopes"])).map(([key, entries]) => ({
    prefix: address(key, folder),
    entries: readEntries(entries, folder),
  }));
  return {
    imports: readEntries(json?.["imports"], folder),
    scopes: scopes.toSorted((a, b) => b.prefix.length - a.prefix.length),
  };
}

/** Of two maps, the later wins. */
export const mergeImportMaps = (first: ImportMap, second: ImportMap): ImportMap => ({
  imports: new Map([...first.imports, ...second.imports]),
  scopes: [...second.scopes, ...first.scopes].toSorted((a, b) => b.prefix.length - a.prefix.length),
});

/** `importer` is a file's path without leading slash. */
export function mapSpecifier(map: ImportMap, importer: string, specifier: string): Mapped {
  const key = address(specifier, importer.slice(0, importer.lastIndexOf("/") + 1));
  const path = `/${importer}`;
  for (const { prefix, entries } of map.scopes) {
    if (path !== prefix && !(prefix.endsWith("/") && path.startsWith(prefix))) continue;
    const found = lookUp(entries, key);
    if (found !== null) return found;
  }
  return lookUp(map.imports, key);
}

function lookUp(entries: Entries, key: string): Mapped {
  const exact = entries.get(key);
  if (exact !== undefined) return exact === null ? "blocked" : { to: exact };
  const prefix = [...entries.keys()]
    .filter((name) => name.endsWith("/") && key.startsWith(name))
    .toSorted((a, b) => b.length - a.length)[0];
  if (prefix !== undefined) {
    const target = entries.get(prefix) ?? null;
    return target === null ? "blocked" : { to: target + key.slice(prefix.length) };
  }
  // As in Deno, an entry for a package is one for its subpaths too.
  const [, name = "", rest = ""] = /^((?:@[^/]+\/)?[^/]+)(\/.*)$/.exec(key) ?? [];
  const base = entries.get(name);
  return typeof base === "string" && /^(npm|jsr):/.test(base) ? { to: base + rest } : null;
}

/** Relative paths as paths from the root, so that one file has one key; anything else as it is. */
function address(specifier: string, folder: string): string {
  if (!/^(\/|\.{1,2}(\/|$))/.test(specifier)) return specifier;
  const path = joinPath(specifier.startsWith("/") ? "" : folder, specifier);
  if (path === null) return specifier;
  return specifier.endsWith("/") && path !== "" ? `/${path}/` : `/${path}`;
}

function readEntries(value: unknown, folder: string): Entries {
  const entries = new Map<string, string | null>();
  for (const [key, target] of Object.entries(record(value))) {
    if (target === null) entries.set(address(key, folder), null);
    else if (typeof target === "string") entries.set(address(key, folder), address(target, folder));
  }
  return entries;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
