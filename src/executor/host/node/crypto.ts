/**
 * node:crypto over the host's. Hashes and ciphers keep no state here: the guest sends all input at once, so that an
 * image of a half-fed hash is only bytes like any other.
 */
import * as crypto from "node:crypto";
import { promisify } from "node:util";
import { HostError, type HostOperations, type HostValue } from "../host-function.ts";

/** Derivations block a core and take memory; what asks for more than this is refused. */
const ITERATIONS_MAX = 5_000_000;
const SCRYPT_BYTES_MAX = 64 << 20;
const MODULUS_BITS_MAX = 4096;
const HASH_BYTES_MAX = 1 << 20;
const RANDOM_BYTES_MAX = 16 << 20;

type Settings = Record<string, unknown>;
const settingsOf = (json: HostValue): Settings => JSON.parse(String(json)) as Settings;
const bytesOf = (value: HostValue): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(0);

/** Node's errors go to the guest with their code. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { name, message, code } = error as { name: string; message: string; code?: unknown };
    throw new HostError(
      ["TypeError", "RangeError"].includes(name) ? name : "Error",
      message,
      typeof code === "string" ? code : "",
    );
  }
}

function checkScrypt({
  N = 16_384,
  r = 8,
  p = 1,
}: {
  N?: number;
  r?: number;
  p?: number;
}): crypto.ScryptOptions {
  if (128 * N * r * p > SCRYPT_BYTES_MAX)
    throw new HostError(
      "RangeError",
      "Invalid scrypt params: memory limit exceeded",
      "ERR_CRYPTO_INVALID_SCRYPT_PARAMS",
    );
  return { N, r, p, maxmem: 2 * SCRYPT_BYTES_MAX };
}

function checkIterations(value: HostValue): number {
  if (Number(value) > ITERATIONS_MAX)
    throw new HostError(
      "RangeError",
      `More than ${ITERATIONS_MAX} iterations are refused`,
      "ERR_OUT_OF_RANGE",
    );
  return Number(value);
}

interface CipherSettings {
  algorithm: string;
  decrypt: boolean;
  final: boolean;
  padding: boolean;
  tagLength?: number;
}

/** All output for all input; at the end with the authentication tag behind it, where the mode has one. */
function runCipher(
  json: HostValue,
  key: HostValue,
  iv: HostValue,
  aad: HostValue,
  tag: HostValue,
  data: HostValue,
): Uint8Array {
  const { algorithm, decrypt, final, padding, tagLength } = settingsOf(
    json,
  ) as unknown as CipherSettings;
  const options = tagLength === undefined ? undefined : ({ authTagLength: tagLength } as never);
  const vector = iv instanceof Uint8Array ? iv : null;
  const cipher = decrypt
    ? crypto.createDecipheriv(algorithm, bytesOf(key), vector, options)
    : crypto.createCipheriv(algorithm, bytesOf(key), vector, options);
  if (!padding) cipher.setAutoPadding(false);
  const authenticated = cipher as crypto.CipherGCM & crypto.DecipherGCM;
  if (bytesOf(aad).length > 0)
    authenticated.setAAD(bytesOf(aad), { plaintextLength: bytesOf(data).length });
  if (decrypt && bytesOf(tag).length > 0) authenticated.setAuthTag(bytesOf(tag));
  const output = cipher.update(bytesOf(data));
  if (!final) return output;
  const end = cipher.final();
  const made =
    !decrypt && /gcm|ccm|ocb|poly1305/i.test(algorithm)
      ? authenticated.getAuthTag()
      : Buffer.alloc(0);
  return Buffer.concat([output, end, made]);
}

type KeyInput = Settings & { key?: unknown; base64?: string };

/** Keys cross as text: PEM, a JWK, or base64 of DER. */
function keyInput(json: HostValue): crypto.PrivateKeyInput & crypto.PublicKeyInput {
  const input = settingsOf(json) as KeyInput;
  const key = input.base64 === undefined ? input.key : Buffer.from(input.base64, "base64");
  return { ...input, key } as never;
}

function describeKey(key: crypto.KeyObject): string {
  const type = key.type === "private" ? "pkcs8" : "spki";
  return JSON.stringify(
    {
      type: key.type,
      pem: String(key.export({ type, format: "pem" } as never)),
      asymmetricKeyType: key.asymmetricKeyType,
      asymmetricKeyDetails: key.asymmetricKeyDetails,
    },
    (_name, value: unknown) => (typeof value === "bigint" ? Number(value) : value),
  );
}

function exportKey(pem: HostValue, json: HostValue): Uint8Array | string {
  const { type, options } = settingsOf(json) as { type: string; options: object };
  const secret = type === "private";
  const key = secret ? crypto.createPrivateKey(String(pem)) : crypto.createPublicKey(String(pem));
  const settings = { type: secret ? "pkcs8" : "spki", ...options };
  const exported: unknown = key.export(settings as never);
  if (typeof exported === "string" || exported instanceof Uint8Array) return exported;
  return JSON.stringify(exported);
}

/** Prime search is unbounded in time; these are what is asked for in practice. */
function pairSettings(type: HostValue, json: HostValue): Settings {
  const settings = settingsOf(json);
  const bits = Number(settings["modulusLength"] ?? 0);
  const known = ["rsa", "rsa-pss", "ec", "ed25519", "x25519"].includes(String(type));
  if (!known || bits > MODULUS_BITS_MAX)
    throw new HostError(
      "RangeError",
      `Key pairs of type ${String(type)} with ${bits} bits are refused`,
      "ERR_OUT_OF_RANGE",
    );
  return settings;
}

