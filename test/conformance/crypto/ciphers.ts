import type { CaseTable } from "../outcomes.ts";
import { counting, hex, subtle, unhex, utf8 } from "./bytes.ts";

const AES_USAGES: KeyUsage[] = ["encrypt", "decrypt"];
const aesKey = (name: string, raw: BufferSource): Promise<CryptoKey> =>
  subtle.importKey("raw", raw, name, true, AES_USAGES);

const KEY = unhex("2b7e151628aed2a6abf7158809cf4f3c");
const BLOCKS = unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");

/** Encrypts, decrypts again and gives the ciphertext, or says that the round trip failed. */
async function roundTrip(
  algorithm: AesCbcParams | AesCtrParams | AesGcmParams,
  raw: BufferSource,
  data: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const key = await aesKey(algorithm.name, raw);
  const encrypted = await subtle.encrypt(algorithm, key, data);
  const decrypted = await subtle.decrypt(algorithm, key, encrypted);
  return hex(decrypted) === hex(data) ? hex(encrypted) : "the round trip failed";
}

const SIZES = [0, 1, 15, 16, 17, 31, 32, 33, 100];
const KEYS = [16, 24, 32].map(counting);
const iv = counting(16);

const everySize = (algorithm: (size: number) => AesCbcParams | AesCtrParams | AesGcmParams) => () =>
  Promise.all(
    KEYS.flatMap((raw) => SIZES.map((size) => roundTrip(algorithm(size), raw, counting(size)))),
  );

