/** Base64 and hex of Uint8Array: the host's own, which follow the standard. */
import { bindHost } from "../bridge.ts";

const toBase64 = bindHost("bytes.toBase64") as (
  bytes: Uint8Array,
  alphabet: string,
  bare: boolean,
) => string;
/** The first four bytes are the number of characters that were read. */
const readBase64 = bindHost("bytes.fromBase64") as (
  text: string,
  alphabet: string,
  lastChunk: string,
  max: number,
) => Uint8Array;
const toHex = bindHost("bytes.toHex") as (bytes: Uint8Array) => string;
const readHex = bindHost("bytes.fromHex") as (text: string, max: number) => Uint8Array;

const { Uint8Array: Bytes } = globalThis;
const UNBOUNDED = -1;
const HEAD = 4;

function own(value: unknown): Uint8Array {
  if (!(value instanceof Bytes)) throw new TypeError("This is no Uint8Array");
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("Expected a string");
  return value;
}

function option(options: unknown, name: string, allowed: readonly string[]): string {
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw new TypeError("The options must be an object");
  const value = (options as Record<string, unknown> | undefined)?.[name];
  if (value === undefined) return allowed[0] ?? "";
  if (!allowed.includes(value as string))
    throw new TypeError(`${name} must be one of ${allowed.join(", ")}`);
  return value as string;
}

const alphabetOf = (options: unknown): string =>
  option(options, "alphabet", ["base64", "base64url"]);
const lastChunkOf = (options: unknown): string =>
  option(options, "lastChunkHandling", ["loose", "strict", "stop-before-partial"]);

function decodeBase64(text: unknown, options: unknown, max: number): Uint8Array {
  const input = textOf(text);
  const alphabet = alphabetOf(options);
  return readBase64(input, alphabet, lastChunkOf(options), max);
}

function fill(target: Uint8Array, result: Uint8Array): { read: number; written: number } {
  const bytes = result.subarray(HEAD);
  target.set(bytes);
  return { read: new DataView(result.buffer).getUint32(result.byteOffset), written: bytes.length };
}

export const byteMethods = {
  toBase64(this: unknown, options?: unknown): string {
    const bytes = own(this);
    const alphabet = alphabetOf(options);
    return toBase64(
      bytes,
      alphabet,
      Boolean((options as { omitPadding?: unknown } | undefined)?.omitPadding),
    );
  },
  toHex(this: unknown): string {
    return toHex(own(this));
  },
  setFromBase64(this: unknown, text: unknown, options?: unknown): object {
    const target = own(this);
    return fill(target, decodeBase64(text, options, target.length));
  },
  setFromHex(this: unknown, text: unknown): object {
    const target = own(this);
    return fill(target, readHex(textOf(text), target.length));
  },
};

export const byteStatics = {
  fromBase64: (text: unknown, options?: unknown): Uint8Array =>
    decodeBase64(text, options, UNBOUNDED).slice(HEAD),
  fromHex: (text: unknown): Uint8Array => readHex(textOf(text), UNBOUNDED).slice(HEAD),
};
