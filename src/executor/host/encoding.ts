/** Text codecs and base64: the guest's TextEncoder, TextDecoder, atob, btoa and body readers. */
import { HostError } from "./host-function.ts";
import type { HostOperations } from "./host-function.ts";

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

const decoders = new Map<string, TextDecoder>();

/** Decoders hold no state between calls without `stream`, so that all sandboxes share them. */
function decoderFor(encoding: string, fatal: boolean): TextDecoder {
  const key = fatal ? `${encoding}!` : encoding;
  let decoder = decoders.get(key);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding, { fatal, ignoreBOM: true });
    decoders.set(key, decoder);
  }
  return decoder;
}

/** Canonical lower-case name of a label, or null. */
function encodingOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function decodeAs(bytes: Uint8Array, encoding: string, fatal: boolean): string {
  try {
    return decoderFor(encoding, fatal).decode(bytes);
  } catch {
    throw new HostError(
      "TypeError",
      `The encoded data was not valid for encoding ${encoding}`,
      "ERR_ENCODING_INVALID_ENCODED_DATA",
    );
  }
}

/** What a streaming decoder has given after these bytes; those of an unfinished character are held back. */
function decodePartly(bytes: Uint8Array, encoding: string, fatal: boolean): string {
  try {
    const decoder = new TextDecoder(encoding, { fatal, ignoreBOM: true });
    return decoder.decode(bytes, { stream: true });
  } catch {
    throw new HostError(
      "TypeError",
      `The encoded data was not valid for encoding ${encoding}`,
      "ERR_ENCODING_INVALID_ENCODED_DATA",
    );
  }
}

const COUNT_BYTES = 4;

/** What was decoded, behind the number of characters that were read. `max` below 0: all that there is. */
function written(
  max: number,
  needed: number,
  decode: (target: Uint8Array) => { read: number; written: number },
): Uint8Array {
  const result = new Uint8Array(COUNT_BYTES + (max < 0 ? needed : Math.min(max, needed)));
  try {
    const counts = decode(result.subarray(COUNT_BYTES));
    new DataView(result.buffer).setUint32(0, counts.read);
    return result.subarray(0, COUNT_BYTES + counts.written);
  } catch (error) {
    throw new HostError("SyntaxError", error instanceof Error ? error.message : String(error));
  }
}

function decodeBase64(text: string): string | null {
  try {
    return atob(text);
  } catch {
    return null;
  }
}

function buffer(bytes: unknown): Buffer {
  const view = bytes as Uint8Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

export const encodingOperations: HostOperations = {
  "text.encode": (_context, text) => encoder.encode(text as string),
  "text.decode": (_context, bytes) => utf8.decode(bytes as Uint8Array),
  "text.encodingOf": (_context, label) => encodingOf(label as string),
  "text.decodeAs": (_context, bytes, encoding, fatal) =>
    decodeAs(bytes as Uint8Array, encoding as string, fatal as boolean),
  "text.decodePartly": (_context, bytes, encoding, fatal) =>
    decodePartly(bytes as Uint8Array, encoding as string, fatal as boolean),
  "text.latin1": (_context, bytes) => buffer(bytes).toString("latin1"),
  "bytes.toBase64": (_context, bytes, alphabet, omitPadding) =>
    (bytes as Uint8Array).toBase64({
      alphabet: alphabet as "base64",
      omitPadding: omitPadding === true,
    }),
  "bytes.fromBase64": (_context, text, alphabet, lastChunkHandling, max) =>
    written(max as number, Math.ceil(((text as string).length * 3) / 4), (target) =>
      target.setFromBase64(text as string, {
        alphabet: alphabet as "base64",
        lastChunkHandling: lastChunkHandling as "loose",
      }),
    ),
  "bytes.toHex": (_context, bytes) => (bytes as Uint8Array).toHex(),
  "bytes.fromHex": (_context, text, max) =>
    written(max as number, Math.ceil((text as string).length / 2), (target) =>
      target.setFromHex(text as string),
    ),
  "base64.ofBytes": (_context, bytes) => buffer(bytes).toString("base64"),
  "base64.decode": (_context, text) => decodeBase64(text as string),
  "base64.encode": (_context, text) => btoa(text as string),
};
