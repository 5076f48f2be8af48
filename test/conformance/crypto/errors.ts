import type { CaseTable } from "../outcomes.ts";
import { counting, subtle } from "./bytes.ts";

/** The name of the rejection, for calls whose types are wrong on purpose. */
const rejection = async (
  run: (subtle: Record<string, (...args: unknown[]) => Promise<unknown>>) => Promise<unknown>,
): Promise<unknown> =>
  run(subtle as never).then(
    () => "resolved",
    (error: Error) => error.name,
  );

const importing =
  (...args: unknown[]) =>
  () =>
    rejection(({ importKey }) => importKey?.apply(subtle, args) ?? Promise.resolve());
const generating =
  (...args: unknown[]) =>
  () =>
    rejection(({ generateKey }) => generateKey?.apply(subtle, args) ?? Promise.resolve());
const digesting =
  (...args: unknown[]) =>
  () =>
    rejection(({ digest }) => digest?.apply(subtle, args) ?? Promise.resolve());

const JWK = { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA" };
const HMAC = { name: "HMAC", hash: "SHA-256" };
const EC = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
};
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const RSA = {
  name: "RSA-PSS",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

export const errorCases: CaseTable = {
  "named errors are DOMExceptions with a code": async () => {
    const error: unknown = await subtle
      .digest("SHA-999", counting(1))
      .catch((thrown: unknown) => thrown);
    return error instanceof DOMException && [error.name, error.code, error instanceof Error];
  },
  "digest: unknown algorithm": digesting("SHA-999", counting(1)),
  "digest: an algorithm of another operation": digesting("AES-CBC", counting(1)),
  "digest: an algorithm without a name": digesting({}, counting(1)),
  "digest: data that is no buffer": digesting("SHA-256", "text"),
  "digest: null for data": digesting("SHA-256", null),
  "import: unknown format": importing("der", counting(16), "AES-CBC", true, ["encrypt"]),
  "import: unknown usage": importing("raw", counting(16), "AES-CBC", true, ["encode"]),
  "import: usages that are no sequence": importing("raw", counting(16), "AES-CBC", true, 5),
  "import: usages that do not fit": importing("raw", counting(16), "AES-CBC", true, ["sign"]),
  "import: no usages": importing("raw", counting(16), "AES-CBC", true, []),
  "import: wrong length": importing("raw", counting(15), "AES-CBC", true, ["encrypt"]),
  "import: wrong usage and wrong length": importing("raw", counting(15), "AES-CBC", true, ["sign"]),
  "import: raw from an object": importing("raw", JWK, "AES-CBC", true, ["encrypt"]),
  "import: JWK from bytes": importing("jwk", counting(16), "AES-CBC", true, ["encrypt"]),
  "import: HMAC without a hash": importing("raw", counting(16), "HMAC", true, ["sign"]),
  "import: HMAC with an unknown hash": importing(
    "raw",
    counting(16),
    { name: "HMAC", hash: "MD4" },
    true,
    ["sign"],
  ),
  "import: empty HMAC": importing("raw", new Uint8Array(), HMAC, true, ["sign"]),
  "import: spki for a secret key": importing("spki", counting(16), "AES-CBC", true, ["encrypt"]),
  "import: extractable HKDF": importing("raw", counting(16), "HKDF", true, ["deriveBits"]),
  "import: HKDF as JWK": importing("jwk", JWK, "HKDF", false, ["deriveBits"]),
  "import: garbage as spki": importing("spki", counting(40), ECDSA, true, ["verify"]),
  "import: garbage as pkcs8": importing("pkcs8", counting(40), ECDSA, true, ["sign"]),
  "import: unknown curve": importing(
    "raw",
    counting(65),
    { name: "ECDSA", namedCurve: "P-999" },
    true,
    ["verify"],
  ),
  "import: a point that is not on the curve": importing(
    "raw",
    new Uint8Array([4, ...counting(64)]),
    ECDSA,
    true,
    ["verify"],
  ),
  "import: short Ed25519": importing("raw", counting(31), "Ed25519", true, ["verify"]),
  "JWK: a good one": importing("jwk", JWK, "AES-CBC", true, ["encrypt"]),
  "JWK: empty": importing("jwk", {}, "AES-CBC", true, ["encrypt"]),
  "JWK: wrong kty": importing("jwk", { ...JWK, kty: "RSA" }, "AES-CBC", true, ["encrypt"]),
  "JWK: no k": importing("jwk", { kty: "oct" }, "AES-CBC", true, ["encrypt"]),
  "JWK: k that is not base64url": importing(
    "jwk",
    { kty: "oct", k: "AAAA+AAA/AAAAAAAAAAAA==" },
    "AES-CBC",
    true,
    ["encrypt"],
  ),
  "JWK: wrong alg": importing("jwk", { ...JWK, alg: "A256CBC" }, "AES-CBC", true, ["encrypt"]),
  "JWK: right alg": importing("jwk", { ...JWK, alg: "A128CBC" }, "AES-CBC", true, ["encrypt"]),
  "JWK: use of signing": importing("jwk", { ...JWK, use: "sig" }, "AES-CBC", true, ["encrypt"]),
  "JWK: key_ops without the usage": importing(
    "jwk",
    { ...JWK, key_ops: ["decrypt"] },
    "AES-CBC",
    true,
    ["encrypt"],
  ),
  "JWK: key_ops twice the same": importing(
    "jwk",
    { ...JWK, key_ops: ["encrypt", "encrypt"] },
    "AES-CBC",
    true,
    ["encrypt"],
  ),
  "JWK: ext false": importing("jwk", { ...JWK, ext: false }, "AES-CBC", true, ["encrypt"]),
  "JWK: ext false, not extractable": importing("jwk", { ...JWK, ext: false }, "AES-CBC", false, [
    "encrypt",
  ]),
  "JWK EC: a good one": importing("jwk", EC, ECDSA, true, ["verify"]),
  "JWK EC: other curve": importing("jwk", EC, { name: "ECDSA", namedCurve: "P-384" }, true, [
    "verify",
  ]),
  "JWK EC: not on the curve": importing("jwk", { ...EC, y: EC.x }, ECDSA, true, ["verify"]),
  "JWK EC: public with the usage of a private key": importing("jwk", EC, ECDSA, true, ["sign"]),
  "JWK EC: wrong alg": importing("jwk", { ...EC, alg: "ES384" }, ECDSA, true, ["verify"]),
  "generate: unknown algorithm": generating("AES-XYZ", true, ["encrypt"]),
  "generate: an AES length of 100": generating({ name: "AES-CBC", length: 100 }, true, ["encrypt"]),
  "generate: an AES length past 16 bits": generating(
    { name: "AES-CBC", length: 65_536 + 128 },
    true,
    ["encrypt"],
  ),
  "generate: no AES length": generating("AES-CBC", true, ["encrypt"]),
  "generate: usages that do not fit": generating({ name: "AES-CBC", length: 128 }, true, ["sign"]),
  "generate: usages that do not fit and a bad length": generating(
    { name: "AES-CBC", length: 100 },
    true,
    ["sign"],
  ),
  "generate: no usages": generating({ name: "AES-CBC", length: 128 }, true, []),
  "generate: an HMAC length of 0": generating({ ...HMAC, length: 0 }, true, ["sign"]),
  "generate: unknown curve": generating({ name: "ECDSA", namedCurve: "P-999" }, true, ["sign"]),
  "generate: an EC pair without usages": generating(ECDSA, true, []),
  "generate: an EC pair that only verifies": generating(ECDSA, true, ["verify"]),
  "generate: an RSA exponent of 1": generating(
    { ...RSA, publicExponent: new Uint8Array([1]) },
    true,
    ["sign"],
  ),
  "generate: no RSA exponent": generating({ ...RSA, publicExponent: undefined }, true, ["sign"]),
  "generate: HKDF": generating("HKDF", false, ["deriveBits"]),
  "an object that is no key": () =>
    rejection(
      ({ encrypt }) =>
        encrypt?.call(subtle, { name: "AES-CBC", iv: counting(16) }, {}, counting(1)) ??
        Promise.resolve(),
    ),
  "a getter that throws": () =>
    rejection(
      ({ digest }) =>
        digest?.call(
          subtle,
          {
            get name(): string {
              throw new RangeError("from the getter");
            },
          },
          counting(1),
        ) ?? Promise.resolve(),
    ),
};
