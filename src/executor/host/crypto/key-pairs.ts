/** Import, generation and export of asymmetric keys, kept as pkcs8 or spki between uses. */
import { createPublicKey } from "node:crypto";
import type { HostContext, HostOperations, HostValue } from "../host-function.ts";
import {
  domError,
  dataError,
  native,
  notSupported,
  operationError,
  syntaxError,
} from "./errors.ts";
import { checkJwk, readJwk, type Jwk } from "./jwk.ts";
import {
  importParameters,
  nativeKey,
  nativeUsages,
  type KeyAlgorithm,
  type KeyRecord,
  type KeyType,
} from "./keys.ts";
import { family, type Family } from "./families.ts";
import { bytesOf, readParameters, toBase64, type Parameters } from "./parameters.ts";
import { checkUsages, listOf } from "./secret-keys.ts";
import { spend } from "./work.ts";

const CURVES = ["P-256", "P-384", "P-521"];
const MODULUS_BITS_MAX = 4096;

function typeOf(format: string, jwk: Jwk | undefined, kind: Family): KeyType {
  if (jwk) return jwk[kind.privateMember] === undefined ? "public" : "private";
  return format === "pkcs8" || format === "raw-seed" || format === "raw-private"
    ? "private"
    : "public";
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

async function recordOf(
  key: CryptoKey,
  extractable: boolean,
  usages: readonly string[],
): Promise<KeyRecord> {
  const type = key.type;
  const material = await crypto.subtle.exportKey(type === "private" ? "pkcs8" : "spki", key);
  return {
    type,
    extractable,
    usages,
    algorithm: JSON.stringify(shown(key)),
    material: toBase64(material),
  };
}

function checkJwkAlgorithm(jwk: Jwk, parameters: Parameters, kind: Family): void {
  if (jwk.kty !== kind.kty) throw dataError(`Cannot import the JWK: kty is not '${kind.kty}'`);
  const wanted = kind.jwkAlgorithms(parameters);
  if (jwk.alg !== undefined && wanted !== undefined && !wanted.includes(jwk.alg)) {
    throw dataError(
      `Cannot import the JWK: alg '${jwk.alg}' is not ${wanted.map((alg) => `'${alg}'`).join(" or ")}`,
    );
  }
  if (kind.kty === "EC" && jwk.crv !== parameters.namedCurve)
    throw dataError(`Cannot import the JWK: crv is not '${parameters.namedCurve}'`);
  if (kind.kty === "OKP" && jwk.crv !== parameters.name)
    throw dataError(`Cannot import the JWK: crv is not '${parameters.name}'`);
}

/** What the native import needs of a JWK; the members that were checked already are left out. */
function bareJwk(jwk: Jwk): Jwk {
  const { use: _use, key_ops: _operations, ext: _ext, alg, ...bare } = jwk;
  return jwk.kty === "AKP" && alg !== undefined ? { ...bare, alg } : bare;
}

async function importKey(
  json: HostValue,
  format: string,
  extractable: boolean,
  csv: HostValue,
  data: HostValue,
): Promise<string> {
  const parameters = readParameters(json, []);
  const { name, namedCurve } = parameters;
  const kind = family(name);
  const usages = listOf(csv);
  if (!kind.formats.includes(format))
    throw notSupported(`Cannot import a '${name}' key from format '${format}'`);
  const jwk = format === "jwk" ? readJwk(data) : undefined;
  const type = typeOf(format, jwk, kind);
  checkUsages(name, usages, type === "private" ? kind.privateUsages : kind.publicUsages);
  if (namedCurve !== undefined && !CURVES.includes(namedCurve))
    throw dataError(badCurve(namedCurve));
  if (jwk) {
    checkJwk(jwk, { use: kind.use, extractable, usages });
    checkJwkAlgorithm(jwk, parameters, kind);
  }
  const key = await native("DataError", `Cannot import the '${name}' key`, () =>
    crypto.subtle.importKey(
      format as "jwk",
      (jwk ? bareJwk(jwk) : bytesOf(data)) as JsonWebKey,
      importParameters({
        name,
        ...(namedCurve ? { namedCurve } : {}),
        ...(parameters.hash ? { hash: { name: parameters.hash } } : {}),
      }) as "Ed25519",
      true,
      nativeUsages(name, type),
    ),
  );
  if (jwk && kind.kty === "OKP" && type === "private") await checkPair(key, jwk);
  if (type === "private" && usages.length === 0)
    throw syntaxError("Cannot import the key: a private key needs at least one usage");
  return JSON.stringify(await recordOf(key, extractable, usages));
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

const badCurve = (curve: string): string =>
  `Curve '${curve}' is not available: use ${CURVES.join(", ")}`;

function checkGeneration({ name, namedCurve, modulusLength, publicExponent }: Parameters): void {
  if (namedCurve !== undefined && !CURVES.includes(namedCurve))
    throw notSupported(badCurve(namedCurve));
  if (modulusLength === undefined) return;
  if (modulusLength < 256 || modulusLength > MODULUS_BITS_MAX) {
    throw operationError(
      `Cannot generate the '${name}' key: a modulus of ${modulusLength} bits is not 256 to ${MODULUS_BITS_MAX}`,
    );
  }
  const exponent = BigInt(`0x0${Buffer.from(publicExponent ?? []).toString("hex")}`);
  if (exponent !== 3n && exponent !== 65537n)
    throw operationError(
      `Cannot generate the '${name}' key: the public exponent is not 3 or 65537`,
    );
}

async function generateKey(
  context: HostContext,
  json: HostValue,
  extractable: boolean,
  csv: HostValue,
): Promise<string> {
  const parameters = readParameters(json, []);
  const { name, hash, namedCurve, modulusLength, publicExponent } = parameters;
  const kind = family(name);
  const usages = listOf(csv);
  checkUsages(name, usages, [...kind.privateUsages, ...kind.publicUsages]);
  checkGeneration(parameters);
  const privateUsages = usages.filter((usage) => kind.privateUsages.includes(usage));
  const publicUsages = usages.filter((usage) => kind.publicUsages.includes(usage));
  if (privateUsages.length === 0)
    throw syntaxError("Cannot generate the key pair: its private key needs at least one usage");
  const algorithm = {
    name,
    ...(hash ? { hash } : {}),
    ...(namedCurve ? { namedCurve } : {}),
    ...(modulusLength
      ? { modulusLength, publicExponent: Uint8Array.from(publicExponent ?? []) }
      : {}),
  };
  const natives = [...new Set([...nativeUsages(name, "private"), ...nativeUsages(name, "public")])];
  const pair = await spend(context, kind.generationMs(modulusLength ?? 0), () =>
    native("OperationError", `Cannot generate the '${name}' key`, () =>
      crypto.subtle.generateKey(algorithm as EcKeyGenParams, true, natives),
    ),
  );
  const [publicKey, privateKey] = await Promise.all([
    recordOf(pair.publicKey, true, publicUsages),
    recordOf(pair.privateKey, extractable, privateUsages),
  ]);
  return JSON.stringify({ publicKey, privateKey });
}

const FORMAT_TYPES: Readonly<Record<string, KeyType>> = {
  spki: "public",
  raw: "public",
  "raw-public": "public",
  pkcs8: "private",
  "raw-seed": "private",
  "raw-private": "private",
};

async function exportKey(
  context: HostContext,
  format: string,
  args: HostValue[],
): Promise<Uint8Array | string> {
  const [type, algorithm, material, csv] = args;
  const { name } = JSON.parse(String(algorithm)) as KeyAlgorithm;
  const kind = family(name);
  if (!kind.formats.includes(format))
    throw notSupported(`Cannot export a '${name}' key to format '${format}'`);
  if (format !== "jwk" && FORMAT_TYPES[format] !== type) {
    throw domError(
      "InvalidAccessError",
      `Cannot export a ${String(type)} key to format '${format}'`,
    );
  }
  const exported = await native("OperationError", `Cannot export the '${name}' key`, async () =>
    crypto.subtle.exportKey(format as "jwk", await nativeKey(context, type, algorithm, material)),
  );
  if (exported instanceof ArrayBuffer) return new Uint8Array(exported);
  const { key_ops: _operations, ext: _ext, ...members } = exported;
  return JSON.stringify({ ...members, key_ops: listOf(csv ?? ""), ext: true });
}

async function getPublicKey(context: HostContext, args: HostValue[]): Promise<string> {
  const [type, algorithm, material, csv] = args;
  const { name } = JSON.parse(String(algorithm)) as KeyAlgorithm;
  const usages = listOf(csv ?? "");
  checkUsages(name, usages, family(name).publicUsages);
  const key = await nativeKey(context, type, algorithm, material);
  const subtle = crypto.subtle as SubtleCrypto & {
    getPublicKey(key: CryptoKey, usages: KeyUsage[]): Promise<CryptoKey>;
  };
  const found = await native("OperationError", "Cannot get the public key", () =>
    subtle.getPublicKey(key, nativeUsages(name, "public")),
  );
  return JSON.stringify(await recordOf(found, true, usages));
}

export const keyPairOperations: HostOperations = {
  "crypto.importKey": (_context, json, format, extractable, usages, data) =>
    importKey(json, String(format), extractable === true, usages, data),
  "crypto.generateKey": (context, json, extractable, usages) =>
    generateKey(context, json, extractable === true, usages),
  "crypto.exportKey": (context, format, ...args) => exportKey(context, String(format), args),
  "crypto.getPublicKey": (context, ...args) => getPublicKey(context, args),
};