export const cipherCases: CaseTable = {
  "AES-CBC of SP 800-38A": () => roundTrip({ name: "AES-CBC", iv }, KEY, BLOCKS),
  "AES-CTR of SP 800-38A": () =>
    roundTrip(
      { name: "AES-CTR", counter: unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), length: 64 },
      KEY,
      BLOCKS,
    ),
  "AES-GCM test case 4 of the GCM submission": () =>
    roundTrip(
      {
        name: "AES-GCM",
        iv: unhex("cafebabefacedbaddecaf888"),
        additionalData: unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
      },
      unhex("feffe9928665731c6d6a8f9467308308"),
      unhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      ),
    ),
  "AES-CBC at every size and key": everySize(() => ({ name: "AES-CBC", iv })),
  "AES-CTR at every size and key": everySize(() => ({ name: "AES-CTR", counter: iv, length: 128 })),
  "AES-GCM at every size and key": everySize(() => ({ name: "AES-GCM", iv: counting(12) })),
  "AES-GCM with every tag length": () =>
    Promise.all(
      [96, 104, 112, 120, 128].map((tagLength) =>
        roundTrip({ name: "AES-GCM", iv: counting(12), tagLength }, KEY, BLOCKS),
      ),
    ),
  "AES-GCM with other iv lengths": () =>
    Promise.all(
      [12, 16].map((length) => roundTrip({ name: "AES-GCM", iv: counting(length) }, KEY, BLOCKS)),
    ),
  "AES-CTR wraps its counter inside the length": () =>
    Promise.all(
      [8, 16, 31, 32, 33, 64, 65, 128].map((length) =>
        roundTrip(
          { name: "AES-CTR", counter: new Uint8Array(16).fill(255), length },
          KEY,
          counting(100),
        ),
      ),
    ),
  "AES of more data than one turn does": async () => {
    const data = new Uint8Array(200_000).fill(5);
    const results = await Promise.all([
      roundTrip({ name: "AES-CBC", iv }, KEY, data),
      roundTrip({ name: "AES-CTR", counter: new Uint8Array(16).fill(255), length: 24 }, KEY, data),
      roundTrip({ name: "AES-GCM", iv: counting(12) }, KEY, data),
    ]);
    return Promise.all(
      results.map(async (text) => hex(await subtle.digest("SHA-256", utf8(text)))),
    );
  },
  "AES-GCM refuses what was changed": async () => {
    const key = await aesKey("AES-GCM", KEY);
    const algorithm = { name: "AES-GCM", iv: counting(12) };
    const encrypted = new Uint8Array(await subtle.encrypt(algorithm, key, BLOCKS));
    encrypted[3] = (encrypted[3] ?? 0) ^ 1;
    return hex(await subtle.decrypt(algorithm, key, encrypted));
  },
  "AES-CBC refuses bad padding": async () =>
    hex(await subtle.decrypt({ name: "AES-CBC", iv }, await aesKey("AES-CBC", KEY), BLOCKS)),
  "AES-CBC refuses half a block": async () =>
    hex(await subtle.decrypt({ name: "AES-CBC", iv }, await aesKey("AES-CBC", KEY), counting(17))),
  "AES-CBC refuses a short iv": async () =>
    hex(
      await subtle.encrypt(
        { name: "AES-CBC", iv: counting(15) },
        await aesKey("AES-CBC", KEY),
        BLOCKS,
      ),
    ),
  "AES-CTR refuses a short counter": async () =>
    hex(
      await subtle.encrypt(
        { name: "AES-CTR", counter: counting(15), length: 8 },
        await aesKey("AES-CTR", KEY),
        BLOCKS,
      ),
    ),
  "AES-CTR refuses lengths of 0 and 129": async () => {
    const key = await aesKey("AES-CTR", KEY);
    const names: string[] = [];
    for (const length of [0, 129]) {
      await subtle
        .encrypt({ name: "AES-CTR", counter: iv, length }, key, BLOCKS)
        .catch((error: Error) => names.push(error.name));
    }
    return names;
  },
  "AES-GCM refuses a tag of 97 bits": async () =>
    hex(
      await subtle.encrypt(
        { name: "AES-GCM", iv: counting(12), tagLength: 97 },
        await aesKey("AES-GCM", KEY),
        BLOCKS,
      ),
    ),
  "AES-GCM refuses data shorter than its tag": async () =>
    hex(
      await subtle.decrypt(
        { name: "AES-GCM", iv: counting(12) },
        await aesKey("AES-GCM", KEY),
        counting(15),
      ),
    ),
  "AES-KW of RFC 3394": async () => {
    const wrapping = await subtle.importKey("raw", counting(16), "AES-KW", true, [
      "wrapKey",
      "unwrapKey",
    ]);
    const secret = unhex("00112233445566778899aabbccddeeff");
    const key = await subtle.importKey("raw", secret, "AES-CBC", true, AES_USAGES);
    const wrapped = await subtle.wrapKey("raw", key, wrapping, "AES-KW");
    const unwrapped = await subtle.unwrapKey(
      "raw",
      wrapped,
      wrapping,
      "AES-KW",
      "AES-CBC",
      true,
      AES_USAGES,
    );
    return [hex(wrapped), hex(await subtle.exportKey("raw", unwrapped))];
  },
  "AES-KW refuses a changed wrap": async () => {
    const wrapping = await subtle.importKey("raw", counting(16), "AES-KW", true, [
      "wrapKey",
      "unwrapKey",
    ]);
    return subtle.unwrapKey("raw", counting(24), wrapping, "AES-KW", "AES-CBC", true, AES_USAGES);
  },
  "wrapping as JWK by AES-GCM": async () => {
    const wrapping = await subtle.importKey("raw", counting(16), "AES-GCM", true, [
      "wrapKey",
      "unwrapKey",
    ]);
    const key = await subtle.importKey(
      "raw",
      counting(32),
      { name: "HMAC", hash: "SHA-256" },
      true,
      ["sign"],
    );
    const algorithm = { name: "AES-GCM", iv: counting(12) };
    const wrapped = await subtle.wrapKey("jwk", key, wrapping, algorithm);
    const unwrapped = await subtle.unwrapKey(
      "jwk",
      wrapped,
      wrapping,
      algorithm,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    return [
      unwrapped.extractable,
      unwrapped.algorithm,
      unwrapped.usages,
      hex(await subtle.sign("HMAC", unwrapped, KEY)),
    ];
  },
  "RSA-OAEP with and without a label": async () => {
    const pair = await subtle.generateKey(
      {
        name: "RSA-OAEP",
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      },
      true,
      ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
    );
    const label = utf8("label");
    const encrypted = await subtle.encrypt({ name: "RSA-OAEP", label }, pair.publicKey, KEY);
    const plain = await subtle.encrypt("RSA-OAEP", pair.publicKey, KEY);
    const wrongLabel = await subtle
      .decrypt("RSA-OAEP", pair.privateKey, encrypted)
      .catch((error: Error) => error.name);
    return [
      encrypted.byteLength,
      hex(await subtle.decrypt({ name: "RSA-OAEP", label }, pair.privateKey, encrypted)),
      hex(await subtle.decrypt("RSA-OAEP", pair.privateKey, plain)),
      wrongLabel,
      await subtle
        .encrypt("RSA-OAEP", pair.publicKey, counting(191))
        .then(hex, (error: Error) => error.name),
      await subtle
        .encrypt("RSA-OAEP", pair.privateKey, KEY)
        .then(hex, (error: Error) => error.name),
    ];
  },
};
