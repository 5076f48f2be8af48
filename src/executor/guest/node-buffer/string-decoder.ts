/** node:string_decoder: text from chunks that may end inside a character. */
import { type BufferConstructor } from "./buffer.ts";
import { decodeText, requireEncoding } from "./encodings.ts";
import { invalidType } from "./errors.ts";

/** How many trailing bytes belong to a character that is not there in full. */
function incomplete(bytes: Uint8Array, encoding: string): number {
  if (encoding === "base64" || encoding === "base64url") return bytes.length % 3;
  if (encoding === "utf16le") {
    const odd = bytes.length % 2;
    const high = bytes[bytes.length - odd - 1] ?? 0;
    return bytes.length - odd >= 2 && high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
  }
  if (encoding !== "utf8") return 0;
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const needs =
      byte >= 0xf0 && byte < 0xf5
        ? 4
        : byte >= 0xe0 && byte < 0xf0
          ? 3
          : byte >= 0xc2 && byte < 0xe0
            ? 2
            : 1;
    return needs > back ? back : 0;
  }
  return 0;
}

export function makeStringDecoder(Buffer: BufferConstructor): unknown {
  return class StringDecoder {
    encoding: string;
    #rest: Uint8Array = new Uint8Array(0);

    constructor(encoding?: string) {
      this.encoding = requireEncoding(encoding);
    }

    write(chunk: Uint8Array | string): string {
      if (typeof chunk === "string") return chunk;
      if (!ArrayBuffer.isView(chunk))
        throw invalidType("buf", "an instance of Buffer, TypedArray, or DataView", chunk);
      const view = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const bytes = this.#rest.length === 0 ? view : Buffer.concat([this.#rest, view]);
      const keep = incomplete(bytes, this.encoding);
      this.#rest = bytes.slice(bytes.length - keep);
      return decodeText(bytes.subarray(0, bytes.length - keep), this.encoding);
    }

    end(chunk?: Uint8Array | string): string {
      const text = chunk === undefined ? "" : this.write(chunk);
      const rest = this.#rest;
      this.#rest = new Uint8Array(0);
      return text + (rest.length === 0 ? "" : decodeText(rest, this.encoding));
    }

    get lastNeed(): number {
      return this.#rest.length === 0 ? 0 : 1;
    }
  };
}
