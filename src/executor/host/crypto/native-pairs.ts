/** Key pairs by the host's own WebCrypto. */
import { createPublicKey } from "node:crypto";
import type { HostContext, HostValue } from "../host-function.ts";
import { dataError, native } from "./errors.ts";
import type { Jwk } from "./jwk.ts";
import {
  importParameters,
  nativeKey,
  nativeUsages,
  type KeyAlgorithm,
  type KeyType,
} from "./keys.ts";
import { toBase64, type Parameters } from "./parameters.ts";

/** A key as the guest keeps it. */
export interface Material {
  algorithm: KeyAlgorithm;
  material: string;
}

const shown = (key: CryptoKey): KeyAlgorithm => {
  const { name, hash, namedCurve, modulusLength, publicExponent } =
    key.algorithm as RsaHashedKeyAlgorithm & EcKeyAlgorithm;
  return {
    name,
    ...(modulusLength === undefined ? {} : { modulusLength, publicExponent: [...publicExponent] }),
    ...(hash === undefined ? {} : { hash: { name: hash.name } }),
    ...(namedCurve === undefined ? {} : { namedCurve }),
  };
};

async function materialOf(key: CryptoKey): Promise<Material> {
  const material = await crypto.subtle.exportKey(key.type === "private" ? "pkcs8" : "spki", key);
  return { algorithm: shown(key), material: toBase64(material) };
}

/** What the native import needs of a JWK; the members that were checked already are left out. */
function bareJwk(jwk: Jwk): Jwk {
  const { use: _use, key_ops: _operations, ext: _ext, alg, ...bare } = jwk;
  return jwk.kty === "AKP" && alg !== undefined ? { ...bare, alg } : bare;
}

/** The native import takes the private part alone; x has to be there and to belong to it. */
async function checkPair(key: CryptoKey, jwk: Jwk): Promise<void> {
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", key));
  const { x } = createPublicKey({ key: der, format: "der", type: "pkcs8" } as never).export({
    format: "jwk",
  });
  if (x === undefined || x !== jwk["x"])
    throw dataError("Cannot import the JWK: x is not the public key of d");
}

/** PKCS #8 of a 32-byte key up to the key, for either curve. */
const SHORT_PKCS8 = /^302e020100300506032b65(?:6e|70)04220420/;
const SHORT_PKCS8_BYTES = 48;

/** The native import of Ed25519 and X25519 looks at neither version nor inner lengths. */
function checkShortPkcs8(name: string, data: Uint8Array): void {
  if (data.byteLength === SHORT_PKCS8_BYTES && !SHORT_PKCS8.test(data.toHex())) {
    throw dataError(`Cannot import the '${name}' key: its encoding is not that of such a key`);
  }
}

export async function importNative(
  parameters: Parameters,
  type: KeyType,
  format: string,
  data: Uint8Array<ArrayBuffer> | Jwk,
): Promise<Material> {
  const { name, namedCurve, hash } = parameters;
  const jwk = data instanceof Uint8Array ? undefined : data;
  if (format === "pkcs8" && name.endsWith("25519")) checkShortPkcs8(name, data as Uint8Array);
  const algorithm = importParameters({
    name,
    ...(namedCurve ? { namedCurve } : {}),
    ...(hash ? { hash: { name: hash } } : {}),
  });
  const key = await native("DataError", `Cannot import the '${name}' key`, () =>
    crypto.subtle.importKey(
      format as "jwk",
      (jwk ? bareJwk(jwk) : data) as JsonWebKey,
      algorithm as "Ed25519",
      true,
      nativeUsages(name, type),
    ),
  );
  if (jwk?.kty === "OKP" && type === "private") await checkPair(key, jwk);
  return materialOf(key);
}

export async function generateNative({
  name,
  hash,
  namedCurve,
  modulusLength,
  publicExponent = [],
}: Parameters): Promise<{ publicKey: Material; privateKey: Material }> {
  const algorithm = {
    name,
    ...(hash ? { hash } : {}),
    ...(namedCurve ? { namedCurve } : {}),
    ...(modulusLength ? { modulusLength, publicExponent: Uint8Array.from(publicExponent) } : {}),
  };
  const usages = [...new Set([...nativeUsages(name, "private"), ...nativeUsages(name, "public")])];
  const pair = await native("OperationError", `Cannot generate the '${name}' key`, () =>
    crypto.subtle.generateKey(algorithm as EcKeyGenParams, true, usages),
  );
  const [publicKey, privateKey] = await Promise.all([
    materialOf(pair.publicKey),
    materialOf(pair.privateKey),
  ]);
  return { publicKey, privateKey };
}

/** Arguments as they came from the guest. */
export async function exportNative(
  context: HostContext,
  format: string,
  type: HostValue,
  algorithm: HostValue,
  material: HostValue,
): Promise<Uint8Array | Jwk> {
  const exported = await native("OperationError", "Cannot export the key", async () =>
    crypto.subtle.exportKey(format as "jwk", await nativeKey(context, type, algorithm, material)),
  );
  return exported instanceof ArrayBuffer ? new Uint8Array(exported) : (exported as Jwk);
}

export async function nativePublicKey(
  context: HostContext,
  type: HostValue,
  algorithm: HostValue,
  material: HostValue,
): Promise<Material> {
  const key = await nativeKey(context, type, algorithm, material);
  const subtle = crypto.subtle as SubtleCrypto & {
    getPublicKey(key: CryptoKey, usages: KeyUsage[]): Promise<CryptoKey>;
  };
  const found = await native("OperationError", "Cannot get the public key", () =>
    subtle.getPublicKey(key, nativeUsages(key.algorithm.name, "public")),
  );
  return materialOf(found);
}
