import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ExecutorHarness, makeScript } from "../support/executor-harness.ts";
import { runInGuest } from "../support/guest-lab.ts";

const { subtle } = crypto;
const hex = (data: ArrayBuffer | Uint8Array): string => Buffer.from(data).toString("hex");

/** The module's default export; fails the test when the module failed. */
async function evaluate(source: string, timeoutMs = 20_000): Promise<unknown> {
  const { result, error } = await runInGuest(source, { timeoutMs });
  expect(error).toBeNull();
  return result;
}

const HEX = `
  const hex = (data) => [...new Uint8Array(data)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const { subtle } = crypto;`;

interface SignatureAlgorithm {
  generate: object;
  sign: object;
}

const SIGNATURES: SignatureAlgorithm[] = [
  { generate: { name: "Ed25519" }, sign: { name: "Ed25519" } },
  ...["P-256", "P-384", "P-521"].map((namedCurve) => ({
    generate: { name: "ECDSA", namedCurve },
    sign: { name: "ECDSA", hash: "SHA-512" },
  })),
  { generate: { name: "HMAC", hash: "SHA-384" }, sign: { name: "HMAC" } },
];

describe("keys cross between sandbox and host", () => {
  test.each(SIGNATURES)(
    "what the sandbox signs with $generate verifies on the host",
    async ({ generate, sign }) => {
      const made = (await evaluate(`${HEX}
      const made = await subtle.generateKey(${JSON.stringify(generate)}, true, ["sign", "verify"]);
      const data = ascii("from the sandbox");
      const signature = await subtle.sign(${JSON.stringify(sign)}, made.privateKey ?? made, data);
      export default { jwk: await subtle.exportKey("jwk", made.publicKey ?? made), signature: hex(signature) };`)) as {
        jwk: JsonWebKey;
        signature: string;
      };
      const key = await subtle.importKey("jwk", made.jwk, generate as EcKeyImportParams, true, [
        "verify",
      ]);
      const data = new TextEncoder().encode("from the sandbox");
      expect(
        await subtle.verify(sign as EcdsaParams, key, Buffer.from(made.signature, "hex"), data),
      ).toBe(true);
    },
  );

  test.each(SIGNATURES)(
    "what the host signs with $generate verifies in the sandbox",
    async ({ generate, sign }) => {
      const made = (await subtle.generateKey(generate as EcKeyGenParams, true, [
        "sign",
        "verify",
      ])) as CryptoKeyPair & CryptoKey;
      const signature = await subtle.sign(
        sign as EcdsaParams,
        made.privateKey ?? made,
        Buffer.from("from the host"),
      );
      const jwk = await subtle.exportKey("jwk", made.publicKey ?? made);
      const verified = await evaluate(`${HEX}
      const key = await subtle.importKey("jwk", ${JSON.stringify(jwk)}, ${JSON.stringify(generate)}, false, ["verify"]);
      const verify = (text) => subtle.verify(${JSON.stringify(sign)}, key, unhex("${hex(signature)}"), ascii(text));
      export default [await verify("from the host"), await verify("from the hose")];`);
      expect(verified).toEqual([true, false]);
    },
  );

  test("random AES ciphertexts of the host decrypt in the sandbox", async () => {
    const jobs = fc.sample(
      fc.record({
        name: fc.constantFrom("AES-CBC", "AES-CTR", "AES-GCM"),
        key: fc
          .constantFrom(16, 24, 32)
          .chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
        iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
        length: fc.integer({ min: 6, max: 128 }),
        data: fc.uint8Array({ maxLength: 600 }),
      }),
      60,
    );
    const parameters = (job: (typeof jobs)[number]) => ({
      name: job.name,
      iv: job.iv,
      counter: job.iv,
      length: job.length,
    });
    const made = await Promise.all(
      jobs.map(async (job) => {
        const key = await subtle.importKey("raw", new Uint8Array(job.key), job.name, true, [
          "encrypt",
        ]);
        const encrypted = await subtle.encrypt(parameters(job), key, new Uint8Array(job.data));
        return {
          name: job.name,
          key: hex(job.key),
          iv: hex(job.iv),
          length: job.length,
          encrypted: hex(encrypted),
        };
      }),
    );
    const decrypted = await evaluate(`${HEX}
      const results = [];
      for (const job of ${JSON.stringify(made)}) {
        const key = await subtle.importKey("raw", unhex(job.key), job.name, true, ["decrypt"]);
        const parameters = { name: job.name, iv: unhex(job.iv), counter: unhex(job.iv), length: job.length };
        results.push(hex(await subtle.decrypt(parameters, key, unhex(job.encrypted))));
      }
      export default results;`);
    expect(decrypted).toEqual(jobs.map((job) => hex(job.data)));
  });
});

