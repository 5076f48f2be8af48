import type { CaseTable } from "../outcomes.ts";
import { counting, hex, subtle, unhex, utf8 } from "./bytes.ts";

const base = (name: string, raw: BufferSource): Promise<CryptoKey> =>
  subtle.importKey("raw", raw, name, false, ["deriveBits", "deriveKey"]);
const CURVES = ["P-256", "P-384", "P-521"];
const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
const nameOf = (error: Error): string => error.name;

export const derivationCases: CaseTable = {
  "HKDF of RFC 5869 test 1": async () => {
    const key = await base("HKDF", unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
    const algorithm = {
      name: "HKDF",
      hash: "SHA-256",
      salt: counting(13),
      info: unhex("f0f1f2f3f4f5f6f7f8f9"),
    };
    return hex(await subtle.deriveBits(algorithm, key, 336));
  },
  "HKDF with every hash": async () => {
    const key = await base("HKDF", counting(20));
    return Promise.all(
      HASHES.map(async (hash) =>
        hex(
          await subtle.deriveBits(
            { name: "HKDF", hash, salt: new Uint8Array(), info: new Uint8Array() },
            key,
            512,
          ),
        ),
      ),
    );
  },
  "HKDF lengths": async () => {
    const key = await base("HKDF", counting(20));
    const derive = (length: number | null) =>
      subtle
        .deriveBits(
          { name: "HKDF", hash: "SHA-256", salt: counting(3), info: counting(4) },
          key,
          length,
        )
        .then(hex, nameOf);
    return [await derive(8), await derive(12), await derive(null), await derive(255 * 256 + 8)];
  },
  "PBKDF2 of RFC 6070": async () => {
    const derive = async (password: string, salt: string, iterations: number, bytes: number) =>
      hex(
        await subtle.deriveBits(
          { name: "PBKDF2", hash: "SHA-1", salt: utf8(salt), iterations },
          await base("PBKDF2", utf8(password)),
          bytes * 8,
        ),
      );
    return [
      await derive("password", "salt", 1, 20),
      await derive("password", "salt", 4_096, 20),
      await derive("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4_096, 25),
      await derive("pass\0word", "sa\0lt", 4_096, 16),
    ];
  },
  "PBKDF2 with an empty password and salt": async () =>
    Promise.all(
      HASHES.map(async (hash) =>
        hex(
          await subtle.deriveBits(
            { name: "PBKDF2", hash, salt: new Uint8Array(), iterations: 7 },
            await base("PBKDF2", new Uint8Array()),
            256,
          ),
        ),
      ),
    ),
  "PBKDF2 refuses no iterations and half bytes": async () => {
    const key = await base("PBKDF2", utf8("p"));
    const derive = (iterations: number, length: number | null) =>
      subtle
        .deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: utf8("s"), iterations }, key, length)
        .then(hex, nameOf);
    return [await derive(0, 256), await derive(1, 255), await derive(1, null)];
  },
  "PBKDF2 to an AES and an HMAC key": async () => {
    const key = await base("PBKDF2", utf8("secret"));
    const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: utf8("s"), iterations: 10 };
    const aes = await subtle.deriveKey(algorithm, key, { name: "AES-GCM", length: 256 }, true, [
      "encrypt",
    ]);
    const hmac = await subtle.deriveKey(algorithm, key, { name: "HMAC", hash: "SHA-512" }, true, [
      "sign",
    ]);
    const short = await subtle.deriveKey(
      algorithm,
      key,
      { name: "HMAC", hash: "SHA-1", length: 128 },
      true,
      ["sign"],
    );
    return [
      hex(await subtle.exportKey("raw", aes)),
      aes.algorithm,
      hex(await subtle.exportKey("raw", hmac)),
      hmac.algorithm,
      hex(await subtle.exportKey("raw", short)),
    ];
  },
  "X25519 of fixed keys": async () => {
    const pkcs8 = new Uint8Array([...unhex("302e020100300506032b656e04220420"), ...counting(32)]);
    const privateKey = await subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]);
    const bob = unhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const peer = await subtle.importKey("raw", bob, "X25519", true, []);
    return [
      hex(await subtle.deriveBits({ name: "X25519", public: peer }, privateKey, 256)),
      hex(await subtle.deriveBits({ name: "X25519", public: peer }, privateKey, 100)),
    ];
  },
  "X25519 refuses a key of small order": async () => {
    const pair = await subtle.generateKey("X25519", true, ["deriveBits"]);
    const peer = await subtle.importKey("raw", new Uint8Array(32), "X25519", true, []);
    return hex(await subtle.deriveBits({ name: "X25519", public: peer }, pair.privateKey, 256));
  },
  "ECDH agrees on every curve": () =>
    Promise.all(
      CURVES.map(async (namedCurve) => {
        const make = () =>
          subtle.generateKey({ name: "ECDH", namedCurve }, true, ["deriveBits", "deriveKey"]);
        const [alice, bob] = await Promise.all([make(), make()]);
        const one = await subtle.deriveBits(
          { name: "ECDH", public: bob.publicKey },
          alice.privateKey,
          null,
        );
        const two = await subtle.deriveBits(
          { name: "ECDH", public: alice.publicKey },
          bob.privateKey,
          null,
        );
        const cut = await subtle.deriveBits(
          { name: "ECDH", public: alice.publicKey },
          bob.privateKey,
          128,
        );
        const tooLong = await subtle
          .deriveBits({ name: "ECDH", public: alice.publicKey }, bob.privateKey, 1_000)
          .then(hex, nameOf);
        return [
          one.byteLength,
          hex(one) === hex(two),
          hex(two).startsWith(hex(cut)),
          cut.byteLength,
          tooLong,
        ];
      }),
    ),
  "ECDH refuses another curve and a private peer": async () => {
    const p256 = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, [
      "deriveBits",
    ]);
    const p384 = await subtle.generateKey({ name: "ECDH", namedCurve: "P-384" }, true, [
      "deriveBits",
    ]);
    const derive = (peer: CryptoKey) =>
      subtle.deriveBits({ name: "ECDH", public: peer }, p256.privateKey, 128).then(hex, nameOf);
    return [await derive(p384.publicKey), await derive(p256.privateKey)];
  },
  "ECDH to an AES key": async () => {
    const pair = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, [
      "deriveKey",
    ]);
    const key = await subtle.deriveKey(
      { name: "ECDH", public: pair.publicKey },
      pair.privateKey,
      { name: "AES-CBC", length: 128 },
      false,
      ["encrypt"],
    );
    return [key.type, key.extractable, key.algorithm, key.usages];
  },
  "deriveKey without usages for a secret key": async () => {
    const algorithm = { name: "HKDF", hash: "SHA-256", salt: counting(1), info: counting(1) };
    return subtle.deriveKey(
      algorithm,
      await base("HKDF", counting(8)),
      { name: "AES-CBC", length: 128 },
      true,
      [],
    );
  },
};
