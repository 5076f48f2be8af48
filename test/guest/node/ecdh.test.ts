import { expect, test } from "bun:test";
import { runInGuest } from "../../support/guest-lab.ts";

const inGuest = async (body: string): Promise<unknown> => {
  const { result, error } = await runInGuest(`
    const crypto = globalThis[Symbol.for("picloud.module")]("node:crypto");
    const { createECDH, ECDH } = crypto;
    const failure = (work) => { try { return work(); } catch (error) { return [error.name, error.code]; } };
    export default (() => { ${body} })();`);
  expect(error).toBeNull();
  return result;
};

/** 1 as a private key: its public key is the curve's base point. */
const BASE_X = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
const BASE_Y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

test("two sides of a curve come to the same secret", async () => {
  const answer = await inGuest(`
    return ["prime256v1", "secp384r1", "secp521r1"].map((curve) => {
      const a = createECDH(curve), b = createECDH(curve);
      const open = a.generateKeys();
      b.generateKeys("hex", "compressed");
      const secret = a.computeSecret(b.getPublicKey("base64", "hybrid"), "base64", "hex");
      return [open.length, Buffer.isBuffer(open), secret.length, secret === b.computeSecret(open).toString("hex")];
    });`);
  expect(answer).toEqual([
    [65, true, 64, true],
    [97, true, 96, true],
    [133, true, 132, true],
  ]);
});

test("a private key that is set has its public key in each form", async () => {
  const answer = await inGuest(`
    const side = createECDH("prime256v1");
    side.setPrivateKey("1".padStart(64, "0"), "hex");
    const forms = ["uncompressed", "compressed", "hybrid"].map((form) => side.getPublicKey("hex", form));
    return [...forms, side.getPrivateKey("hex"), ECDH.convertKey(forms[1], "prime256v1", "hex", "hex", "uncompressed"),
      ECDH.convertKey(forms[2], "prime256v1", "hex", "hex", "compressed"), side instanceof ECDH];`);
  expect(answer).toEqual([
    `04${BASE_X}${BASE_Y}`,
    `03${BASE_X}`,
    `07${BASE_X}${BASE_Y}`,
    "1".padStart(64, "0"),
    `04${BASE_X}${BASE_Y}`,
    `03${BASE_X}`,
    true,
  ]);
});

test("what is not a curve, a key or a form is refused with Node's code", async () => {
  const answer = await inGuest(`
    const made = createECDH("prime256v1");
    made.generateKeys();
    return [
      () => createECDH("no-curve"),
      () => createECDH("prime256v1").getPublicKey(),
      () => made.computeSecret(new Uint8Array(65)),
      () => made.setPrivateKey(new Uint8Array(32)),
      () => made.getPublicKey("hex", "zip"),
    ].map(failure);`);
  expect(answer).toEqual([
    ["TypeError", "ERR_CRYPTO_INVALID_CURVE"],
    ["Error", "ERR_CRYPTO_OPERATION_FAILED"],
    ["Error", "ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY"],
    ["RangeError", "ERR_CRYPTO_INVALID_KEYTYPE"],
    ["TypeError", "ERR_CRYPTO_ECDH_INVALID_FORMAT"],
  ]);
});
