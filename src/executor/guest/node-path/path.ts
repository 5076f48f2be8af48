/** node:path, POSIX only: the sandbox has no other kind of path. */
import { invalidType } from "../node-buffer/errors.ts";

function check(path: unknown, name = "path"): asserts path is string {
  if (typeof path !== "string") throw invalidType(name, "of type string", path);
}

function normalizeSegments(path: string, absolute: boolean): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!absolute) kept.push("..");
  }
  return kept.join("/");
}

const withoutEndSlashes = (path: string): string =>
  /^\/+$/.test(path) ? "/" : path.replace(/\/+$/, "");

export const path = {
  sep: "/",
  delimiter: ":",
  resolve(...parts: string[]): string {
    let joined = "";
    for (let i = parts.length - 1; i >= 0 && !joined.startsWith("/"); i--) {
      const part = parts[i];
      check(part, `paths[${i}]`);
      if (part !== "") joined = joined === "" ? part : `${part}/${joined}`;
    }
    return `/${normalizeSegments(joined, true)}`;
  },
  normalize(text: string): string {
    check(text);
    if (text === "") return ".";
    const absolute = text.startsWith("/");
    let clean = normalizeSegments(text, absolute);
    if (clean === "" && !absolute) clean = ".";
    if (clean !== "" && text.endsWith("/") && clean !== "/") clean += "/";
    return absolute ? `/${clean === "/" ? "" : clean}` : clean;
  },
  isAbsolute(text: string): boolean {
    check(text);
    return text.startsWith("/");
  },
  join(...parts: string[]): string {
    for (const part of parts) check(part);
    const joined = parts.filter((part) => part !== "").join("/");
    return joined === "" ? "." : path.normalize(joined);
  },
  relative(from: string, to: string): string {
    check(from, "from");
    check(to, "to");
    const a = path.resolve(from).split("/").filter(Boolean);
    const b = path.resolve(to).split("/").filter(Boolean);
    let same = 0;
    while (same < a.length && same < b.length && a[same] === b[same]) same++;
    return [...a.slice(same).map(() => ".."), ...b.slice(same)].join("/");
  },
  toNamespacedPath: (text: string): string => text,
  dirname(text: string): string {
    check(text);
    if (text === "") return ".";
    const clean = withoutEndSlashes(text);
    const at = clean.lastIndexOf("/");
    if (at < 0) return ".";
    return at === 0 ? "/" : clean.slice(0, at);
  },
  basename(text: string, suffix?: string): string {
    check(text);
    if (suffix !== undefined) check(suffix, "suffix");
    const clean = withoutEndSlashes(text);
    const base = clean === "/" ? "" : clean.slice(clean.lastIndexOf("/") + 1);
    return suffix !== undefined && base !== suffix && base.endsWith(suffix)
      ? base.slice(0, base.length - suffix.length)
      : base;
  },
  extname(text: string): string {
    const base = path.basename(text);
    const at = base.lastIndexOf(".");
    return at <= 0 || base === ".." ? "" : base.slice(at);
  },
  format(parts: {
    dir?: string;
    root?: string;
    base?: string;
    name?: string;
    ext?: string;
  }): string {
    if (typeof parts !== "object" || parts === null)
      throw invalidType("pathObject", "of type object", parts);
    const ext =
      parts.ext === undefined || parts.ext === ""
        ? ""
        : parts.ext.startsWith(".")
          ? parts.ext
          : `.${parts.ext}`;
    const base = parts.base ?? `${parts.name ?? ""}${ext}`;
    const dir = parts.dir ?? parts.root;
    if (dir === undefined || dir === "") return base;
    return dir === parts.root ? dir + base : `${dir}/${base}`;
  },
  parse(text: string): { root: string; dir: string; base: string; ext: string; name: string } {
    check(text);
    const root = text.startsWith("/") ? "/" : "";
    const base = path.basename(text);
    const ext = path.extname(text);
    const clean = withoutEndSlashes(text);
    const at = clean.lastIndexOf("/");
    const dir = text === "" || at < 0 ? "" : at === 0 ? "/" : clean.slice(0, at);
    return {
      root,
      dir: base === "" && root === "/" ? "/" : dir,
      base,
      ext,
      name: ext === "" ? base : base.slice(0, base.length - ext.length),
    };
  },
  matchesGlob(text: string, pattern: string): boolean {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll(/\*\*\/?|\*|\?/g, (token) =>
        token.startsWith("**") ? ".*" : token === "*" ? "[^/]*" : "[^/]",
      );
    return new RegExp(`^${source}$`).test(text);
  },
};

Object.assign(path, { posix: path, win32: path, _makeLong: path.toNamespacedPath });