describe("key material", () => {
  test("stays hidden from a script that patches every prototype it passes", async () => {
    const leaked = await evaluate(`${HEX}
      const seen = [];
      const spy = (holder, name) => {
        const { value } = Object.getOwnPropertyDescriptor(holder, name);
        holder[name] = function (...args) { seen.push(JSON.stringify([String(this), args.map(String)])); return value.apply(this, args); };
      };
      for (const holder of [Array.prototype, String.prototype, Uint8Array.prototype.__proto__, Map.prototype, Promise.prototype]) {
        for (const name of Object.getOwnPropertyNames(holder)) {
          if (name === "constructor" || name === "toString" || name === "map" || name === "push" || name === "join" || name === "valueOf") continue;
          if (typeof Object.getOwnPropertyDescriptor(holder, name).value === "function") spy(holder, name);
        }
      }
      Object.prototype.toJSON = function () { seen.push(Object.keys(this).join()); return this; };
      const key = await subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 512 }, false, ["sign", "verify"]);
      const signature = await subtle.sign("HMAC", key, new Uint8Array(3));
      const copy = Object.assign({}, key), text = JSON.stringify(key);
      delete Object.prototype.toJSON;
      export default { seen: seen.join(" "), own: Object.getOwnPropertyNames(key), copy, text };`);
    const { seen, own } = leaked as { seen: string; own: string[] };
    expect(own).toEqual([]);
    expect(seen).not.toContain("material");
    expect(seen).not.toMatch(/[A-Za-z0-9+/]{60,}/);
  });

  test("is cloned with its restrictions", async () => {
    const source = `export default typeof structuredClone === "function"
      ? await (async () => {
          const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
          const clone = structuredClone(key);
          return [clone !== key, clone instanceof CryptoKey, clone.extractable, clone.usages, clone.algorithm];
        })()
      : null;`;
    expect(await evaluate(source)).toEqual([
      true,
      true,
      false,
      ["encrypt"],
      { name: "AES-GCM", length: 128 },
    ]);
  });
});

test("Ed448 gives the signature of RFC 8032", async () => {
  const found = await evaluate(`${HEX}
    const seed = unhex("c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e");
    const pkcs8 = new Uint8Array([...unhex("3047020100300506032b6571043b0439"), ...seed]);
    const key = await subtle.importKey("pkcs8", pkcs8, "Ed448", true, ["sign"]);
    const signature = await subtle.sign("Ed448", key, new Uint8Array([3]));
    const open = await subtle.getPublicKey(key, ["verify"]);
    export default [hex(signature), await subtle.verify("Ed448", open, signature, new Uint8Array([3])), await subtle.verify("Ed448", open, signature, new Uint8Array([4]))];`);
  expect(found).toEqual([
    "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
    true,
    false,
  ]);
});

test("a JWK of Ed448 may name its algorithm EdDSA", async () => {
  const found = await evaluate(`
    const { subtle } = crypto;
    const { privateKey } = await subtle.generateKey("Ed448", true, ["sign"]);
    const jwk = await subtle.exportKey("jwk", privateKey);
    const attempt = (alg) => subtle.importKey("jwk", { ...jwk, alg }, "Ed448", true, ["sign"]).then(() => "imported", (error) => error.name);
    export default [jwk.alg, await attempt("EdDSA"), await attempt("Ed25519")];`);
  expect(found).toEqual(["Ed448", "imported", "DataError"]);
});