/** A pair of the curve; the one with the private key, where that is given. */
function ecdhOf(curve: HostValue, privateKey?: HostValue): crypto.ECDH {
  const ecdh = crypto.createECDH(String(curve));
  if (privateKey !== undefined) ecdh.setPrivateKey(bytesOf(privateKey));
  return ecdh;
}

function ecdhGenerate(curve: HostValue, onlyCheck: HostValue): Uint8Array | null {
  const ecdh = ecdhOf(curve);
  if (onlyCheck === true) return null;
  ecdh.generateKeys();
  return ecdh.getPrivateKey();
}

const scrypt = promisify(crypto.scrypt) as (
  password: Uint8Array,
  salt: Uint8Array,
  length: number,
  options: crypto.ScryptOptions,
) => Promise<Buffer>;
const pbkdf2 = promisify(crypto.pbkdf2);

const operations: HostOperations = {
  "nodecrypto.hash": (_context, algorithm, data, length) =>
    crypto
      .createHash(
        String(algorithm),
        length === undefined
          ? undefined
          : { outputLength: Math.min(Number(length), HASH_BYTES_MAX) },
      )
      .update(bytesOf(data))
      .digest(),
  "nodecrypto.hmac": (_context, algorithm, key, data) =>
    crypto.createHmac(String(algorithm), bytesOf(key)).update(bytesOf(data)).digest(),
  "nodecrypto.names": () =>
    JSON.stringify([crypto.getHashes(), crypto.getCiphers(), crypto.getCurves()]),
  "nodecrypto.cipherInfo": (_context, name) =>
    JSON.stringify(crypto.getCipherInfo(String(name)) ?? null),
  "nodecrypto.random": (_context, size) => {
    if (Number(size) > RANDOM_BYTES_MAX)
      throw new HostError(
        "RangeError",
        `More than ${RANDOM_BYTES_MAX} random bytes at once are refused`,
        "ERR_OUT_OF_RANGE",
      );
    return crypto.randomBytes(Number(size));
  },
  "nodecrypto.pbkdf2": (_context, password, salt, iterations, length, digest) =>
    crypto.pbkdf2Sync(
      bytesOf(password),
      bytesOf(salt),
      checkIterations(iterations),
      Number(length),
      String(digest),
    ),
  "nodecrypto.scrypt": (_context, password, salt, length, json) =>
    crypto.scryptSync(
      bytesOf(password),
      bytesOf(salt),
      Number(length),
      checkScrypt(settingsOf(json)),
    ),
  "nodecrypto.hkdf": (_context, digest, key, salt, info, length) =>
    new Uint8Array(
      crypto.hkdfSync(String(digest), bytesOf(key), bytesOf(salt), bytesOf(info), Number(length)),
    ),
  "nodecrypto.cipher": (_context, json, key, iv, aad, tag, data) =>
    runCipher(json, key, iv, aad, tag, data),
  "nodecrypto.privateKey": (_context, json) => describeKey(crypto.createPrivateKey(keyInput(json))),
  "nodecrypto.publicKey": (_context, json) => describeKey(crypto.createPublicKey(keyInput(json))),
  "nodecrypto.exportKey": (_context, pem, json) => exportKey(pem, json),
  "nodecrypto.sign": (_context, algorithm, json, data) =>
    crypto.sign(algorithm === null ? null : String(algorithm), bytesOf(data), keyInput(json)),
  "nodecrypto.verify": (_context, algorithm, json, data, signature) =>
    crypto.verify(
      algorithm === null ? null : String(algorithm),
      bytesOf(data),
      keyInput(json),
      bytesOf(signature),
    ),
  "nodecrypto.publicEncrypt": (_context, json, data) =>
    crypto.publicEncrypt(keyInput(json), bytesOf(data)),
  "nodecrypto.privateDecrypt": (_context, json, data) =>
    crypto.privateDecrypt(keyInput(json), bytesOf(data)),
  "nodecrypto.generatePair": (_context, type, json) => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync(
      type as "rsa",
      pairSettings(type, json) as never,
    ) as unknown as Record<string, crypto.KeyObject>;
    if (publicKey === undefined || privateKey === undefined)
      throw new Error("No key pair was made");
    return JSON.stringify([describeKey(publicKey), describeKey(privateKey)]);
  },
  "nodecrypto.ecdhGenerate": (_context, curve, onlyCheck) => ecdhGenerate(curve, onlyCheck),
  "nodecrypto.ecdhPublic": (_context, curve, key) => ecdhOf(curve, key).getPublicKey(),
  "nodecrypto.ecdhSecret": (_context, curve, key, point) =>
    ecdhOf(curve, key).computeSecret(bytesOf(point)),
  "nodecrypto.ecdhPoint": (_context, curve, point) =>
    crypto.ECDH.convertKey(bytesOf(point), String(curve)),
};

const guardedOperations: HostOperations = Object.fromEntries(
  Object.entries(operations).map(([name, operation]) => [
    name,
    (context, ...args) => guarded(() => operation(context, ...args)),
  ]),
);

export const nodeCryptoOperations: HostOperations = {
  ...guardedOperations,
  "nodecrypto.pbkdf2Async": (_context, password, salt, iterations, length, digest) =>
    pbkdf2(
      bytesOf(password),
      bytesOf(salt),
      checkIterations(iterations),
      Number(length),
      String(digest),
    ),
  "nodecrypto.scryptAsync": (_context, password, salt, length, json) =>
    scrypt(bytesOf(password), bytesOf(salt), Number(length), checkScrypt(settingsOf(json))),
};
