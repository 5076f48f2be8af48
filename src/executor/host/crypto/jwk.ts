/** The checks that every JWK import makes before its key is looked at. */
import type { HostValue } from "../host-function.ts";
import { dataError } from "./errors.ts";

export interface Jwk {
  kty?: string;
  use?: string;
  key_ops?: string[];
  alg?: string;
  ext?: boolean;
  crv?: string;
  [member: string]: unknown;
}

/** From the guest's dictionary (text) or from unwrapped bytes. DataError for what is no JSON object. */
export function readJwk(data: HostValue): Jwk {
  let parsed: unknown;
  try {
    parsed = JSON.parse(
      data instanceof Uint8Array
        ? new TextDecoder("utf-8", { fatal: true }).decode(data)
        : String(data),
    );
  } catch {
    throw dataError("Cannot import the JWK: the unwrapped bytes are not JSON");
  }
  if (typeof parsed !== "object" || parsed === null)
    throw dataError("Cannot import the JWK: it is not an object");
  return parsed as Jwk;
}

const BASE64_URL = /^[A-Za-z0-9_-]*$/;

/** A base64url member of a JWK of type `kty`. */
export function jwkBytes(jwk: Jwk, kty: string, member: string): Uint8Array<ArrayBuffer> {
  if (jwk.kty !== kty) throw dataError(`Cannot import the JWK: kty is not '${kty}'`);
  const value = jwk[member];
  // Padding has no place there, but others let it pass.
  const text = typeof value === "string" ? value.replace(/={1,2}$/, "") : "=";
  if (!BASE64_URL.test(text) || text.length % 4 === 1) {
    throw dataError(`Cannot import the JWK: '${member}' is missing or not base64url`);
  }
  return Uint8Array.from(Buffer.from(text, "base64url"));
}

export interface JwkExpectation {
  use: "sig" | "enc";
  extractable: boolean;
  usages: readonly string[];
}

/** DataError where use, key_ops or ext contradict what is asked. */
export function checkJwk(jwk: Jwk, { use, extractable, usages }: JwkExpectation): void {
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use)
    throw dataError(`Cannot import the JWK: use is not '${use}'`);
  const operations = jwk.key_ops;
  if (operations !== undefined) {
    if (!Array.isArray(operations) || new Set(operations).size !== operations.length) {
      throw dataError("Cannot import the JWK: key_ops is not a list without duplicates");
    }
    const missing = usages.find((usage) => !operations.includes(usage));
    if (missing !== undefined) throw dataError(`Cannot import the JWK: key_ops lacks '${missing}'`);
  }
  if (jwk.ext === false && extractable)
    throw dataError("Cannot import the JWK: ext is false, so it cannot be extractable");
}
