/** node:crypto. */
import { bindHost } from "../bridge.ts";
import { defineModule, definePart, usePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { toBytes } from "./bytes.ts";
import { createCipheriv, createDecipheriv } from "./ciphers.ts";
import * as derive from "./derive.ts";
import { createECDH, ECDH } from "./ecdh.ts";
import { createHash, createHmac, oneShot } from "./hashes.ts";
import * as keys from "./keys.ts";
import * as random from "./random.ts";

const names = bindHost("nodecrypto.names");
const cipherInfo = bindHost("nodecrypto.cipherInfo");
interface WebCrypto {
  subtle: unknown;
  getRandomValues(view: unknown): unknown;
  randomUUID(): string;
}
const webcrypto = (): WebCrypto => usePart<{ crypto: WebCrypto }>("crypto").crypto;

function timingSafeEqual(a: unknown, b: unknown): boolean {
  const left = toBytes(a, undefined, "buf1");
  const right = toBytes(b, undefined, "buf2");
  if (left.length !== right.length)
    throw nodeError(
      RangeError,
      "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH",
      "Input buffers must have the same byte length",
    );
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] as number) ^ (right[i] as number);
  return difference === 0;
}

const absent = (name: string, instead: string) => {
  const refuse = function (): never {
    throw nodeError(
      Error,
      "ERR_METHOD_NOT_IMPLEMENTED",
      `node:crypto ${name} is not available in PiCloud: ${instead}`,
    );
  };
  return Object.defineProperty(refuse, "name", { value: name });
};
const list = (index: number): string[] =>
  (JSON.parse(names() as string) as string[][])[index] ?? [];

const crypto = {
  createHash,
  createHmac,
  hash: oneShot,
  createCipheriv,
  createDecipheriv,
  ...keys,
  ...derive,
  ...random,
  timingSafeEqual,
  generateKeyPair(
    type: string,
    options: object,
    callback: (error: unknown, open?: unknown, closed?: unknown) => void,
  ) {
    Promise.resolve()
      .then(() => keys.generateKeyPairSync(type, options))
      .then(({ publicKey, privateKey }) => callback(null, publicKey, privateKey), callback);
  },
  randomUUID: () => webcrypto().randomUUID(),
  getRandomValues: (view: unknown) => webcrypto().getRandomValues(view),
  getHashes: () => list(0),
  getCiphers: () => list(1),
  getCurves: () => list(2),
  getCipherInfo: (name: string) =>
    (JSON.parse(cipherInfo(name) as string) as object | null) ?? undefined,
  getFips: () => 0,
  constants: {
    RSA_PKCS1_PADDING: 1,
    RSA_NO_PADDING: 3,
    RSA_PKCS1_OAEP_PADDING: 4,
    RSA_PKCS1_PSS_PADDING: 6,
    RSA_PSS_SALTLEN_DIGEST: -1,
    RSA_PSS_SALTLEN_MAX_SIGN: -2,
    RSA_PSS_SALTLEN_AUTO: -2,
  },
  createDiffieHellman: absent("createDiffieHellman", "use createECDH, or X25519 of crypto.subtle"),
  createECDH,
  ECDH,
  diffieHellman: absent("diffieHellman", "use createECDH, or X25519 of crypto.subtle"),
  X509Certificate: absent("X509Certificate", "check certificates outside of the script"),
  get webcrypto() {
    return webcrypto();
  },
  get subtle() {
    return webcrypto().subtle;
  },
};

definePart("node-crypto", crypto);
defineModule("node:crypto", () => crypto);
