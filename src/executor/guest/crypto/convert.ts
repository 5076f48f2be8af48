/** WebIDL conversions of what scripts pass in. */
import {
  arrayBuffer,
  arrayBytes,
  arrayOffset,
  bufferLength,
  includes,
  isView,
  sliceBuffer,
  typedArrayName,
  viewBuffer,
  viewBytes,
  viewOffset,
} from "./primordials.ts";

export const USAGES = [
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "deriveKey",
  "deriveBits",
  "wrapKey",
  "unwrapKey",
  "encapsulateKey",
  "encapsulateBits",
  "decapsulateKey",
  "decapsulateBits",
];
const FORMATS = [
  "raw",
  "spki",
  "pkcs8",
  "jwk",
  "raw-public",
  "raw-private",
  "raw-seed",
  "raw-secret",
];

const isSharedBuffer = (buffer: unknown): boolean => {
  try {
    bufferLength(buffer);
    return false;
  } catch {
    return true;
  }
};

/** A Uint8Array over the bytes of a BufferSource, not a copy. */
export function bytesOf(value: unknown, what: string): Uint8Array {
  if (isView(value)) {
    const typed = typedArrayName(value) !== undefined;
    const buffer = typed ? arrayBuffer(value) : viewBuffer(value);
    if (isSharedBuffer(buffer))
      throw new TypeError(`Cannot use ${what}: it is a view of a SharedArrayBuffer`);
    try {
      return new Uint8Array(
        buffer,
        typed ? arrayOffset(value) : viewOffset(value),
        typed ? arrayBytes(value) : viewBytes(value),
      );
    } catch {
      return new Uint8Array(0); // detached: no bytes
    }
  }
  try {
    bufferLength(value);
  } catch {
    throw new TypeError(`Cannot use ${what}: it is not an ArrayBuffer or a view of one`);
  }
  try {
    return new Uint8Array(value as ArrayBuffer);
  } catch {
    return new Uint8Array(0);
  }
}

/** The ArrayBuffer of bytes that came from the host. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const buffer = arrayBuffer(bytes);
  const length = arrayBytes(bytes);
  if (bufferLength(buffer) === length) return buffer;
  const offset = arrayOffset(bytes);
  return sliceBuffer(buffer, offset, offset + length);
}

/** DOMString. Unlike String(), it refuses symbols. */
export function textOf(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a symbol to a string");
  return String(value);
}

/** `[EnforceRange]` integers. */
export function enforceRange(value: unknown, max: number, what: string): number {
  const number = Number(value);
  const integer = Math.trunc(number);
  if (!(integer >= 0 && integer <= max)) {
    throw new TypeError(`Cannot use ${what}: ${String(value)} is not an integer from 0 to ${max}`);
  }
  return integer + 0; // no negative zero
}

/** A sequence<DOMString>. */
export function stringsOf(value: unknown, what: string): string[] {
  const iterable = (typeof value === "object" && value !== null) || typeof value === "function";
  if (!iterable || typeof (value as Iterable<unknown>)[Symbol.iterator] !== "function") {
    throw new TypeError(`Cannot use ${what}: it is not a sequence`);
  }
  const strings: string[] = [];
  for (const item of value as Iterable<unknown>) strings[strings.length] = textOf(item);
  return strings;
}

/** Valid key usages without duplicates, in the order of the specification. */
export function usagesOf(value: unknown): string[] {
  const given = stringsOf(value, "keyUsages");
  for (const usage of given) {
    if (!includes(USAGES, usage))
      throw new TypeError(`Cannot use keyUsages: '${usage}' is not a valid KeyUsage`);
  }
  const usages: string[] = [];
  for (const usage of USAGES) if (includes(given, usage)) usages[usages.length] = usage;
  return usages;
}

export function formatOf(value: unknown): string {
  const format = textOf(value);
  if (!includes(FORMATS, format))
    throw new TypeError(`Cannot use format: '${format}' is not a valid KeyFormat`);
  return format;
}

export function requireArguments(count: number, needed: number, method: string): void {
  if (count < needed) {
    throw new TypeError(
      `Cannot call ${method}: ${needed} argument${needed === 1 ? "" : "s"} required, but only ${count} present`,
    );
  }
}
