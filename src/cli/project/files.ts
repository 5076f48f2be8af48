/** What is uploaded for a script: its entry, what that imports by relative paths, assets, import maps. */
import { readFile, stat } from "node:fs/promises";
import { join, posix, relative, resolve } from "node:path";
import type { Files } from "../../client/types.ts";
import { CliError, EXIT } from "../errors.ts";
import type { ProjectScript } from "./config.ts";

const LOADERS: Readonly<Record<string, "ts" | "tsx" | "js" | "jsx">> = {
  ts: "ts",
  mts: "ts",
  tsx: "tsx",
  js: "js",
  mjs: "js",
  jsx: "jsx",
};

/** Import maps, JSX settings and dependency versions that the server reads at deploy. */
const SETTINGS_FILES = ["deno.json", "deno.jsonc", "package.json"] as const;

export async function collectFiles(folder: string, script: ProjectScript): Promise<Files> {
  const root = resolve(folder);
  const files: Files = {};
  const queue = [posix.normalize(script.entry)];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (files[path] !== undefined) continue;
    const text = await readInside(root, path);
    files[path] = text;
    queue.push(...(await relativeImports(root, path, text)));
  }
  const globs = [...script.assets, ...Object.values(script.static ?? {}).map((at) => `${at}/**`)];
  for (const asset of await listAssets(root, globs)) files[asset] ??= await readAsset(root, asset);
  for (const name of SETTINGS_FILES) {
    const text = await readFile(join(root, name), "utf8").catch(() => null);
    if (text !== null) files[name] ??= text;
  }
  return files;
}

const readInside = async (root: string, path: string): Promise<string> =>
  (await readBytes(root, path)).toString("utf8");

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text where it is text, so that versions can be compared line by line. */
async function readAsset(root: string, path: string): Promise<Files[string]> {
  const bytes = await readBytes(root, path);
  try {
    const text = strictUtf8.decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Not UTF-8.
  }
  return { base64: bytes.toString("base64") };
}

async function readBytes(root: string, path: string): Promise<Buffer> {
  const absolute = resolve(root, path);
  if (relative(root, absolute).startsWith("..")) {
    throw new CliError(
      EXIT.usage,
      `${path} lies outside of the project folder`,
      "Move it into the folder",
    );
  }
  return readFile(absolute).catch(() => {
    throw new CliError(EXIT.usage, `Cannot read ${path}`, `It is needed in ${root}`);
  });
}

async function relativeImports(root: string, path: string, text: string): Promise<string[]> {
  const loader = LOADERS[path.split(".").pop() ?? ""];
  if (!loader) return [];
  const imports = scan(loader, text).filter((specifier) => /^\.{1,2}\//.test(specifier));
  return Promise.all(
    imports.map((specifier) => locate(root, posix.join(posix.dirname(path), specifier))),
  );
}

/** Bun's types know only maps here, yet `false` is what turns macros off. */
const NO_MACROS = false as unknown as Record<string, Record<string, string>>;

/** A file that does not parse imports nothing here; the server says where it is wrong. */
function scan(loader: "ts" | "tsx" | "js" | "jsx", text: string): string[] {
  try {
    return new Bun.Transpiler({ loader, macro: NO_MACROS })
      .scanImports(text)
      .map((entry) => entry.path);
  } catch {
    return [];
  }
}

/** The extension may be left out, as bundlers allow. */
async function locate(root: string, path: string): Promise<string> {
  const candidates = [
    path,
    ...Object.keys(LOADERS).flatMap((end) => [`${path}.${end}`, `${path}/index.${end}`]),
  ];
  for (const candidate of candidates) {
    const found = await stat(resolve(root, candidate)).catch(() => null);
    if (found?.isFile()) return candidate;
  }
  return path;
}

async function listAssets(root: string, globs: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const glob of globs) {
    for await (const path of new Bun.Glob(glob).scan({ cwd: root, onlyFiles: true }))
      found.push(path);
  }
  return found.sort();
}

/** What is sent to save a script, but for its name and app. */
export async function scriptBody(folder: string, script: ProjectScript) {
  const { entry, limits, instance, access } = script;
  return {
    files: await collectFiles(folder, script),
    entry,
    static: script.static ?? null,
    ...(limits ? { limits } : {}),
    ...(instance ? { instance } : {}),
    ...(access ? { access } : {}),
  };
}

export type ScriptBody = Awaited<ReturnType<typeof scriptBody>>;

export const folderOf = (cwd: string, given: string | undefined): string =>
  resolve(cwd, given ?? ".");
