/** Steps that several methods share: making, importing and exporting keys, ciphers and derivation. */
import type { HostValue } from "../bridge.ts";
import { bytesOf } from "./convert.ts";
import { domError } from "./errors.ts";
import { host, SYNC_BYTES } from "./host.ts";
import { jwkJson } from "./jwk.ts";
import { makeKey, type CryptoKey, type KeyRecord, type KeySlots } from "./key.ts";
import { packParameters, supports, type Normalized } from "./normalize.ts";
import { includes, isView, parseJson } from "./primordials.ts";

const SECRET = [
  "HMAC",
  "AES-GCM",
  "AES-CBC",
  "AES-CTR",
  "AES-KW",
  "HKDF",
  "PBKDF2",
  "ChaCha20-Poly1305",
  "AES-OCB",
  "KMAC128",
  "KMAC256",
];
const AES_CIPHERS = ["AES-GCM", "AES-CBC", "AES-CTR"];
/** Done by the host in the same turn, whatever the size. */
const SAME_TURN = ["AES-KW", "AES-OCB"];

export const isSecretAlgorithm = (name: string): boolean => includes(SECRET, name);

const recordToKey = (json: HostValue): CryptoKey => makeKey(parseJson(json as string) as KeyRecord);

/** Why the key cannot be used so, or undefined: it is for another algorithm or another purpose. */
function misuse(key: KeySlots, algorithm: Normalized, usage: string): unknown {
  if (algorithm.name !== key.name) {
    return domError(
      "InvalidAccessError",
      `Cannot ${usage} with '${algorithm.name}': the key is for '${key.name}'`,
    );
  }
  if (includes(key.usages, usage)) return undefined;
  return domError(
    "InvalidAccessError",
    `Cannot ${usage} with this key: its usages do not include '${usage}'`,
  );
}

/** To be awaited where the answer is there at once: promises must not settle before the call returns. */
export const nextMicrotask = Promise.resolve();

/** What the specification does in parallel fails no earlier than the next microtask. */
async function reject(error: unknown): Promise<never> {
  await nextMicrotask;
  throw error;
}

/** Undefined, or a promise to await that rejects with InvalidAccessError. */
export function checkUse(
  key: KeySlots,
  algorithm: Normalized,
  usage: string,
): Promise<never> | undefined {
  const error = misuse(key, algorithm, usage);
  return error === undefined ? undefined : reject(error);
}

const isBufferSource = (value: unknown): boolean => {
  if (isView(value)) return true;
  return (
    Object.prototype.toString.call(value) === "[object ArrayBuffer]" && value instanceof ArrayBuffer
  );
};

export type KeyData = { bytes: Uint8Array } | { jwk: string | Uint8Array };

/** The union BufferSource or JsonWebKey. */
export const keyDataOf = (value: unknown): KeyData =>
  isBufferSource(value) ? { bytes: bytesOf(value, "keyData") } : { jwk: jwkJson(value) };

export async function importKey(
  format: string,
  data: KeyData,
  algorithm: Normalized,
  extractable: boolean,
  usages: readonly string[],
): Promise<CryptoKey> {
  if ("jwk" in data !== (format === "jwk")) {
    throw new TypeError(
      `Cannot import the key: format '${format}' needs ${format === "jwk" ? "a JsonWebKey" : "a BufferSource"}`,
    );
  }
  const payload = "jwk" in data ? data.jwk : data.bytes;
  const [parameters] = packParameters(algorithm);
  const call = isSecretAlgorithm(algorithm.name) ? host.importSecret : host.importKey;
  return recordToKey(await call(parameters, format, extractable, usages.join(), payload));
}

const CURVES = ["P-256", "P-384", "P-521"];
const AES_BITS = [128, 192, 256];

const MODULUS_BITS_MIN = 256;
const MODULUS_BITS_MAX = 4096;

function checkRsa(name: string, bits: number, exponent: readonly number[] = []): void {
  let value = 0;
  for (const byte of exponent) value = value * 256 + byte;
  if (value !== 3 && value !== 65_537) {
    throw domError(
      "OperationError",
      `Cannot generate the '${name}' key: the public exponent is not 3 or 65537`,
    );
  }
  if (bits < MODULUS_BITS_MIN || bits > MODULUS_BITS_MAX) {
    throw domError(
      "OperationError",
      `Cannot generate the '${name}' key: a modulus of ${bits} bits is not ${MODULUS_BITS_MIN} to ${MODULUS_BITS_MAX}`,
    );
  }
}

