/**
 * sign, verify and digest: what is quick is asked of the host in the same turn. None is async, so that
 * what normalization throws rejects at once.
 */
import { bytesOf } from "./convert.ts";
import { host, SYNC_BYTES } from "./host.ts";
import { keyOf } from "./key.ts";
import { checkUse } from "./key-operations.ts";
import { normalize, packParameters, type Normalized } from "./normalize.ts";

export function sign(
  algorithm: unknown,
  key: unknown,
  data: unknown,
): Promise<Uint8Array> | Uint8Array {
  const slots = keyOf(key, "key");
  const bytes = bytesOf(data, "data");
  const normalized = normalize("sign", algorithm);
  const refused = checkUse(slots, normalized, "sign");
  if (refused) return refused;
  const { material } = slots;
  if (normalized.name === "HMAC") return host.hmac(slots.algorithm, material, bytes) as Uint8Array;
  const [parameters, ...extra] = packParameters(normalized);
  if (normalized.outputLength !== undefined)
    return host.kmac(parameters, material, bytes, ...extra) as Uint8Array;
  return host.sign(
    parameters,
    slots.type,
    slots.algorithm,
    material,
    bytes,
    ...extra,
  ) as Promise<Uint8Array>;
}

export function verify(
  algorithm: unknown,
  key: unknown,
  signature: unknown,
  data: unknown,
): Promise<boolean> | boolean {
  const slots = keyOf(key, "key");
  const signed = bytesOf(signature, "signature");
  const bytes = bytesOf(data, "data");
  const normalized = normalize("verify", algorithm);
  const refused = checkUse(slots, normalized, "verify");
  if (refused) return refused;
  const { material } = slots;
  if (normalized.name === "HMAC")
    return host.hmacVerify(slots.algorithm, material, signed, bytes) as boolean;
  const [parameters, ...extra] = packParameters(normalized);
  if (normalized.outputLength !== undefined)
    return host.kmacVerify(parameters, material, signed, bytes, ...extra) as boolean;
  return host.verify(
    parameters,
    slots.type,
    slots.algorithm,
    material,
    signed,
    bytes,
    ...extra,
  ) as Promise<boolean>;
}

export function digest(
  normalized: Normalized,
  bytes: Uint8Array,
): Promise<Uint8Array> | Uint8Array {
  const { name, outputLength } = normalized;
  if (outputLength !== undefined) {
    const [parameters, ...extra] = packParameters(normalized);
    return host.digestWith(parameters, bytes, ...extra) as Uint8Array;
  }
  const small = bytes.byteLength <= SYNC_BYTES * 4;
  const made = small ? host.digest(name, bytes) : host.digestLarge(name, bytes);
  return made as Promise<Uint8Array> | Uint8Array;
}
