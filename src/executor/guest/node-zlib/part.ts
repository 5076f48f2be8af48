/** node:zlib. Streams collect their input and answer at its end; CompressionStream works piece by piece. */
import { bindHost } from "../bridge.ts";
import { buffers, toBytes } from "../node-crypto/bytes.ts";
import { defineModule, definePart } from "../registry.ts";
import { makeStream, type StreamClass } from "./streams.ts";

const run = bindHost("zlib.run");
const crc = bindHost("zlib.crc32");

type Callback = (error: unknown, value?: unknown) => void;

const CODECS: Readonly<Record<string, string>> = {
  gzip: "Gzip",
  gunzip: "Gunzip",
  deflate: "Deflate",
  inflate: "Inflate",
  deflateRaw: "DeflateRaw",
  inflateRaw: "InflateRaw",
  unzip: "Unzip",
  brotliCompress: "BrotliCompress",
  brotliDecompress: "BrotliDecompress",
  zstdCompress: "ZstdCompress",
  zstdDecompress: "ZstdDecompress",
};

const codec = (name: string, data: unknown, options: unknown): Uint8Array =>
  buffers().wrap(
    run(name, toBytes(data, undefined, "buffer"), JSON.stringify(options ?? {})) as Uint8Array,
  );

const streamClass = (name: string, title: string): StreamClass =>
  makeStream(title, (data, options) => codec(name, data, options));

const constants = {
  Z_NO_FLUSH: 0,
  Z_PARTIAL_FLUSH: 1,
  Z_SYNC_FLUSH: 2,
  Z_FULL_FLUSH: 3,
  Z_FINISH: 4,
  Z_BLOCK: 5,
  Z_OK: 0,
  Z_STREAM_END: 1,
  Z_NEED_DICT: 2,
  Z_ERRNO: -1,
  Z_STREAM_ERROR: -2,
  Z_DATA_ERROR: -3,
  Z_MEM_ERROR: -4,
  Z_BUF_ERROR: -5,
  Z_VERSION_ERROR: -6,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
  Z_FILTERED: 1,
  Z_HUFFMAN_ONLY: 2,
  Z_RLE: 3,
  Z_FIXED: 4,
  Z_DEFAULT_STRATEGY: 0,
  Z_MIN_CHUNK: 64,
  Z_MAX_CHUNK: Infinity,
  Z_DEFAULT_CHUNK: 16_384,
  BROTLI_OPERATION_PROCESS: 0,
  BROTLI_OPERATION_FLUSH: 1,
  BROTLI_OPERATION_FINISH: 2,
  BROTLI_PARAM_MODE: 0,
  BROTLI_PARAM_QUALITY: 1,
  BROTLI_PARAM_LGWIN: 2,
  BROTLI_PARAM_SIZE_HINT: 5,
  BROTLI_MIN_QUALITY: 0,
  BROTLI_MAX_QUALITY: 11,
  BROTLI_DEFAULT_QUALITY: 11,
  BROTLI_MODE_GENERIC: 0,
  BROTLI_MODE_TEXT: 1,
  ZSTD_c_compressionLevel: 100,
};

const zlib: Record<string, unknown> = { constants, ...constants };
for (const [name, title] of Object.entries(CODECS)) {
  zlib[`${name}Sync`] = (data: unknown, options?: unknown) => codec(name, data, options);
  zlib[name] = (data: unknown, ...rest: unknown[]) => {
    const callback = rest.pop() as Callback;
    Promise.resolve()
      .then(() => codec(name, data, rest[0]))
      .then((value) => callback(null, value), callback);
  };
  let Class: StreamClass | undefined;
  const get = (): StreamClass => (Class ??= streamClass(name, title));
  Object.defineProperty(zlib, title, { enumerable: true, configurable: true, get });
  zlib[`create${title}`] = (options?: unknown) => new (get())(options);
}
zlib["crc32"] = (data: unknown, start = 0) => crc(toBytes(data), start);

definePart("node-zlib", zlib);
defineModule("node:zlib", () => zlib);