test.each(["Ed25519", "X25519", "Ed448", "X448"])(
  "a JWK of %s whose x belongs to another d is a DataError",
  async (name) => {
    const usage = name.startsWith("Ed") ? "sign" : "deriveBits";
    const found = await evaluate(`${HEX}
    const make = async () => subtle.exportKey("jwk", (await subtle.generateKey("${name}", true, ["${usage}"])).privateKey);
    const [one, other] = [await make(), await make()];
    const attempt = (jwk) => subtle.importKey("jwk", jwk, "${name}", true, ["${usage}"]).then(() => "imported", (error) => error.name);
    export default [await attempt(one), await attempt({ ...one, x: other.x }), await attempt({ ...one, x: undefined })];`);
    expect(found).toEqual(["imported", "DataError", "DataError"]);
  },
);

describe("what cannot be stopped on a thread is bounded", () => {
  test("PBKDF2 past the budget is an OperationError that names the limit", async () => {
    const refused = await evaluate(`
      const key = await crypto.subtle.importKey("raw", new Uint8Array(4), "PBKDF2", false, ["deriveBits"]);
      const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(4), iterations: 4_000_000_000 };
      export default await crypto.subtle.deriveBits(algorithm, key, 256).catch((error) => [error.name, error.message]);`);
    expect(refused).toEqual(["OperationError", expect.stringContaining("cpu_ms")]);
  });

  test("RSA keys of more than 4096 bits are not generated", async () => {
    const refused = await evaluate(`
      const algorithm = { name: "RSA-PSS", modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
      export default await crypto.subtle.generateKey(algorithm, true, ["sign"]).catch((error) => error.name);`);
    expect(refused).toBe("OperationError");
  });
});

describe("in forks of an image", () => {
  let executor: ExecutorHarness;
  beforeAll(() => {
    executor = new ExecutorHarness();
  });
  afterAll(() => executor.close());

  test("keys made at the top level work in every one, and randomness differs", async () => {
    const script = makeScript(`
      const { subtle } = crypto;
      const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
      const secret = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      export default async () => {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const data = new Uint8Array([1, 2, 3]);
        const algorithm = { name: "ECDSA", hash: "SHA-256" };
        const signature = await subtle.sign(algorithm, pair.privateKey, data);
        const decrypted = await subtle.decrypt({ name: "AES-GCM", iv }, secret, await subtle.encrypt({ name: "AES-GCM", iv }, secret, data));
        return [await subtle.verify(algorithm, pair.publicKey, signature, data), [...new Uint8Array(decrypted)], crypto.randomUUID(), iv.join()];
      };`);
    const answers = [
      await executor.run(script),
      await executor.run(script),
      await executor.run(script),
    ].map(({ text }) => JSON.parse(text) as [boolean, number[], string, string]);
    for (const [verified, decrypted] of answers)
      expect([verified, decrypted]).toEqual([true, [1, 2, 3]]);
    expect(new Set(answers.map(([, , uuid]) => uuid)).size).toBe(3);
    expect(new Set(answers.map(([, , , iv]) => iv)).size).toBe(3);
  });

  test("random bytes that one request put into the image's memory are gone in the next", async () => {
    const script = makeScript(`
      const kept = new Uint8Array(5_000);
      export default () => {
        const before = kept.reduce((sum, byte) => sum + byte, 0);
        crypto.getRandomValues(kept);
        return before;
      };`);
    for (let run = 0; run < 3; run++) expect((await executor.run(script)).text).toBe("0");
  });
});

test("a JWK's padding, which has no place there, is let pass", async () => {
  const { result } = await runInGuest(`
    const key = await crypto.subtle.importKey("jwk", { kty: "oct", k: "a-_AlFa-2-OmEGa_-z==" }, { name: "HMAC", hash: "SHA-384" }, true, ["sign"]);
    export default (await crypto.subtle.exportKey("jwk", key)).k;`);
  expect(result).toBe("a-_AlFa-2-OmEGa_-w");
});
