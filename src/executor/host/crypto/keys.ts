/**
 * Keys on their way between guest and host. The guest owns the material (so that it survives images
 * and forks); the host imports it on use and keeps the result by content.
 */
import type { HostContext, HostValue } from "../host-function.ts";
import { fromBase64 } from "./parameters.ts";

export type KeyType = "secret" | "public" | "private";

/** An algorithm object in the form in which CryptoKey.algorithm shows it. */
export interface KeyAlgorithm {
  name: string;
  hash?: { name: string };
  length?: number;
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: number[];
}

/** See guest/crypto/key.ts. */
export interface KeyRecord {
  type: KeyType;
  extractable: boolean;
  usages: readonly string[];
  algorithm: string;
  material: string;
}

const CACHE_KEYS = 512;
/** Least recently used first. */
const cache = new Map<string, Promise<CryptoKey>>();

const NATIVE_USAGES: Readonly<Record<string, Partial<Record<KeyType, KeyUsage[]>>>> = {
  "AES-CBC": { secret: ["encrypt", "decrypt"] },
  "AES-CTR": { secret: ["encrypt", "decrypt"] },
  "AES-GCM": { secret: ["encrypt", "decrypt"] },
  "ChaCha20-Poly1305": { secret: ["encrypt", "decrypt"] },
  "RSA-OAEP": { public: ["encrypt"], private: ["decrypt"] },
  "RSA-PSS": { public: ["verify"], private: ["sign"] },
  "RSASSA-PKCS1-v1_5": { public: ["verify"], private: ["sign"] },
  ECDSA: { public: ["verify"], private: ["sign"] },
  ECDH: { public: [], private: ["deriveBits"] },
  Ed25519: { public: ["verify"], private: ["sign"] },
  X25519: { public: [], private: ["deriveBits"] },
  "ML-DSA-44": { public: ["verify"], private: ["sign"] },
  "ML-DSA-65": { public: ["verify"], private: ["sign"] },
  "ML-DSA-87": { public: ["verify"], private: ["sign"] },
  "ML-KEM-768": {
    public: ["encapsulateBits" as KeyUsage],
    private: ["decapsulateBits" as KeyUsage],
  },
  "ML-KEM-1024": {
    public: ["encapsulateBits" as KeyUsage],
    private: ["decapsulateBits" as KeyUsage],
  },
};

/** All that the native key may be used for; what the script may do is checked before. */
export const nativeUsages = (name: string, type: KeyType): KeyUsage[] =>
  NATIVE_USAGES[name]?.[type] ?? [];

const FORMATS: Record<KeyType, string> = { secret: "raw", public: "spki", private: "pkcs8" };

const secretFormat = (name: string): string => (name.startsWith("ChaCha") ? "raw-secret" : "raw");

export function importParameters(algorithm: KeyAlgorithm): AlgorithmIdentifier {
  const { name, hash, namedCurve } = algorithm;
  return {
    name,
    ...(hash ? { hash: hash.name } : {}),
    ...(namedCurve ? { namedCurve } : {}),
  };
}

function importNative(
  type: KeyType,
  algorithm: KeyAlgorithm,
  material: string,
): Promise<CryptoKey> {
  const format = type === "secret" ? secretFormat(algorithm.name) : FORMATS[type];
  return crypto.subtle.importKey(
    format as "raw",
    fromBase64(material),
    importParameters(algorithm),
    true,
    nativeUsages(algorithm.name, type),
  );
}

/**
 * The native key for a guest's. Cached per app, so that no app can learn by timing what another uses.
 */
export function nativeKey(
  context: HostContext,
  type: HostValue,
  algorithm: HostValue,
  material: HostValue,
): Promise<CryptoKey> {
  const id = `${context.script.appId} ${String(type)} ${String(algorithm)} ${String(material)}`;
  const known = cache.get(id);
  if (known) {
    cache.delete(id);
    cache.set(id, known);
    return known;
  }
  const imported = importNative(
    type as KeyType,
    JSON.parse(String(algorithm)) as KeyAlgorithm,
    String(material),
  );
  cache.set(id, imported);
  imported.catch(() => cache.delete(id));
  if (cache.size > CACHE_KEYS) {
    const [oldest] = cache.keys();
    if (oldest !== undefined) cache.delete(oldest);
  }
  return imported;
}
