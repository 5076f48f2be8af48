/** SubtleCrypto.supports(): whether a call with these parameters would be possible at all. */
import type { Operation } from "./algorithms.ts";
import { checkGeneration, isSecretAlgorithm, keyLength } from "./key-operations.ts";
import { normalize, supports } from "./normalize.ts";
import { normalizeWrap } from "./subtle-steps.ts";

const PLAIN = ["encrypt", "decrypt", "sign", "verify", "digest", "importKey", "exportKey"];

function requireSupport(name: string, operation: Operation): void {
  if (!supports(name, operation)) throw new TypeError(`'${name}' has no ${operation}`);
}

function tryDerivation(algorithm: unknown, length: number | null): void {
  const { name } = normalize("deriveBits", algorithm);
  if ((name === "HKDF" || name === "PBKDF2") && (length === null || length % 8 !== 0))
    throw new TypeError("no such length");
}

function tryOperation(operation: string, algorithm: unknown, other: unknown): void {
  if (PLAIN.includes(operation)) normalize(operation as Operation, algorithm);
  else if (operation === "generateKey") checkGeneration(normalize("generateKey", algorithm));
  else if (operation === "deriveBits")
    tryDerivation(algorithm, other === null || other === undefined ? null : Number(other) >>> 0);
  else if (operation === "deriveKey") {
    normalize("importKey", other);
    tryDerivation(algorithm, keyLength(normalize("getKeyLength", other)) ?? 0);
  } else if (operation === "wrapKey" || operation === "unwrapKey") {
    normalizeWrap(operation, algorithm);
    if (other !== undefined)
      requireSupport(
        normalize(operation === "wrapKey" ? "exportKey" : "importKey", other).name,
        "exportKey",
      );
  } else if (operation === "getPublicKey") {
    const { name } = normalize("exportKey", algorithm);
    if (isSecretAlgorithm(name)) throw new TypeError("no public key");
  } else if (operation.endsWith("capsulateBits")) normalize("encapsulate", algorithm);
  else if (operation.endsWith("capsulateKey")) {
    normalize("encapsulate", algorithm);
    normalize("importKey", other);
  } else throw new TypeError(`no operation ${operation}`);
}

export function isSupported(operation: string, algorithm: unknown, other: unknown): boolean {
  try {
    tryOperation(operation, algorithm, other);
    return true;
  } catch {
    return false;
  }
}
