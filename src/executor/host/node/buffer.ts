/** Text to bytes and back in Node's encodings; the guest has no fast loop of its own for them. */
import type { HostOperations } from "../host-function.ts";

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const bufferOperations: HostOperations = {
  "buffer.encode": (_context, text, encoding) =>
    Buffer.from(String(text), encoding as BufferEncoding),
  "buffer.decode": (_context, bytes, encoding) =>
    asBuffer(bytes as Uint8Array).toString(encoding as BufferEncoding),
  "buffer.length": (_context, text, encoding) =>
    Buffer.byteLength(String(text), encoding as BufferEncoding),
  /** First place of `needle`, or the last one that begins at or before `offset`; -1 for none. */
  "buffer.indexOf": (_context, bytes, needle, offset, backwards) =>
    backwards === true
      ? asBuffer(bytes as Uint8Array).lastIndexOf(asBuffer(needle as Uint8Array), Number(offset))
      : asBuffer(bytes as Uint8Array).indexOf(asBuffer(needle as Uint8Array), Number(offset)),
  "buffer.isUtf8": (_context, bytes) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes as Uint8Array);
      return true;
    } catch {
      return false;
    }
  },
};
