/** node:buffer and node:string_decoder, and the error helpers of every node part. */
import { defineModule, definePart } from "../registry.ts";
import { Buffer, isAscii, isUtf8, MAX_LENGTH, transcode, wrap } from "./buffer.ts";
import { decodeText, encodeText, requireEncoding } from "./encodings.ts";
import * as errors from "./errors.ts";
import { makeStringDecoder } from "./string-decoder.ts";

const StringDecoder = makeStringDecoder(Buffer);

export const nodeBuffer = {
  Buffer,
  StringDecoder,
  wrap,
  decodeText,
  encodeText,
  requireEncoding,
  errors,
};
export type NodeBuffer = typeof nodeBuffer;

definePart("node-buffer", nodeBuffer);

const web = globalThis as unknown as Record<string, unknown>;

defineModule("node:buffer", () => ({
  Buffer,
  SlowBuffer: Buffer,
  constants: { MAX_LENGTH, MAX_STRING_LENGTH: 2 ** 29 - 24 },
  kMaxLength: MAX_LENGTH,
  kStringMaxLength: 2 ** 29 - 24,
  INSPECT_MAX_BYTES: 50,
  isAscii,
  isUtf8,
  transcode,
  get atob() {
    return web["atob"];
  },
  get btoa() {
    return web["btoa"];
  },
  get Blob() {
    return web["Blob"];
  },
  get File() {
    return web["File"];
  },
  resolveObjectURL: () => undefined,
}));

defineModule("node:string_decoder", () => ({ StringDecoder }));
