/** Steps of SubtleCrypto's methods that need more than one operation. */
import { bytesOf } from "./convert.ts";
import { host } from "./host.ts";
import { keyOf, type CryptoKey } from "./key.ts";
import { cipher, importKey, checkUse } from "./key-operations.ts";
import { normalize, packParameters, type Normalized } from "./normalize.ts";
import { lowerCase } from "./primordials.ts";

/** Wrapping has its own algorithm (AES-KW); every other one wraps by its encryption. */
export function normalizeWrap(verb: "wrapKey" | "unwrapKey", algorithm: unknown): Normalized {
  const name =
    typeof algorithm === "object" && algorithm !== null
      ? (algorithm as { name?: unknown }).name
      : algorithm;
  if (typeof name === "string" && lowerCase(name) === "aes-kw") return normalize(verb, algorithm);
  return normalize(verb === "wrapKey" ? "encrypt" : "decrypt", algorithm);
}

export function crypt(
  verb: "encrypt" | "decrypt",
  algorithm: unknown,
  key: unknown,
  data: unknown,
): Promise<Uint8Array> {
  const slots = keyOf(key, "key");
  const bytes = bytesOf(data, "data");
  const normalized = normalize(verb, algorithm);
  const refused = checkUse(slots, normalized, verb);
  if (refused) return refused;
  return cipher(verb, normalized, slots, bytes);
}

export const importRaw = (
  bytes: Uint8Array,
  target: Normalized,
  extractable: unknown,
  usages: readonly string[],
): Promise<CryptoKey> => importKey("raw-secret", { bytes }, target, Boolean(extractable), usages);

/** An exported JWK is ASCII: base64url and registered names. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

interface Encapsulated {
  sharedKey: Uint8Array;
  ciphertext: Uint8Array;
}

export async function encapsulate(
  algorithm: unknown,
  key: unknown,
  usage: string,
): Promise<Encapsulated> {
  const slots = keyOf(key, "encapsulationKey");
  const normalized = normalize("encapsulate", algorithm);
  const refused = checkUse(slots, normalized, usage);
  if (refused) await refused;
  const [parameters] = packParameters(normalized);
  const packed = (await host.encapsulate(
    parameters,
    slots.type,
    slots.algorithm,
    slots.material,
  )) as Uint8Array;
  return { sharedKey: packed.slice(0, 32), ciphertext: packed.slice(32) };
}

export async function decapsulate(
  algorithm: unknown,
  key: unknown,
  ciphertext: unknown,
  usage: string,
): Promise<Uint8Array> {
  const slots = keyOf(key, "decapsulationKey");
  const bytes = bytesOf(ciphertext, "ciphertext");
  const normalized = normalize("decapsulate", algorithm);
  const refused = checkUse(slots, normalized, usage);
  if (refused) await refused;
  const [parameters] = packParameters(normalized);
  return (await host.decapsulate(
    parameters,
    slots.type,
    slots.algorithm,
    slots.material,
    bytes,
  )) as Uint8Array;
}
