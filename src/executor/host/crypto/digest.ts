/** Digests and HMAC. Small ones are answered in the same turn: a thread costs more than the hash. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { HostOperations, HostValue } from "../host-function.ts";
import { notSupported } from "./errors.ts";
import type { KeyAlgorithm } from "./keys.ts";
import { bytesOf } from "./parameters.ts";

const NODE_NAMES: Readonly<Record<string, string>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
  "SHA3-256": "sha3-256",
  "SHA3-384": "sha3-384",
  "SHA3-512": "sha3-512",
};

export function nodeHash(name: unknown): string {
  const found = NODE_NAMES[String(name)];
  if (found === undefined) throw notSupported(`Digest '${String(name)}' is not available`);
  return found;
}

function hmac(algorithm: HostValue, material: HostValue, data: HostValue): Uint8Array {
  const { hash } = JSON.parse(String(algorithm)) as KeyAlgorithm;
  return createHmac(nodeHash(hash?.name), Buffer.from(String(material), "base64"))
    .update(bytesOf(data))
    .digest();
}

export const digestOperations: HostOperations = {
  "crypto.digest": (_context, name, data) =>
    createHash(nodeHash(name)).update(bytesOf(data)).digest(),
  "crypto.digestLarge": async (_context, name, data) =>
    new Uint8Array(await crypto.subtle.digest(String(name), bytesOf(data))),
  "crypto.hmac": (_context, algorithm, material, data) => hmac(algorithm, material, data),
  "crypto.hmacVerify": (_context, algorithm, material, signature, data) => {
    const given = bytesOf(signature);
    const wanted = hmac(algorithm, material, data);
    return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
  },
};
