/** What the asymmetric algorithms differ in when keys are made, imported and exported. */
import { notSupported } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

export interface Family {
  kty: "RSA" | "EC" | "OKP" | "AKP";
  use: "sig" | "enc";
  formats: readonly string[];
  publicUsages: readonly string[];
  privateUsages: readonly string[];
  /** The JWK member that only a private key has. */
  privateMember: string;
  /** Values that `alg` may have, or undefined when it is not looked at. */
  jwkAlgorithms(parameters: Parameters): readonly string[] | undefined;
  /** Rough cost of generation on a small board. */
  generationMs(modulusBits: number): number;
}

const SIGN = { use: "sig", publicUsages: ["verify"], privateUsages: ["sign"] } as const;
const DERIVE = {
  use: "enc",
  publicUsages: [],
  privateUsages: ["deriveKey", "deriveBits"],
} as const;
const hashBits = (parameters: Parameters): string => parameters.hash?.slice(4) ?? "";
const cheap = (): number => 1;

const RSA = {
  kty: "RSA",
  formats: ["spki", "pkcs8", "jwk"],
  privateMember: "d",
  generationMs: (bits: number) => (bits / 1024) ** 3 * 12,
} as const;
const CURVE = {
  kty: "EC",
  formats: ["raw", "raw-public", "spki", "pkcs8", "jwk"],
  privateMember: "d",
  generationMs: cheap,
} as const;
const OCTET = {
  kty: "OKP",
  formats: ["raw", "raw-public", "spki", "pkcs8", "jwk"],
  privateMember: "d",
  generationMs: cheap,
} as const;
const SEEDED = {
  kty: "AKP",
  formats: ["raw-public", "raw-seed", "spki", "pkcs8", "jwk"],
  privateMember: "priv",
  generationMs: cheap,
} as const;

const CURVE_ALGORITHMS: Readonly<Record<string, string>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
};
const own = ({ name }: Parameters): readonly string[] => [name];
const mlDsa: Family = { ...SEEDED, ...SIGN, jwkAlgorithms: own };
const mlKem: Family = {
  ...SEEDED,
  use: "enc",
  publicUsages: ["encapsulateKey", "encapsulateBits"],
  privateUsages: ["decapsulateKey", "decapsulateBits"],
  jwkAlgorithms: own,
};

const FAMILIES: Readonly<Record<string, Family>> = {
  "RSASSA-PKCS1-v1_5": {
    ...RSA,
    ...SIGN,
    jwkAlgorithms: (parameters) => [`RS${hashBits(parameters)}`],
  },
  "RSA-PSS": { ...RSA, ...SIGN, jwkAlgorithms: (parameters) => [`PS${hashBits(parameters)}`] },
  "RSA-OAEP": {
    ...RSA,
    use: "enc",
    publicUsages: ["encrypt", "wrapKey"],
    privateUsages: ["decrypt", "unwrapKey"],
    jwkAlgorithms: (parameters) => [
      hashBits(parameters) === "1" ? "RSA-OAEP" : `RSA-OAEP-${hashBits(parameters)}`,
    ],
  },
  ECDSA: {
    ...CURVE,
    ...SIGN,
    jwkAlgorithms: ({ namedCurve = "" }) => [CURVE_ALGORITHMS[namedCurve] ?? ""],
  },
  ECDH: { ...CURVE, ...DERIVE, jwkAlgorithms: () => undefined },
  Ed25519: { ...OCTET, ...SIGN, jwkAlgorithms: () => ["Ed25519", "EdDSA"] },
  X25519: { ...OCTET, ...DERIVE, jwkAlgorithms: () => undefined },
  Ed448: { ...OCTET, ...SIGN, jwkAlgorithms: () => ["Ed448", "EdDSA"] },
  X448: { ...OCTET, ...DERIVE, jwkAlgorithms: () => undefined },
  "ML-DSA-44": mlDsa,
  "ML-DSA-65": mlDsa,
  "ML-DSA-87": mlDsa,
  "ML-KEM-768": mlKem,
  "ML-KEM-1024": mlKem,
};

export function family(name: string): Family {
  const found = FAMILIES[name];
  if (found === undefined) throw notSupported(`Algorithm '${name}' has no key pairs here`);
  return found;
}
