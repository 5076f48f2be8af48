/** Import, generation and export of keys that are plain bytes. */
import { randomBytes } from "node:crypto";
import type { HostOperations, HostValue } from "../host-function.ts";
import { dataError, notSupported, operationError, syntaxError } from "./errors.ts";
import { checkJwk, jwkBytes, readJwk } from "./jwk.ts";
import type { KeyAlgorithm, KeyRecord } from "./keys.ts";
import { bytesOf, fromBase64, readParameters, toBase64, type Parameters } from "./parameters.ts";

const USAGES: Readonly<Record<string, readonly string[]>> = {
  "AES-CBC": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-CTR": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-GCM": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "ChaCha20-Poly1305": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-OCB": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  KMAC128: ["sign", "verify"],
  KMAC256: ["sign", "verify"],
  "AES-KW": ["wrapKey", "unwrapKey"],
  HMAC: ["sign", "verify"],
  HKDF: ["deriveKey", "deriveBits"],
  PBKDF2: ["deriveKey", "deriveBits"],
};
const JWK_ALGORITHMS: Readonly<Record<string, string>> = {
  "SHA-1": "HS1",
  "SHA-256": "HS256",
  "SHA-384": "HS384",
  "SHA-512": "HS512",
};
const BLOCK_BITS: Readonly<Record<string, number>> = {
  "SHA-384": 1024,
  "SHA-512": 1024,
  "SHA3-256": 1088,
  "SHA3-384": 832,
  "SHA3-512": 576,
};
const DERIVED_ONLY = ["HKDF", "PBKDF2"];

export const listOf = (csv: HostValue): string[] => (csv === "" ? [] : String(csv).split(","));

export function checkUsages(
  name: string,
  usages: readonly string[],
  allowed: readonly string[],
): void {
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined)
    throw syntaxError(`Cannot make the '${name}' key: usage '${wrong}' does not fit it`);
}

function jwkAlgorithm(
  { name, hash }: { name: string; hash?: string },
  bytes: number,
): string | undefined {
  if (name === "HMAC") return JWK_ALGORITHMS[hash ?? ""];
  if (name === "ChaCha20-Poly1305") return "C20P";
  if (isKmac(name)) return `K${name.slice(4)}`;
  return `A${bytes * 8}${name.slice(4)}`;
}

const isKmac = (name: string): boolean => name.startsWith("KMAC");
/** Newer algorithms know the raw format by its newer name only. */
const isNew = (name: string): boolean =>
  isKmac(name) || name === "AES-OCB" || name.startsWith("ChaCha");
const aesLength = (bits: number): boolean => bits === 128 || bits === 192 || bits === 256;

/** Bits of an HMAC key after `length` has been applied, and the bytes with the unused bits cleared. */
function hmacLength(
  bytes: Uint8Array,
  length: number | undefined,
): { bits: number; kept: Uint8Array } {
  const all = bytes.byteLength * 8;
  if (all === 0) throw dataError("Cannot import the key: it is empty");
  if (length === undefined) return { bits: all, kept: bytes };
  if (length > all || length <= all - 8)
    throw dataError(`Cannot import the key: ${all} bits do not fit a length of ${length}`);
  return { bits: length, kept: truncateBits(bytes, length) };
}

/** The first `bits` bits, the rest of the last byte zero. */
export function truncateBits(bytes: Uint8Array, bits: number): Uint8Array {
  const kept = bytes.slice(0, Math.ceil(bits / 8));
  const last = kept.byteLength - 1;
  if (bits % 8 !== 0) kept[last] = (kept[last] ?? 0) & (0xff << (8 - (bits % 8)));
  return kept;
}

function algorithmFor(
  { name, hash, length }: Parameters,
  bytes: Uint8Array,
): { algorithm: KeyAlgorithm; kept: Uint8Array } {
  if (name === "HMAC") {
    const { bits, kept } = hmacLength(bytes, length);
    return { algorithm: { name, length: bits, hash: { name: hash ?? "" } }, kept };
  }
  if (isKmac(name)) {
    const { bits, kept } = hmacLength(bytes, length);
    return { algorithm: { name, length: bits }, kept };
  }
  if (DERIVED_ONLY.includes(name)) return { algorithm: { name }, kept: bytes };
  const bits = bytes.byteLength * 8;
  if (name.startsWith("ChaCha")) {
    if (bits !== 256)
      throw dataError(`Cannot import the '${name}' key: it has ${bits} bits, not 256`);
    return { algorithm: { name }, kept: bytes };
  }
  if (!aesLength(bits))
    throw dataError(`Cannot import the '${name}' key: ${bits} bits is not 128, 192 or 256`);
  return { algorithm: { name, length: bits }, kept: bytes };
}

function formatFits(name: string, format: string): boolean {
  if (format === "raw-secret") return true;
  if (format === "raw") return !isNew(name);
  return format === "jwk" && !DERIVED_ONLY.includes(name);
}

