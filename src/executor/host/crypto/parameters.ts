/** What the guest sends with an operation: JSON for the plain parameters, arguments for the bytes. */
import type { HostValue } from "../host-function.ts";

export type ByteParameter =
  | "iv"
  | "counter"
  | "additionalData"
  | "label"
  | "salt"
  | "info"
  | "context"
  | "customization"
  | "functionName";

export interface Parameters extends Partial<Record<ByteParameter, Uint8Array<ArrayBuffer>>> {
  name: string;
  hash?: string;
  namedCurve?: string;
  length?: number;
  modulusLength?: number;
  publicExponent?: number[];
  saltLength?: number;
  iterations?: number;
  tagLength?: number;
  outputLength?: number;
  domainSeparation?: number;
}

/** Reads the JSON and attaches the byte arguments that follow in its order. */
export function readParameters(json: HostValue, bytes: readonly HostValue[]): Parameters {
  const { bytes: names = [], ...plain } = JSON.parse(String(json)) as Parameters & {
    bytes?: ByteParameter[];
  };
  const parameters: Parameters = plain;
  names.forEach((name, index) => {
    parameters[name] = bytesOf(bytes[index]);
  });
  return parameters;
}

export function bytesOf(value: HostValue): Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array ? (value as Uint8Array<ArrayBuffer>) : new Uint8Array(0);
}

export const toBase64 = (bytes: ArrayBuffer | Uint8Array): string =>
  (bytes instanceof Uint8Array
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes)
  ).toString("base64");

/** A copy of its own, never a slice of Buffer's pool. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.fromBase64(text);
