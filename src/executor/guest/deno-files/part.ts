/** Deno's file functions, over the script's own files. */
import { definePart, usePart } from "../registry.ts";
import { FsFile } from "./fs-file.ts";
import { absolutePath, bytesOf, childrenOf, type Entry, find } from "./tree.ts";

const fail = (name: string, message: string): Error =>
  usePart<{ denoError(name: string, message: string): Error }>("deno-system").denoError(
    name,
    message,
  );

function entryAt(path: unknown, operation: string): Entry {
  const entry = find(absolutePath(path));
  if (entry === undefined)
    throw fail(
      "NotFound",
      `No such file or directory (os error 2): ${operation} '${String(path)}'`,
    );
  return entry;
}

function readFileSync(path: unknown): Uint8Array {
  const entry = entryAt(path, "readfile");
  if (!entry.isFile)
    throw fail("IsADirectory", `Is a directory (os error 21): readfile '${String(path)}'`);
  return bytesOf(entry);
}

function readTextFileSync(path: unknown): string {
  const { TextDecoder } = globalThis as unknown as {
    TextDecoder: new (label: string, options: object) => { decode(bytes: Uint8Array): string };
  };
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(readFileSync(path));
}

function statSync(path: unknown): object {
  const { isFile, size } = entryAt(path, "stat");
  const nothing = [
    "atime",
    "birthtime",
    "ctime",
    "mtime",
    "dev",
    "ino",
    "nlink",
    "uid",
    "gid",
    "rdev",
    "blksize",
    "blocks",
  ];
  return {
    isFile,
    isDirectory: !isFile,
    isSymlink: false,
    size,
    mode: isFile ? 0o100444 : 0o40555,
    isBlockDevice: false,
    isCharDevice: false,
    isFifo: false,
    isSocket: false,
    ...Object.fromEntries(nothing.map((name) => [name, null])),
  };
}

function* readDirSync(path: unknown): Generator<object> {
  const entry = entryAt(path, "readdir");
  if (entry.isFile)
    throw fail("NotADirectory", `Not a directory (os error 20): readdir '${String(path)}'`);
  for (const child of childrenOf(entry.path))
    yield {
      name: child.name,
      isFile: child.entry.isFile,
      isDirectory: !child.entry.isFile,
      isSymlink: false,
    };
}

async function* readDir(path: unknown): AsyncGenerator<object> {
  yield* readDirSync(path);
}

const realPathSync = (path: unknown): string => entryAt(path, "realpath").path;

function readLinkSync(path: unknown): never {
  entryAt(path, "readlink");
  throw fail("InvalidData", `Invalid argument (os error 22): readlink '${String(path)}'`);
}

interface OpenOptions {
  read?: boolean;
  write?: boolean;
  append?: boolean;
  create?: boolean;
  createNew?: boolean;
  truncate?: boolean;
}

function openSync(path: unknown, options: OpenOptions = { read: true }): FsFile {
  const { write, append, create, createNew, truncate } = options;
  if ([write, append, create, createNew, truncate].includes(true)) {
    throw fail(
      "NotSupported",
      "Deno.open for writing is not available in PiCloud: a script's files are read-only; keep data in a database, over fetch or Deno.connect",
    );
  }
  const entry = entryAt(path, "open");
  return new FsFile(entry.isFile ? bytesOf(entry) : new Uint8Array(0), () => statSync(path));
}

/** As Deno: the promise rejects, the call itself does not throw. */
const later =
  <A extends unknown[], T>(work: (...args: A) => T) =>
  async (...args: A): Promise<T> =>
    work(...args);

interface ReadOptions {
  signal?: { throwIfAborted(): void };
}
const abortable =
  <T>(work: (path: unknown) => T) =>
  async (path: unknown, options?: ReadOptions): Promise<T> => {
    options?.signal?.throwIfAborted();
    return work(path);
  };

definePart("deno-files", {
  readFileSync,
  readTextFileSync,
  readFile: abortable(readFileSync),
  readTextFile: abortable(readTextFileSync),
  readDirSync,
  readDir,
  statSync,
  stat: later(statSync),
  lstatSync: statSync,
  lstat: later(statSync),
  realPathSync,
  realPath: later(realPathSync),
  readLinkSync,
  readLink: later(readLinkSync),
  openSync,
  open: later(openSync),
  FsFile,
});
