/** Reads an npm archive in memory: regular files only, each path below its first folder, nothing ever unpacked to a disk. */
import { gunzipSync } from "node:zlib";
import { joinPath } from "../resolve-file.ts";

export interface ArchiveLimits {
  unpackedBytesMax: number;
  filesMax: number;
}

const BLOCK = 512;
const utf8 = new TextDecoder();

/** Path inside the package to its bytes (views into one buffer). Throws an Error that says what is wrong with the archive. */
export function readArchive(archive: Uint8Array, limits: ArchiveLimits): Map<string, Uint8Array> {
  const tar = unzip(archive, limits.unpackedBytesMax);
  const files = new Map<string, Uint8Array>();
  let longName: string | null = null;
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    if (header[0] === 0) break;
    const size = octal(header, 124, 12);
    const body = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (size > tar.length || body.length < size)
      throw new Error("an entry is longer than the archive");
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "x") longName = paxPath(body) ?? longName;
    else if (type === "L") longName = field(body, 0, body.length);
    else {
      if (type === "0" || type === "\0") addFile(files, longName ?? headerName(header), body);
      longName = null;
    }
    if (files.size > limits.filesMax)
      throw new Error(`it holds more than ${limits.filesMax} files`);
  }
  return files;
}

function unzip(archive: Uint8Array, unpackedBytesMax: number): Uint8Array {
  try {
    return gunzipSync(archive, { maxOutputLength: unpackedBytesMax });
  } catch (error) {
    const tooLarge =
      error instanceof RangeError ||
      (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE");
    throw new Error(
      tooLarge ? `it unpacks to more than ${unpackedBytesMax} bytes` : "it is no gzip archive",
      { cause: error },
    );
  }
}

function addFile(files: Map<string, Uint8Array>, name: string, body: Uint8Array): void {
  const path =
    name.startsWith("/") || name.includes("\0") || name.includes("\\") ? null : joinPath("", name);
  if (path === null || name.split("/").includes(".."))
    throw new Error("an entry's path leaves the package");
  const inside = path.slice(path.indexOf("/") + 1);
  if (inside !== "") files.set(inside, body);
}

function headerName(header: Uint8Array): string {
  const name = field(header, 0, 100);
  const prefix = field(header, 257, 5) === "ustar" ? field(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function field(bytes: Uint8Array, start: number, length: number): string {
  const part = bytes.subarray(start, start + length);
  const end = part.indexOf(0);
  return utf8.decode(end < 0 ? part : part.subarray(0, end));
}

function octal(header: Uint8Array, start: number, length: number): number {
  const text = field(header, start, length).trim();
  if (!/^[0-7]*$/.test(text)) throw new Error("an entry's size is unreadable");
  return text === "" ? 0 : Number.parseInt(text, 8);
}

/** Extended headers are lines of `LENGTH key=value`. */
function paxPath(body: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(utf8.decode(body))?.[1];
}
