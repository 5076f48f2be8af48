/** node:zlib, one call for a whole input; what unpacks to more than the sandbox could hold is refused. */
import * as zlib from "node:zlib";
import {
  type HostContext,
  HostError,
  type HostOperations,
  type HostValue,
} from "../host-function.ts";

type Codec = (data: Uint8Array, options: object) => Buffer;

const CODECS: Readonly<Record<string, Codec>> = {
  gzip: zlib.gzipSync,
  gunzip: zlib.gunzipSync,
  deflate: zlib.deflateSync,
  inflate: zlib.inflateSync,
  deflateRaw: zlib.deflateRawSync,
  inflateRaw: zlib.inflateRawSync,
  unzip: zlib.unzipSync,
  brotliCompress: zlib.brotliCompressSync,
  brotliDecompress: zlib.brotliDecompressSync,
  zstdCompress: zlib.zstdCompressSync,
  zstdDecompress: zlib.zstdDecompressSync,
};
const OPTIONS = ["level", "windowBits", "memLevel", "strategy", "params", "finishFlush"];

function run(context: HostContext, name: HostValue, data: HostValue, json: HostValue): Uint8Array {
  const codec = Object.hasOwn(CODECS, String(name)) ? CODECS[String(name)] : undefined;
  if (codec === undefined || !(data instanceof Uint8Array))
    throw new HostError("TypeError", `zlib has no ${String(name)}`);
  const given = JSON.parse(String(json)) as Record<string, unknown>;
  const options = Object.fromEntries(
    OPTIONS.flatMap((option) => (given[option] === undefined ? [] : [[option, given[option]]])),
  );
  try {
    return codec(data, { ...options, maxOutputLength: context.script.limits.memory_mb << 20 });
  } catch (error) {
    const {
      name: kind,
      message,
      code,
    } = error as { name: string; message: string; code?: unknown };
    throw new HostError(
      kind === "RangeError" ? kind : "Error",
      message,
      typeof code === "string" ? code : "",
    );
  }
}

export const zlibOperations: HostOperations = {
  "zlib.run": run,
  "zlib.crc32": (_context, data, start) => zlib.crc32(data as Uint8Array, Number(start)),
};
