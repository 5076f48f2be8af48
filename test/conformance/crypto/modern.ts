/** Algorithms of the newer draft. Bun lacks some of them, Deno has them. */
import type { CaseTable } from "../outcomes.ts";
import { counting, hex, subtle, unhex, utf8 } from "./bytes.ts";

const DATA = counting(200);
const digest = async (algorithm: object, data: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(await subtle.digest(algorithm as AlgorithmIdentifier, data));
const newer = subtle as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
const importRaw = (name: string, raw: Uint8Array, usages: string[]): Promise<CryptoKey> =>
  newer["importKey"]?.call(subtle, "raw-secret", raw, name, true, usages) as Promise<CryptoKey>;

async function aead(
  name: string,
  raw: Uint8Array<ArrayBuffer>,
  size: number,
  parameters: object,
): Promise<string> {
  const key = await importRaw(name, raw, ["encrypt", "decrypt"]);
  const algorithm = { name, iv: counting(12), ...parameters } as AesGcmParams;
  const encrypted = await subtle.encrypt(algorithm, key, counting(size));
  const decrypted = await subtle.decrypt(algorithm, key, encrypted);
  return hex(decrypted) === hex(counting(size)) ? hex(encrypted) : "the round trip failed";
}

const SIZES = [0, 1, 15, 16, 17, 32, 40, 100];

export const modernCases: CaseTable = {
  "cSHAKE of the NIST samples": () =>
    Promise.all([
      digest(
        { name: "cSHAKE128", outputLength: 256, customization: utf8("Email Signature") },
        counting(4),
      ),
      digest(
        { name: "cSHAKE256", outputLength: 512, customization: utf8("Email Signature") },
        DATA,
      ),
      digest({ name: "cSHAKE128", outputLength: 0 }, DATA),
    ]),
  TurboSHAKE: () =>
    Promise.all([
      digest({ name: "TurboSHAKE128", outputLength: 256 }, new Uint8Array()),
      digest({ name: "TurboSHAKE256", outputLength: 512, domainSeparation: 7 }, DATA),
    ]),
  KangarooTwelve: () =>
    Promise.all([
      digest({ name: "KT128", outputLength: 256 }, new Uint8Array()),
      digest({ name: "KT256", outputLength: 512, customization: utf8("c") }, DATA),
    ]),
  "KMAC of the NIST samples": async () => {
    const key = await importRaw(
      "KMAC128",
      Uint8Array.from({ length: 32 }, (_, index) => 0x40 + index),
      ["sign", "verify"],
    );
    const plain = { name: "KMAC128", outputLength: 256 };
    const signature = await subtle.sign(plain, key, counting(4));
    const tagged = await subtle.sign(
      { ...plain, customization: utf8("My Tagged Application") } as AlgorithmIdentifier,
      key,
      counting(4),
    );
    return [
      hex(signature),
      hex(tagged),
      await subtle.verify(plain, key, signature, counting(4)),
      await subtle.verify(plain, key, tagged, counting(4)),
      key.algorithm,
    ];
  },
  "KMAC keys": async () => {
    const key = (await newer["generateKey"]?.call(subtle, "KMAC256", true, ["sign"])) as CryptoKey;
    const jwk = await subtle.exportKey("jwk", key);
    return [key.algorithm, jwk.kty, jwk.alg, jwk.k?.length];
  },
  "AES-OCB of RFC 7253": () => {
    const nonce = unhex("BBAA99887766554433221101");
    return aead("AES-OCB", counting(16), 8, { iv: nonce, additionalData: counting(8) });
  },
  "AES-OCB at every size, key and tag": () =>
    Promise.all(
      [16, 24, 32].flatMap((length) =>
        SIZES.map((size) =>
          aead("AES-OCB", counting(length), size, {
            additionalData: counting(size + 3),
            tagLength: [64, 96, 128][size % 3],
          }),
        ),
      ),
    ),
  "ChaCha20-Poly1305 at every size": () =>
    Promise.all(
      SIZES.map((size) =>
        aead("ChaCha20-Poly1305", counting(32), size, { additionalData: counting(9) }),
      ),
    ),
  "ML-DSA signs and verifies": async () => {
    const pair = (await newer["generateKey"]?.call(subtle, "ML-DSA-44", true, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const signature = await subtle.sign("ML-DSA-44", pair.privateKey, DATA);
    return [
      signature.byteLength,
      await subtle.verify("ML-DSA-44", pair.publicKey, signature, DATA),
      await subtle.verify("ML-DSA-44", pair.publicKey, signature, counting(3)),
      pair.publicKey.algorithm,
    ];
  },
  "ML-KEM agrees on a key": async () => {
    const pair = (await newer["generateKey"]?.call(subtle, "ML-KEM-768", true, [
      "encapsulateBits",
      "decapsulateBits",
    ])) as CryptoKeyPair;
    const made = (await newer["encapsulateBits"]?.call(subtle, "ML-KEM-768", pair.publicKey)) as {
      sharedKey: ArrayBuffer;
      ciphertext: ArrayBuffer;
    };
    const found = (await newer["decapsulateBits"]?.call(
      subtle,
      "ML-KEM-768",
      pair.privateKey,
      made.ciphertext,
    )) as ArrayBuffer;
    return [
      made.sharedKey.byteLength,
      made.ciphertext.byteLength,
      hex(found) === hex(made.sharedKey),
    ];
  },
  "X448 of fixed keys, in every format": async () => {
    const pkcs8 = new Uint8Array([...unhex("3046020100300506032b656f043a0438"), ...counting(56)]);
    const own = await subtle.importKey("pkcs8", pkcs8, "X448", true, ["deriveBits"]);
    const other = new Uint8Array([
      ...unhex("3046020100300506032b656f043a0438"),
      ...counting(100).slice(44),
    ]);
    const jwk = await subtle.exportKey(
      "jwk",
      await subtle.importKey("pkcs8", other, "X448", true, ["deriveBits"]),
    );
    const { d: _d, key_ops: _operations, ...open } = jwk;
    const peer = await subtle.importKey("jwk", open, "X448", true, []);
    const bits = (length: number | null) =>
      subtle
        .deriveBits({ name: "X448", public: peer }, own, length as number)
        .then(hex, (error: Error) => error.name);
    return [
      await bits(null),
      await bits(256),
      await bits(456),
      jwk.crv,
      hex(await subtle.exportKey("raw", peer)),
      hex(await subtle.exportKey("spki", peer)),
      await subtle.importKey("raw", counting(55), "X448", true, []).then(
        () => "imported",
        (error: Error) => error.name,
      ),
    ];
  },
  "the public key of a private one": async () => {
    const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
      "sign",
      "verify",
    ]);
    const found = (await newer["getPublicKey"]?.call(subtle, pair.privateKey, [
      "verify",
    ])) as CryptoKey;
    return [
      found.type,
      found.usages,
      hex(await subtle.exportKey("raw", found)) ===
        hex(await subtle.exportKey("raw", pair.publicKey)),
    ];
  },
};
