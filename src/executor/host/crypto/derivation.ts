/** deriveBits: HKDF in the same turn, PBKDF2 and key agreement on threads. */
import { hkdfSync, pbkdf2 } from "node:crypto";
import type { HostContext, HostOperations, HostValue } from "../host-function.ts";
import { agreeX448 } from "./curve448.ts";
import { asHostError, domError, native, operationError } from "./errors.ts";
import { nodeHash } from "./digest.ts";
import { nativeKey } from "./keys.ts";
import { bytesOf, fromBase64, readParameters, type Parameters } from "./parameters.ts";
import { truncateBits } from "./secret-keys.ts";
import { spend } from "./work.ts";

const HASH_BYTES: Readonly<Record<string, number>> = {
  "SHA-1": 20,
  "SHA-256": 32,
  "SHA-384": 48,
  "SHA-512": 64,
  "SHA3-256": 32,
  "SHA3-384": 48,
  "SHA3-512": 64,
};
/** One iteration of one block on a small board. */
const ITERATION_MS = 0.000_5;
const DERIVED_BITS_MAX = 8 * 1_048_576;

function wholeBytes(name: string, length: HostValue): number {
  if (typeof length !== "number" || length % 8 !== 0) {
    throw operationError(
      `Cannot derive bits with ${name}: a length of ${String(length)} bits is not a multiple of 8`,
    );
  }
  if (length > DERIVED_BITS_MAX)
    throw operationError(
      `Cannot derive bits with ${name}: ${length} bits is more than ${DERIVED_BITS_MAX}`,
    );
  return length / 8;
}

function hkdf(
  json: HostValue,
  material: HostValue,
  length: HostValue,
  rest: HostValue[],
): Uint8Array {
  const parameters = readParameters(json, rest);
  const bytes = wholeBytes("HKDF", length);
  if (bytes > 255 * (HASH_BYTES[parameters.hash ?? ""] ?? 0))
    throw operationError(
      `The length provided for HKDF is too large: ${bytes} bytes is more than 255 times the hash`,
    );
  if (bytes === 0) return new Uint8Array(0);
  try {
    return new Uint8Array(
      hkdfSync(
        nodeHash(parameters.hash),
        fromBase64(String(material)),
        bytesOf(parameters.salt),
        bytesOf(parameters.info),
        bytes,
      ),
    );
  } catch (error) {
    throw asHostError(error, "OperationError", "Cannot derive bits with HKDF");
  }
}

async function passwordBits(
  context: HostContext,
  parameters: Parameters,
  material: HostValue,
  length: HostValue,
): Promise<Uint8Array> {
  const { iterations = 0, hash = "", salt } = parameters;
  const bytes = wholeBytes("PBKDF2", length);
  if (iterations === 0)
    throw operationError("Cannot derive bits with PBKDF2: the iterations are 0");
  if (bytes === 0) return new Uint8Array(0);
  const blocks = Math.ceil(bytes / (HASH_BYTES[hash] ?? 20));
  return spend(context, iterations * blocks * ITERATION_MS, () =>
    native("OperationError", "Cannot derive bits with PBKDF2", () =>
      pbkdf2Bytes(fromBase64(String(material)), bytesOf(salt), iterations, bytes, nodeHash(hash)),
    ),
  );
}

function pbkdf2Bytes(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  bytes: number,
  hash: string,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, bytes, hash, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

async function nativeSecret(
  context: HostContext,
  name: string,
  keys: HostValue[],
): Promise<Uint8Array> {
  const [type, algorithm, material, peerAlgorithm, peerMaterial] = keys;
  return native("OperationError", `Cannot derive bits with ${name}`, async () => {
    const [key, peer] = await Promise.all([
      nativeKey(context, type, algorithm, material),
      nativeKey(context, "public", peerAlgorithm, peerMaterial),
    ]);
    return new Uint8Array(await crypto.subtle.deriveBits({ name, public: peer }, key, null));
  });
}

async function agreedBits(
  context: HostContext,
  name: string,
  length: HostValue,
  keys: HostValue[],
): Promise<Uint8Array> {
  const [, , material, , peerMaterial] = keys;
  const secret =
    name === "X448"
      ? agreeX448(String(material), String(peerMaterial))
      : await nativeSecret(context, name, keys);
  if (typeof length !== "number") return secret;
  if (length > secret.byteLength * 8)
    throw domError(
      "OperationError",
      `Cannot derive bits with ${name}: Invalid length: ${length} bits is more than the ${secret.byteLength * 8} there are`,
    );
  return truncateBits(secret, length);
}

async function deriveBits(context: HostContext, args: HostValue[]): Promise<Uint8Array> {
  const [json, type, algorithm, material, length, peerAlgorithm, peerMaterial, ...bytes] = args;
  const parameters = readParameters(json, bytes);
  if (parameters.name === "PBKDF2") return passwordBits(context, parameters, material, length);
  return agreedBits(context, parameters.name, length, [
    type,
    algorithm,
    material,
    peerAlgorithm,
    peerMaterial,
  ]);
}

export const derivationOperations: HostOperations = {
  "crypto.hkdf": (_context, json, material, length, ...bytes) =>
    hkdf(json, material, length, bytes),
  "crypto.deriveBits": (context, ...args) => deriveBits(context, args),
};
