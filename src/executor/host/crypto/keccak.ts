/** The Keccak functions that the host's own library lacks. They are JavaScript, so their input is bounded. */
import {
  cshake128,
  cshake256,
  kmac128,
  kmac256,
  kt128,
  kt256,
  turboshake128,
  turboshake256,
} from "@noble/hashes/sha3-addons.js";
import { timingSafeEqual } from "node:crypto";
import type { HostOperations, HostValue } from "../host-function.ts";
import { notSupported, operationError } from "./errors.ts";
import { bytesOf, fromBase64, readParameters, type Parameters } from "./parameters.ts";

export const SLOW_BYTES_MAX = 4 * 1_048_576;
const OUTPUT_BYTES_MAX = 1_048_576;

/** Data that pure JavaScript works on: OperationError past the bound. */
export function requireSlowBytes(name: string, bytes: number): void {
  if (bytes > SLOW_BYTES_MAX)
    throw operationError(`Cannot use ${name} on ${bytes} bytes: ${SLOW_BYTES_MAX} is the most`);
}

function outputBytes({ name, outputLength = 0 }: Parameters): number {
  if (outputLength % 8 !== 0)
    throw operationError(
      `Cannot use ${name}: an output of ${outputLength} bits is not whole bytes`,
    );
  const bytes = outputLength / 8;
  if (bytes > OUTPUT_BYTES_MAX)
    throw operationError(
      `Cannot use ${name}: an output of ${bytes} bytes is more than ${OUTPUT_BYTES_MAX}`,
    );
  return bytes;
}

function turboshake(parameters: Parameters, dkLen: number, data: Uint8Array): Uint8Array {
  const { name, domainSeparation = 0x1f } = parameters;
  if (domainSeparation < 1 || domainSeparation > 0x7f)
    throw operationError(
      `Cannot use ${name}: domain separation ${domainSeparation} is not 1 to 127`,
    );
  return (name === "TurboSHAKE128" ? turboshake128 : turboshake256)(data, {
    D: domainSeparation,
    dkLen,
  });
}

function digest(json: HostValue, data: HostValue, rest: HostValue[]): Uint8Array {
  const parameters = readParameters(json, rest);
  const { name, customization = new Uint8Array(0), functionName = new Uint8Array(0) } = parameters;
  const bytes = bytesOf(data);
  requireSlowBytes(name, bytes.byteLength);
  const dkLen = outputBytes(parameters);
  if (dkLen === 0) return new Uint8Array(0);
  if (name.startsWith("TurboSHAKE")) return turboshake(parameters, dkLen, bytes);
  if (name.startsWith("KT"))
    return (name === "KT128" ? kt128 : kt256)(bytes, { personalization: customization, dkLen });
  if (!name.startsWith("cSHAKE")) throw notSupported(`Digest '${name}' is not available`);
  return (name === "cSHAKE128" ? cshake128 : cshake256)(bytes, {
    NISTfn: functionName,
    personalization: customization,
    dkLen,
  });
}

function kmac(
  json: HostValue,
  material: HostValue,
  data: HostValue,
  rest: HostValue[],
): Uint8Array {
  const parameters = readParameters(json, rest);
  const { name, customization = new Uint8Array(0) } = parameters;
  const bytes = bytesOf(data);
  requireSlowBytes(name, bytes.byteLength);
  const dkLen = outputBytes(parameters);
  if (dkLen === 0) return new Uint8Array(0);
  const run = name === "KMAC128" ? kmac128 : kmac256;
  return run(fromBase64(String(material)), bytes, { personalization: customization, dkLen });
}

export const keccakOperations: HostOperations = {
  "crypto.digestWith": (_context, json, data, ...bytes) => digest(json, data, bytes),
  "crypto.kmac": (_context, json, material, data, ...bytes) => kmac(json, material, data, bytes),
  "crypto.kmacVerify": (_context, json, material, signature, data, ...bytes) => {
    const wanted = kmac(json, material, data, bytes);
    const given = bytesOf(signature);
    return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
  },
};