/** What is wrong with the parameters themselves shows at once, before the usages are looked at. */
export function checkGeneration({
  name,
  length,
  namedCurve,
  modulusLength,
  publicExponent,
}: Normalized): void {
  if (namedCurve !== undefined && !includes(CURVES, namedCurve)) {
    throw domError(
      "NotSupportedError",
      `Curve '${namedCurve}' is not available: use P-256, P-384 or P-521`,
    );
  }
  if (modulusLength !== undefined) checkRsa(name, modulusLength, publicExponent);
  const anyLength = name === "HMAC" || isKmac(name);
  const bad = anyLength ? length === 0 : length !== undefined && !includes(AES_BITS, length);
  if (bad)
    throw domError(
      "OperationError",
      `Cannot generate the '${name}' key: its length of ${String(length)} bits does not fit`,
    );
}

export async function generateKey(
  algorithm: Normalized,
  extractable: boolean,
  usages: readonly string[],
): Promise<CryptoKey | { publicKey: CryptoKey; privateKey: CryptoKey }> {
  const [parameters] = packParameters(algorithm);
  if (isSecretAlgorithm(algorithm.name))
    return recordToKey(host.generateSecret(parameters, extractable, usages.join()));
  const pair = parseJson(
    (await host.generateKey(parameters, extractable, usages.join())) as string,
  ) as {
    publicKey: KeyRecord;
    privateKey: KeyRecord;
  };
  return { publicKey: makeKey(pair.publicKey), privateKey: makeKey(pair.privateKey) };
}

/** Bytes, or the JSON text of a JWK. */
export async function exportKey(format: string, key: KeySlots): Promise<Uint8Array | string> {
  if (!supports(key.name, "exportKey")) {
    throw domError(
      "NotSupportedError",
      `Cannot export the key: '${key.name}' keys are never exported`,
    );
  }
  if (!key.extractable)
    throw domError("InvalidAccessError", "Cannot export the key: it is not extractable");
  const call = isSecretAlgorithm(key.name) ? host.exportSecret : host.exportKey;
  return (await call(format, key.type, key.algorithm, key.material, key.usages.join())) as
    | Uint8Array
    | string;
}

export async function cipher(
  verb: "encrypt" | "decrypt" | "wrapKey" | "unwrapKey",
  algorithm: Normalized,
  key: KeySlots,
  data: Uint8Array,
): Promise<Uint8Array> {
  const [parameters, ...bytes] = packParameters(algorithm);
  const small = data.byteLength <= SYNC_BYTES && includes(AES_CIPHERS, algorithm.name);
  const call = small || includes(SAME_TURN, algorithm.name) ? host.aes : host.cipher;
  const wrapping = verb === "encrypt" || verb === "wrapKey";
  return (await call(
    wrapping ? "encrypt" : "decrypt",
    parameters,
    key.type,
    key.algorithm,
    key.material,
    data,
    ...bytes,
  )) as Uint8Array;
}

/** `length` in bits, or null for all that there is. */
export async function deriveBits(
  algorithm: Normalized,
  key: KeySlots,
  length: number | null,
): Promise<Uint8Array> {
  const [parameters, ...bytes] = packParameters(algorithm);
  if (algorithm.name === "HKDF")
    return host.hkdf(parameters, key.material, length, ...bytes) as Uint8Array;
  const other = algorithm.public;
  if (other) requirePeer(key, other);
  return (await host.deriveBits(
    parameters,
    key.type,
    key.algorithm,
    key.material,
    length,
    other?.algorithm ?? null,
    other?.material ?? null,
    ...bytes,
  )) as Uint8Array;
}

function requirePeer(key: KeySlots, other: KeySlots): void {
  const refused =
    key.type !== "private"
      ? "the base key is not a private key"
      : other.type !== "public"
        ? "the peer's key is not a public key"
        : other.algorithm !== key.algorithm
          ? "the peer's key is for another algorithm or curve"
          : "";
  if (refused !== "") throw domError("InvalidAccessError", `Cannot derive bits: ${refused}`);
}

const isKmac = (name: string): boolean => name === "KMAC128" || name === "KMAC256";

/** What HMAC takes for the length of a key that has none. */
function hashBlockBits(hash: string | undefined): number {
  switch (hash) {
    case "SHA-384":
    case "SHA-512":
      return 1024;
    case "SHA3-256":
      return 1088;
    case "SHA3-384":
      return 832;
    case "SHA3-512":
      return 576;
    default:
      return 512;
  }
}

/** "get key length": bits that deriveKey needs, or null when the algorithm takes any amount. */
export function keyLength(algorithm: Normalized): number | null {
  const { name, length } = algorithm;
  if (name === "HKDF" || name === "PBKDF2") return null;
  if (name === "ChaCha20-Poly1305") return 256;
  if (name === "HMAC" || isKmac(name)) {
    if (length === 0) throw new TypeError(`Cannot derive the '${name}' key: its length is 0`);
    return length ?? (isKmac(name) ? Number(name.slice(4)) : hashBlockBits(algorithm.hash));
  }
  if (length !== 128 && length !== 192 && length !== 256) {
    throw domError(
      "OperationError",
      `Cannot derive an AES key: ${String(length)} bits is not 128, 192 or 256`,
    );
  }
  return length;
}
