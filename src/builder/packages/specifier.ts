/** Package specifiers: `npm:name@range/path`, `jsr:@scope/name@range/path`, and bare `name/path`. */
export type PackageSource = "npm" | "jsr";

export interface PackageSpecifier {
  source: PackageSource;
  /** As its registry knows it: `hono`, `@scope/name`; for jsr `@jsr/scope__name`. */
  name: string;
  /** A semver range or a tag; "" where none was given. */
  range: string;
  /** "." or "./path", as in a package's exports. */
  subpath: string;
}

const PARTS = /^(@[a-z0-9~_-][\w.~-]*\/)?([A-Za-z0-9_-][\w.~-]*)(@[^/]+)?(\/.*)?$/;

/** Null when it is no package specifier. */
export function parsePackageSpecifier(specifier: string): PackageSpecifier | null {
  const prefix = /^(npm|jsr):\/?/.exec(specifier);
  const parts = PARTS.exec(specifier.slice(prefix?.[0].length ?? 0));
  if (parts === null || (prefix === null && parts[3] !== undefined)) return null;
  const [, scope = "", name = "", range = "", path = ""] = parts;
  const jsr = prefix?.[1] === "jsr";
  if (jsr && scope === "") return null;
  return {
    source: jsr ? "jsr" : "npm",
    name: jsr ? jsrName(scope + name) : scope + name,
    range: range.slice(1).trim(),
    subpath: path === "" || path === "/" ? "." : `.${path}`,
  };
}

/** What a range in a package.json stands for when it names another package: `npm:other@1`, `jsr:@scope/name@1`, `jsr:^1`. */
export function aliasOf(name: string, range: string): PackageSpecifier | null {
  if (!/^(npm|jsr):/.test(range)) return null;
  return parsePackageSpecifier(range) ?? parsePackageSpecifier(range.replace(":", `:${name}@`));
}

/** jsr serves its packages to npm clients under this spelling. */
const jsrName = (name: string): string => `@jsr/${name.slice(1).replace("/", "__")}`;

/** How a package is named to people: `npm:hono`, `jsr:@std/path`. */
export const displayName = (name: string): string =>
  name.startsWith("@jsr/")
    ? `jsr:@${name.slice("@jsr/".length).replace("__", "/")}`
    : `npm:${name}`;
