import type { CaseTable } from "../outcomes.ts";
import { counting, hex, subtle, unhex, utf8 } from "./bytes.ts";

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
const CURVES = ["P-256", "P-384", "P-521"];
const DATA = utf8("what is signed");

const hmacKey = (raw: BufferSource, hash: string): Promise<CryptoKey> =>
  subtle.importKey("raw", raw, { name: "HMAC", hash }, true, ["sign", "verify"]);

async function signAndVerify(
  algorithm: AlgorithmIdentifier | EcdsaParams | RsaPssParams,
  pair: CryptoKeyPair,
): Promise<unknown> {
  const signature = new Uint8Array(await subtle.sign(algorithm, pair.privateKey, DATA));
  const good = await subtle.verify(algorithm, pair.publicKey, signature, DATA);
  const otherData = await subtle.verify(
    algorithm,
    pair.publicKey,
    signature,
    utf8("something else"),
  );
  signature[5] = (signature[5] ?? 0) ^ 1;
  const changed = await subtle.verify(algorithm, pair.publicKey, signature, DATA);
  const cut = await subtle.verify(algorithm, pair.publicKey, signature.slice(1), DATA);
  return [signature.byteLength, good, otherData, changed, cut];
}

const rsa = (name: string, hash: string): Promise<CryptoKeyPair> =>
  subtle.generateKey(
    { name, hash, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );

export const signatureCases: CaseTable = {
  "HMAC of RFC 4231 case 2": async () =>
    hex(
      await subtle.sign(
        "HMAC",
        await hmacKey(utf8("Jefe"), "SHA-256"),
        utf8("what do ya want for nothing?"),
      ),
    ),
  "HMAC with every hash and long keys": () =>
    Promise.all(
      HASHES.map(async (hash) =>
        hex(await subtle.sign("HMAC", await hmacKey(new Uint8Array(200).fill(0xaa), hash), DATA)),
      ),
    ),
  "HMAC verification": async () => {
    const key = await hmacKey(counting(32), "SHA-256");
    const signature = await subtle.sign("HMAC", key, DATA);
    return [
      await subtle.verify("HMAC", key, signature, DATA),
      await subtle.verify("HMAC", key, signature.slice(1), DATA),
      await subtle.verify("HMAC", key, signature, utf8("other")),
    ];
  },
  "Ed25519 of RFC 8032 test 3": async () => {
    const pkcs8 = unhex(
      "302e020100300506032b657004220420c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    );
    const privateKey = await subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const raw = unhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    const publicKey = await subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
    const signature = await subtle.sign("Ed25519", privateKey, unhex("af82"));
    return [
      hex(signature),
      await subtle.verify("Ed25519", publicKey, signature, unhex("af82")),
      await subtle.exportKey("jwk", publicKey),
    ];
  },
  "Ed25519 believes no signature of a point of small order": async () => {
    // S = 0 and R = A satisfy the equation for every message.
    const points = [`01${"00".repeat(31)}`, `ee${"ff".repeat(30)}7f`, "00".repeat(32)];
    return Promise.all(
      points.map(async (point) => {
        const key = await subtle.importKey("raw", unhex(point), "Ed25519", true, ["verify"]);
        return subtle.verify("Ed25519", key, unhex(point + "00".repeat(32)), DATA);
      }),
    );
  },
  "Ed25519 of generated keys": async () =>
    signAndVerify("Ed25519", await subtle.generateKey("Ed25519", true, ["sign", "verify"])),
  "ECDSA on every curve with every hash": () =>
    Promise.all(
      CURVES.flatMap((namedCurve) =>
        HASHES.map(async (hash) =>
          signAndVerify(
            { name: "ECDSA", hash },
            await subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]),
          ),
        ),
      ),
    ),
  "RSASSA-PKCS1-v1_5": async () =>
    signAndVerify("RSASSA-PKCS1-v1_5", await rsa("RSASSA-PKCS1-v1_5", "SHA-256")),
  "RSA-PSS with salts": async () => {
    const pair = await rsa("RSA-PSS", "SHA-256");
    return Promise.all(
      [0, 20, 32].map((saltLength) => signAndVerify({ name: "RSA-PSS", saltLength }, pair)),
    );
  },
  "RSA-PSS refuses a salt that does not fit": async () => {
    const pair = await rsa("RSA-PSS", "SHA-512");
    return hex(await subtle.sign({ name: "RSA-PSS", saltLength: 1_000 }, pair.privateKey, DATA));
  },
  "signing with a public key and verifying with a private one": async () => {
    const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    return [
      await subtle.sign(algorithm, pair.publicKey, DATA).then(hex, (error: Error) => error.name),
      await subtle
        .verify(algorithm, pair.privateKey, DATA, DATA)
        .catch((error: Error) => error.name),
    ];
  },
  "sign with another algorithm than the key's": async () =>
    hex(await subtle.sign("Ed25519", await hmacKey(counting(32), "SHA-256"), DATA)),
  "sign without the usage": async () =>
    hex(
      await subtle.sign(
        "HMAC",
        await subtle.importKey("raw", counting(8), { name: "HMAC", hash: "SHA-1" }, true, [
          "verify",
        ]),
        DATA,
      ),
    ),
};
