import { bindHost } from "../bridge.ts";
import { nodeError } from "./errors.ts";

const encode = bindHost("buffer.encode");
const decode = bindHost("buffer.decode");
const length = bindHost("buffer.length");

const NAMES: Readonly<Record<string, string>> = {
  utf8: "utf8",
  "utf-8": "utf8",
  hex: "hex",
  base64: "base64",
  base64url: "base64url",
  latin1: "latin1",
  binary: "latin1",
  ascii: "ascii",
  ucs2: "utf16le",
  "ucs-2": "utf16le",
  utf16le: "utf16le",
  "utf-16le": "utf16le",
};

/** Node's name of an encoding in any spelling; undefined for an unknown one. */
export function encodingName(encoding: unknown): string | undefined {
  if (encoding === undefined || encoding === null || encoding === "") return "utf8";
  const text = String(encoding);
  return NAMES[text] ?? NAMES[text.toLowerCase()];
}

export function requireEncoding(encoding: unknown): string {
  const name =
    typeof encoding === "string" || encoding === undefined || encoding === null
      ? encodingName(encoding)
      : undefined;
  if (name === undefined)
    throw nodeError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${String(encoding)}`);
  return name;
}

export const encodeText = (text: string, encoding: string): Uint8Array =>
  encode(text, encoding) as Uint8Array;
export const decodeText = (bytes: Uint8Array, encoding: string): string =>
  decode(bytes, encoding) as string;
export const textLength = (text: string, encoding: string): number =>
  length(text, encoding) as number;
