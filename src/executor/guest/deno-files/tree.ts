/** The script's own files as a read-only tree under `/`. */
import { bindHost } from "../bridge.ts";

const list = bindHost("files.list");
const read = bindHost("files.read");

export interface Entry {
  /** Absolute, without an end slash except for the root. */
  path: string;
  isFile: boolean;
  size: number;
}

let entries: Map<string, Entry> | undefined;

function load(): Map<string, Entry> {
  const tree = new Map<string, Entry>([["/", { path: "/", isFile: false, size: 0 }]]);
  for (const [name, size] of JSON.parse(list() as string) as [string, number][]) {
    const parts = name.split("/");
    for (let i = 1; i < parts.length; i++) {
      const folder = `/${parts.slice(0, i).join("/")}`;
      tree.set(folder, { path: folder, isFile: false, size: 0 });
    }
    tree.set(`/${name}`, { path: `/${name}`, isFile: true, size });
  }
  return tree;
}

const tree = (): Map<string, Entry> => (entries ??= load());

/** Absolute and without `.` and `..`; takes file: URLs as objects. */
export function absolutePath(path: unknown): string {
  const text = typeof path === "object" && path !== null ? urlPath(path) : String(path);
  if (text.includes("\0")) throw new TypeError("A path must not contain null bytes");
  const kept: string[] = [];
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  return `/${kept.join("/")}`;
}

function urlPath({ protocol, pathname }: { protocol?: string; pathname?: string }): string {
  if (protocol !== "file:" || pathname === undefined) throw new TypeError("Must be a file URL");
  return decodeURIComponent(pathname);
}

export const find = (path: string): Entry | undefined => tree().get(path);

export const bytesOf = (entry: Entry): Uint8Array => read(entry.path.slice(1)) as Uint8Array;

/** Direct children of a folder, by name. */
export function childrenOf(folder: string): { name: string; entry: Entry }[] {
  const prefix = folder === "/" ? "/" : `${folder}/`;
  const children: { name: string; entry: Entry }[] = [];
  for (const entry of tree().values()) {
    const name = entry.path.slice(prefix.length);
    if (entry.path.startsWith(prefix) && name !== "" && !name.includes("/"))
      children.push({ name, entry });
  }
  return children.sort((a, b) => (a.name < b.name ? -1 : 1));
}
