import { expect, test } from "bun:test";
import { compareArea, type Divergence } from "./compare.ts";
import { outcomesIn } from "./runtimes.ts";

const FILE = "crypto.cases.ts";

const DIVERGENCES: Record<string, Divergence> = {
  "getRandomValues of no view": {
    effect: "a TypeError where others throw TypeMismatchError",
    reason: "WebIDL refuses what is no ArrayBufferView before the method looks at its type",
  },
  "JWK: key_ops twice the same": {
    effect: "DataError for a JWK whose key_ops name an operation twice",
    reason: "RFC 7517 forbids duplicates and the specification makes that a DataError",
  },
  "Ed25519 believes no signature of a point of small order": {
    effect: "verify gives false where the key or the signature's R has small order",
    reason: "the Web Cryptography specification asks for the check; Deno and Bun leave it out",
  },
};

/** From FIPS 180-4, SP 800-38A, RFC 3394, 4231, 5869, 6070 and 8032. */
const VECTORS: Record<string, unknown> = {
  "digest of abc (FIPS 180-4)": [
    "a9993e364706816aba3e25717850c26c9cd0d89d",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  ],
  "AES-CTR of SP 800-38A": "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff",
  "AES-GCM test case 4 of the GCM submission":
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
  "AES-KW of RFC 3394": [
    "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
    "00112233445566778899aabbccddeeff",
  ],
  "HMAC of RFC 4231 case 2": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  "HKDF of RFC 5869 test 1":
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  "PBKDF2 of RFC 6070": [
    "0c60c80f961f0e71f3a9b524af6012062fe037a6",
    "4b007901b765489abead49d926f721d065a429c1",
    "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    "56fa6aa75548099dcc37d7f03425e0c3",
  ],
};

test("WebCrypto answers as Deno or Bun does, except where a divergence is named", async () => {
  const { failures, stale, cases } = await compareArea(FILE, DIVERGENCES);
  expect(failures).toEqual([]);
  expect(stale).toEqual([]);
  expect(cases).toBeGreaterThan(140);
}, 60_000);

test("WebCrypto gives the published test vectors", async () => {
  const outcomes = await outcomesIn("guest", FILE);
  for (const [name, expected] of Object.entries(VECTORS))
    expect({ [name]: outcomes[name] }).toEqual({ [name]: expected });
  expect((outcomes["Ed25519 of RFC 8032 test 3"] as unknown[])[0]).toBe(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  );
}, 60_000);
