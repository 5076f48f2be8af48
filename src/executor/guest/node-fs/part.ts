/** node:fs and node:fs/promises, read-only, over the script's own files. */
import { absolutePath, bytesOf, childrenOf, type Entry, find } from "../deno-files/tree.ts";
import { defineModule, definePart, usePart } from "../registry.ts";
import type { NodeBuffer } from "../node-buffer/part.ts";

type Options =
  | string
  | null
  | {
      encoding?: string | null;
      withFileTypes?: boolean;
      recursive?: boolean;
      throwIfNoEntry?: boolean;
    }
  | undefined;
type Sync = (...args: never[]) => unknown;

const ERRNO: Readonly<Record<string, readonly [errno: number, text: string]>> = {
  ENOENT: [-2, "no such file or directory"],
  EISDIR: [-21, "illegal operation on a directory"],
  ENOTDIR: [-20, "not a directory"],
  EROFS: [-30, "read-only file system"],
  EINVAL: [-22, "invalid argument"],
};

function systemError(code: string, syscall: string, path: unknown): Error {
  const [errno, text] = ERRNO[code] ?? [-1, "unknown error"];
  return Object.assign(new Error(`${code}: ${text}, ${syscall} '${String(path)}'`), {
    errno,
    code,
    syscall,
    path: String(path),
  });
}

function entryAt(path: unknown, syscall: string): Entry {
  const entry = find(
    absolutePath(
      path instanceof Uint8Array
        ? usePart<NodeBuffer>("node-buffer").decodeText(path, "utf8")
        : path,
    ),
  );
  if (entry === undefined) throw systemError("ENOENT", syscall, path);
  return entry;
}

const encodingOf = (options: Options): string | null =>
  typeof options === "string" ? options : (options?.encoding ?? null);

class Stats {
  readonly #isFile: boolean;
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs = 0;
  readonly atimeMs = 0;
  readonly ctimeMs = 0;
  readonly birthtimeMs = 0;
  readonly mtime = new Date(0);
  readonly atime = new Date(0);
  readonly ctime = new Date(0);
  readonly birthtime = new Date(0);

  constructor(entry: Entry) {
    this.#isFile = entry.isFile;
    this.size = entry.size;
    this.mode = entry.isFile ? 0o100444 : 0o40555;
  }

  isFile(): boolean {
    return this.#isFile;
  }

  isDirectory(): boolean {
    return !this.#isFile;
  }
}

class Dirent extends Stats {
  readonly name: string;
  readonly parentPath: string;
  readonly path: string;

  constructor(name: string, parentPath: string, entry: Entry) {
    super(entry);
    this.name = name;
    this.parentPath = parentPath;
    this.path = parentPath;
  }
}
for (const name of ["isSymbolicLink", "isBlockDevice", "isCharacterDevice", "isFIFO", "isSocket"])
  Object.defineProperty(Stats.prototype, name, {
    value: () => false,
    writable: true,
    configurable: true,
  });

function readFile(path: unknown, options?: Options): Uint8Array | string {
  const entry = entryAt(path, "open");
  if (!entry.isFile) throw systemError("EISDIR", "read", path);
  const { wrap, decodeText, requireEncoding } = usePart<NodeBuffer>("node-buffer");
  const encoding = encodingOf(options);
  return encoding === null || encoding === "buffer"
    ? wrap(bytesOf(entry))
    : decodeText(bytesOf(entry), requireEncoding(encoding));
}

function readdir(path: unknown, options?: Options): (string | Dirent)[] {
  const entry = entryAt(path, "scandir");
  if (entry.isFile) throw systemError("ENOTDIR", "scandir", path);
  const settings = typeof options === "object" && options !== null ? options : {};
  const walk = (folder: string, prefix: string): (string | Dirent)[] =>
    childrenOf(folder).flatMap(({ name, entry: child }) => [
      settings.withFileTypes === true ? new Dirent(name, folder, child) : prefix + name,
      ...(settings.recursive === true && !child.isFile
        ? walk(child.path, `${prefix + name}/`)
        : []),
    ]);
  return walk(entry.path, "");
}

function stat(path: unknown, options?: Options): Stats | undefined {
  if (
    typeof options === "object" &&
    options?.throwIfNoEntry === false &&
    find(absolutePath(path)) === undefined
  )
    return undefined;
  return new Stats(entryAt(path, "stat"));
}

function access(path: unknown, mode = 0): void {
  entryAt(path, "access");
  if ((mode & 2) !== 0) throw systemError("EROFS", "access", path);
}

const READING: Readonly<Record<string, Sync>> = {
  readFile,
  readdir,
  stat,
  lstat: stat,
  access,
  realpath: (path: unknown) => entryAt(path, "realpath").path,
  readlink: (path: unknown) => {
    entryAt(path, "readlink");
    throw systemError("EINVAL", "readlink", path);
  },
};
const WRITING =
  "appendFile chmod chown copyFile cp link lchmod lchown lutimes mkdir mkdtemp open rename rm rmdir symlink truncate unlink utimes write writeFile ftruncate futimes fsync".split(
    " ",
  );

const sync: Record<string, Sync> = {};
const promises: Record<string, unknown> = {
  constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, O_RDONLY: 0 },
};
const fs: Record<string, unknown> = {};

for (const [name, work] of Object.entries(READING)) sync[name] = work;
for (const name of WRITING) {
  sync[name] = (path: unknown) => {
    throw systemError("EROFS", name, path);
  };
}
for (const [name, work] of Object.entries(sync)) {
  fs[`${name}Sync`] = work;
  promises[name] = async (...args: never[]) => work(...args);
  fs[name] = (...args: unknown[]) => {
    const callback = args.pop() as (error: unknown, value?: unknown) => void;
    Promise.resolve()
      .then(() => work(...(args as never[])))
      .then((value) => callback(null, value), callback);
  };
}

Object.assign(fs, {
  promises,
  constants: promises["constants"],
  ...(promises["constants"] as object),
  Stats,
  Dirent,
  existsSync: (path: unknown) => find(absolutePath(path)) !== undefined,
  exists: (path: unknown, callback: (found: boolean) => void) =>
    void Promise.resolve(find(absolutePath(path)) !== undefined).then(callback),
  createReadStream(path: unknown, options?: Options) {
    const { stream } = usePart<{
      stream: {
        Readable: {
          from(items: unknown, options?: object): { setEncoding(encoding: string): void };
        };
      };
    }>("node-stream");
    const readable = stream.Readable.from(
      (function* () {
        yield readFile(path);
      })(),
      { objectMode: false },
    );
    const encoding = encodingOf(options);
    if (encoding !== null) readable.setEncoding(encoding);
    return readable;
  },
  createWriteStream: (path: unknown) => {
    throw systemError("EROFS", "open", path);
  },
  watch: (path: unknown) => {
    throw systemError("EROFS", "watch", path);
  },
  watchFile: () => undefined,
  unwatchFile: () => undefined,
  close: (_descriptor: unknown, callback?: (error: null) => void) => callback?.(null),
});
(fs["realpathSync"] as { native?: unknown }).native = fs["realpathSync"];

definePart("node-fs", fs);
defineModule("node:fs", () => fs);
defineModule("node:fs/promises", () => promises);
