/** Maps an import between the author's files to a key of `files`. Nothing is ever looked for on a disk. */
/** The author's files: path without leading slash to text. */
export type Files = Readonly<Record<string, string>>;

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
/** TypeScript lets an import name the file that the compiler would write. */
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".jsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** Null when no file answers, or when the path leaves the script's folder. */
export function resolveFile(
  files: Files,
  assets: Files,
  importer: string,
  specifier: string,
): string | null {
  const path = joinPath(
    specifier.startsWith("/") ? "" : folderOf(importer),
    specifier.replace(/[?#].*$/, ""),
  );
  if (path === null) return null;
  const isThere = (name: string): boolean =>
    Object.hasOwn(files, name) || Object.hasOwn(assets, name);
  return candidates(path).find(isThere) ?? null;
}

export function candidates(path: string): string[] {
  const extension = /\.[cm]?jsx?$/.exec(path)?.[0] ?? "";
  const stem = path.slice(0, path.length - extension.length);
  const folder = path === "" || path.endsWith("/") ? path : `${path}/`;
  return [
    path,
    ...(WRITTEN_AS[extension] ?? []).map((other) => stem + other),
    ...EXTENSIONS.map((other) => path + other),
    ...EXTENSIONS.map((other) => `${folder}index${other}`),
  ];
}

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

/** Null when `..` would leave the root. */
export function joinPath(folder: string, path: string): string | null {
  const segments: string[] = [];
  for (const segment of `${folder}/${path}`.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join("/");
}
