/** Import, generation and export of asymmetric keys, kept as pkcs8 or spki between uses. */
import type { HostContext, HostOperations, HostValue } from "../host-function.ts";
import {
  exportCurve448,
  generateCurve448,
  importCurve448,
  isCurve448,
  publicMaterial,
} from "./curve448.ts";
import { dataError, domError, notSupported, operationError, syntaxError } from "./errors.ts";
import { family, type Family } from "./families.ts";
import { checkJwk, readJwk, type Jwk } from "./jwk.ts";
import type { KeyAlgorithm, KeyRecord, KeyType } from "./keys.ts";
import {
  exportNative,
  generateNative,
  importNative,
  nativePublicKey,
  type Material,
} from "./native-pairs.ts";
import { bytesOf, readParameters, type Parameters } from "./parameters.ts";
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

function recordOf(
  type: KeyType,
  { algorithm, material }: Material,
  extractable: boolean,
  usages: readonly string[],
): KeyRecord {
  return { type, extractable, usages, algorithm: JSON.stringify(algorithm), material };
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
  const given = jwk ?? bytesOf(data);
  const made = isCurve448(name)
    ? { algorithm: { name }, material: importCurve448(name, type, format, given) }
    : await importNative(parameters, type, format, given);
  if (type === "private" && usages.length === 0)
    throw syntaxError("Cannot import the key: a private key needs at least one usage");
  return JSON.stringify(recordOf(type, made, extractable, usages));
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

async function makePair(
  parameters: Parameters,
): Promise<{ publicKey: Material; privateKey: Material }> {
  const { name } = parameters;
  if (!isCurve448(name)) return generateNative(parameters);
  const { publicKey, privateKey } = generateCurve448(name);
  return {
    publicKey: { algorithm: { name }, material: publicKey },
    privateKey: { algorithm: { name }, material: privateKey },
  };
}

async function generateKey(
  context: HostContext,
  json: HostValue,
  extractable: boolean,
  csv: HostValue,
): Promise<string> {
  const parameters = readParameters(json, []);
  const { name, modulusLength } = parameters;
  const kind = family(name);
  const usages = listOf(csv);
  checkUsages(name, usages, [...kind.privateUsages, ...kind.publicUsages]);
  checkGeneration(parameters);
  const privateUsages = usages.filter((usage) => kind.privateUsages.includes(usage));
  const publicUsages = usages.filter((usage) => kind.publicUsages.includes(usage));
  if (privateUsages.length === 0)
    throw syntaxError("Cannot generate the key pair: its private key needs at least one usage");
  const pair = await spend(context, kind.generationMs(modulusLength ?? 0), () =>
    makePair(parameters),
  );
  const publicKey = recordOf("public", pair.publicKey, true, publicUsages);
  const privateKey = recordOf("private", pair.privateKey, extractable, privateUsages);
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
  const exported = isCurve448(name)
    ? exportCurve448(name, type as KeyType, String(material), format)
    : await exportNative(context, format, type, algorithm, material);
  if (exported instanceof Uint8Array) return exported;
  const { key_ops: _operations, ext: _ext, ...members } = exported;
  return JSON.stringify({ ...members, key_ops: listOf(csv ?? ""), ext: true });
}

async function getPublicKey(context: HostContext, args: HostValue[]): Promise<string> {
  const [type, algorithm, material, csv] = args;
  const { name } = JSON.parse(String(algorithm)) as KeyAlgorithm;
  const usages = listOf(csv ?? "");
  checkUsages(name, usages, family(name).publicUsages);
  const found = isCurve448(name)
    ? { algorithm: { name }, material: publicMaterial(name, String(material)) }
    : await nativePublicKey(context, type, algorithm, material);
  return JSON.stringify(recordOf("public", found, true, usages));
}

export const keyPairOperations: HostOperations = {
  "crypto.importKey": (_context, json, format, extractable, usages, data) =>
    importKey(json, String(format), extractable === true, usages, data),
  "crypto.generateKey": (context, json, extractable, usages) =>
    generateKey(context, json, extractable === true, usages),
  "crypto.exportKey": (context, format, ...args) => exportKey(context, String(format), args),
  "crypto.getPublicKey": (context, ...args) => getPublicKey(context, args),
};