function secretBytes(
  parameters: Parameters,
  format: string,
  data: HostValue,
  extractable: boolean,
  usages: string[],
): Uint8Array {
  if (format !== "jwk") return bytesOf(data).slice();
  const jwk = readJwk(data);
  const bytes = jwkBytes(jwk, "oct", "k");
  checkJwk(jwk, {
    use: parameters.name === "HMAC" || isKmac(parameters.name) ? "sig" : "enc",
    extractable,
    usages,
  });
  const wanted = jwkAlgorithm(parameters, bytes.byteLength);
  if (jwk.alg !== undefined && wanted !== undefined && jwk.alg !== wanted) {
    throw dataError(`Cannot import the JWK: alg '${jwk.alg}' is not '${wanted}'`);
  }
  return bytes;
}

function importSecret(
  json: HostValue,
  format: string,
  extractable: boolean,
  csv: HostValue,
  data: HostValue,
): string {
  const parameters = readParameters(json, []);
  const { name } = parameters;
  const usages = listOf(csv);
  if (!formatFits(name, format))
    throw notSupported(`Cannot import a '${name}' key from format '${format}'`);
  checkUsages(name, usages, USAGES[name] ?? []);
  if (DERIVED_ONLY.includes(name) && extractable)
    throw syntaxError(`Cannot import the '${name}' key: it can never be extractable`);
  const { algorithm, kept } = algorithmFor(
    parameters,
    secretBytes(parameters, format, data, extractable, usages),
  );
  if (usages.length === 0)
    throw syntaxError("Cannot import the key: a secret key needs at least one usage");
  return record(algorithm, kept, extractable, usages);
}

function record(
  algorithm: KeyAlgorithm,
  bytes: Uint8Array,
  extractable: boolean,
  usages: string[],
): string {
  const made: KeyRecord = {
    type: "secret",
    extractable,
    usages,
    algorithm: JSON.stringify(algorithm),
    material: toBase64(bytes),
  };
  return JSON.stringify(made);
}

function generatedBits({ name, hash, length }: Parameters): number {
  if (name === "HMAC") {
    if (length === 0) throw operationError("Cannot generate the HMAC key: its length is 0");
    return length ?? BLOCK_BITS[hash ?? ""] ?? 512;
  }
  if (isKmac(name)) return length ?? Number(name.slice(4));
  if (name.startsWith("ChaCha")) return 256;
  if (!aesLength(length ?? 0))
    throw operationError(
      `Cannot generate the '${name}' key: ${length} bits is not 128, 192 or 256`,
    );
  return length ?? 0;
}

const HMAC_KEY_BITS_MAX = 8 * 1_048_576;

function generateSecret(json: HostValue, extractable: boolean, csv: HostValue): string {
  const parameters = readParameters(json, []);
  const { name, hash } = parameters;
  const usages = listOf(csv);
  checkUsages(name, usages, USAGES[name] ?? []);
  const bits = generatedBits(parameters);
  if (bits > HMAC_KEY_BITS_MAX)
    throw operationError(
      `Cannot generate the '${name}' key: ${bits} bits is more than ${HMAC_KEY_BITS_MAX}`,
    );
  if (usages.length === 0)
    throw syntaxError("Cannot generate the key: a secret key needs at least one usage");
  const bytes = truncateBits(randomBytes(Math.ceil(bits / 8)), bits);
  const algorithm: KeyAlgorithm = name.startsWith("ChaCha") ? { name } : { name, length: bits };
  return record(
    hash === undefined ? algorithm : { ...algorithm, hash: { name: hash } },
    bytes,
    extractable,
    usages,
  );
}

function exportSecret(
  format: string,
  algorithm: KeyAlgorithm,
  material: string,
  usages: string[],
): Uint8Array | string {
  const { name, hash } = algorithm;
  if (!formatFits(name, format))
    throw notSupported(`Cannot export a '${name}' key to format '${format}'`);
  const bytes = fromBase64(material);
  if (format !== "jwk") return bytes;
  const alg = jwkAlgorithm({ name, ...(hash ? { hash: hash.name } : {}) }, bytes.byteLength);
  const k = Buffer.from(bytes).toString("base64url");
  return JSON.stringify({
    kty: "oct",
    k,
    ...(alg === undefined ? {} : { alg }),
    key_ops: usages,
    ext: true,
  });
}

export const secretKeyOperations: HostOperations = {
  "crypto.importSecret": (_context, json, format, extractable, usages, data) =>
    importSecret(json, String(format), extractable === true, usages, data),
  "crypto.generateSecret": (_context, json, extractable, usages) =>
    generateSecret(json, extractable === true, usages),
  "crypto.exportSecret": (_context, format, _type, algorithm, material, usages) =>
    exportSecret(
      String(format),
      JSON.parse(String(algorithm)) as KeyAlgorithm,
      String(material),
      listOf(usages),
    ),
};
