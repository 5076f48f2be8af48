/** Node's loose input types as bytes, and bytes as what the caller asked for. */
import { usePart } from "../registry.ts";
import { invalidType } from "../node-buffer/errors.ts";
import type { NodeBuffer } from "../node-buffer/part.ts";

export const buffers = (): NodeBuffer => usePart<NodeBuffer>("node-buffer");

export function toBytes(value: unknown, encoding?: unknown, name = "data"): Uint8Array {
  const { Buffer, encodeText, requireEncoding } = buffers();
  if (typeof value === "string")
    return encodeText(value, requireEncoding(encoding === "buffer" ? "utf8" : encoding));
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const secret = (value as { secret?: unknown } | null)?.secret;
  if (secret instanceof Uint8Array) return secret;
  if (Buffer.isBuffer(value)) return value;
  throw invalidType(
    name,
    "of type string or an instance of Buffer, TypedArray, or DataView",
    value,
  );
}

export function output(bytes: Uint8Array, encoding?: unknown): Uint8Array | string {
  const { wrap, decodeText, requireEncoding } = buffers();
  return encoding === undefined || encoding === null || encoding === "buffer"
    ? wrap(bytes)
    : decodeText(bytes, requireEncoding(encoding));
}

export const join = (chunks: Uint8Array[]): Uint8Array =>
  chunks.length === 1 ? (chunks[0] as Uint8Array) : buffers().Buffer.concat(chunks);
