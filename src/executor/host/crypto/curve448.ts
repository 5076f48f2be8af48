/** X448 and Ed448, which the host's library lacks. All encodings have a fixed length, so their heads are constants. */
import { ed448, x448 } from "@noble/curves/ed448.js";
import { dataError, operationError } from "./errors.ts";
import type { Jwk } from "./jwk.ts";
import type { KeyType } from "./keys.ts";
import { requireSlowBytes } from "./keccak.ts";
import { bytesOf, fromBase64, toBase64 } from "./parameters.ts";

interface Curve {
  bytes: number;
  /** What comes before the key in SubjectPublicKeyInfo and in PKCS #8. */
  spki: Uint8Array;
  pkcs8: Uint8Array;
  publicKey(secret: Uint8Array): Uint8Array;
}

const CURVES: Readonly<Record<string, Curve>> = {
  X448: {
    bytes: 56,
    spki: Uint8Array.fromHex("3042300506032b656f033900"),
    pkcs8: Uint8Array.fromHex("3046020100300506032b656f043a0438"),
    publicKey: (secret) => x448.getPublicKey(secret),
  },
  Ed448: {
    bytes: 57,
    spki: Uint8Array.fromHex("3043300506032b6571033a00"),
    pkcs8: Uint8Array.fromHex("3047020100300506032b6571043b0439"),
    publicKey: (secret) => ed448.getPublicKey(secret),
  },
};

const CONTEXT_BYTES_MAX = 255;

export const isCurve448 = (name: string): boolean => name in CURVES;

function curveOf(name: string): Curve {
  const found = CURVES[name];
  if (found === undefined)
    throw dataError(`'${name}' is not one of ${Object.keys(CURVES).join(" and ")}`);
  return found;
}

function withHead(head: Uint8Array, key: Uint8Array): Uint8Array {
  return Buffer.concat([head, key]);
}

/** The key behind `head`; DataError for other bytes. */
function withoutHead(name: string, head: Uint8Array, encoded: Uint8Array): Uint8Array {
  const { bytes } = curveOf(name);
  const fits =
    encoded.byteLength === head.byteLength + bytes &&
    Buffer.compare(head, encoded.subarray(0, head.byteLength)) === 0;
  if (!fits)
    throw dataError(`Cannot import the '${name}' key: its encoding is not that of such a key`);
  return encoded.slice(head.byteLength);
}

function member(name: string, jwk: Jwk, key: "x" | "d"): Uint8Array {
  const value = jwk[key];
  const bytes =
    typeof value === "string" && /^[A-Za-z0-9_-]+$/.test(value)
      ? Buffer.from(value, "base64url")
      : Buffer.alloc(0);
  if (bytes.byteLength !== curveOf(name).bytes)
    throw dataError(`Cannot import the JWK: '${key}' is missing or has another length`);
  return bytes;
}

function fromJwk(name: string, jwk: Jwk): Uint8Array {
  const x = member(name, jwk, "x");
  if (jwk["d"] === undefined) return x;
  const d = member(name, jwk, "d");
  if (Buffer.compare(curveOf(name).publicKey(d), x) !== 0)
    throw dataError("Cannot import the JWK: x is not the public key of d");
  return d;
}

function rawKey(name: string, format: string, data: Uint8Array | Jwk): Uint8Array {
  const { spki, pkcs8, bytes } = curveOf(name);
  if (!(data instanceof Uint8Array)) return fromJwk(name, data);
  if (format === "spki") return withoutHead(name, spki, data);
  if (format === "pkcs8") return withoutHead(name, pkcs8, data);
  if (data.byteLength !== bytes)
    throw dataError(
      `Cannot import the '${name}' key: it has ${data.byteLength} bytes, not ${bytes}`,
    );
  return data;
}

/** Material in the form that all key pairs have: base64 of spki or pkcs8. */
function materialOf(name: string, type: KeyType, key: Uint8Array): string {
  const { spki, pkcs8 } = curveOf(name);
  return toBase64(withHead(type === "private" ? pkcs8 : spki, key));
}

const keyOf = (name: string, type: KeyType, material: string): Uint8Array =>
  fromBase64(material).slice(
    type === "private" ? curveOf(name).pkcs8.byteLength : curveOf(name).spki.byteLength,
  );

export const importCurve448 = (
  name: string,
  type: KeyType,
  format: string,
  data: Uint8Array | Jwk,
): string => materialOf(name, type, rawKey(name, format, data));

export function exportCurve448(
  name: string,
  type: KeyType,
  material: string,
  format: string,
): Uint8Array | Jwk {
  if (format === "spki" || format === "pkcs8") return fromBase64(material);
  const key = keyOf(name, type, material);
  if (format !== "jwk") return key;
  const x = type === "private" ? curveOf(name).publicKey(key) : key;
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  return {
    kty: "OKP",
    crv: name,
    x: encode(x),
    ...(type === "private" ? { d: encode(key) } : {}),
    ...(name === "Ed448" ? { alg: name } : {}),
  };
}

export function generateCurve448(name: string): { publicKey: string; privateKey: string } {
  const { secretKey, publicKey } = name === "X448" ? x448.keygen() : ed448.keygen();
  return {
    publicKey: materialOf(name, "public", publicKey),
    privateKey: materialOf(name, "private", secretKey),
  };
}

export const publicMaterial = (name: string, material: string): string =>
  materialOf(name, "public", curveOf(name).publicKey(keyOf(name, "private", material)));

/** The shared secret. OperationError when the peer's key has small order. */
export function agreeX448(material: string, peer: string): Uint8Array {
  try {
    return x448.getSharedSecret(keyOf("X448", "private", material), keyOf("X448", "public", peer));
  } catch {
    throw operationError("Cannot derive bits with X448: the peer's key gives no secret");
  }
}

function contextOf(context: Uint8Array | undefined): { context: Uint8Array } {
  const bytes = bytesOf(context);
  if (bytes.byteLength > CONTEXT_BYTES_MAX)
    throw operationError(
      `Cannot use Ed448: the context has ${bytes.byteLength} bytes, more than ${CONTEXT_BYTES_MAX}`,
    );
  return { context: bytes };
}

export function signEd448(material: string, data: Uint8Array, context?: Uint8Array): Uint8Array {
  requireSlowBytes("Ed448", data.byteLength);
  return ed448.sign(data, keyOf("Ed448", "private", material), contextOf(context));
}

export function verifyEd448(
  material: string,
  signature: Uint8Array,
  data: Uint8Array,
  context?: Uint8Array,
): boolean {
  requireSlowBytes("Ed448", data.byteLength);
  const options = contextOf(context);
  try {
    return ed448.verify(signature, data, keyOf("Ed448", "public", material), options);
  } catch {
    return false;
  }
}
