/** SubtleCrypto: argument conversion and the checks that need no key material; the host does the rest. */
import { bytesOf, bufferOf, formatOf, requireArguments, textOf, usagesOf } from "./convert.ts";
import { domError } from "./errors.ts";
import { host } from "./host.ts";
import { keyOf, makeKey, type CryptoKey, type KeyRecord } from "./key.ts";
import {
  cipher,
  deriveBits,
  exportKey,
  generateKey,
  importKey,
  keyDataOf,
  keyLength,
  checkGeneration,
  checkUse,
} from "./key-operations.ts";
import { normalize } from "./normalize.ts";
import { parseJson } from "./primordials.ts";
import {
  asciiBytes,
  crypt,
  decapsulate,
  encapsulate,
  importRaw,
  normalizeWrap,
} from "./subtle-steps.ts";
import { digest, sign, verify } from "./signing.ts";
import { isSupported } from "./supports.ts";

const TOKEN = Symbol("subtle");

function lengthOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value) >>> 0;
}

export class SubtleCrypto {
  #brand = true;
  constructor() {
    if ((arguments[0] as unknown) !== TOKEN) throw new TypeError("Illegal constructor");
  }

  static #check(self: unknown, count: number, needed: number, method: string): void {
    if (typeof self !== "object" || self === null || !(#brand in self))
      throw new TypeError("Illegal invocation");
    requireArguments(count, needed, `SubtleCrypto.${method}`);
  }

  static supports(operation: unknown, algorithm: unknown, other?: unknown): boolean {
    requireArguments(arguments.length, 2, "SubtleCrypto.supports");
    return isSupported(textOf(operation), algorithm, other);
  }

  async encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 3, "encrypt");
    return bufferOf(await crypt("encrypt", algorithm, key, data));
  }

  async decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 3, "decrypt");
    return bufferOf(await crypt("decrypt", algorithm, key, data));
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 3, "sign");
    return bufferOf(await sign(algorithm, key, data));
  }

  async verify(
    algorithm: unknown,
    key: unknown,
    signature: unknown,
    data: unknown,
  ): Promise<boolean> {
    SubtleCrypto.#check(this, arguments.length, 4, "verify");
    return await verify(algorithm, key, signature, data);
  }

  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 2, "digest");
    const bytes = bytesOf(data, "data");
    return bufferOf(await digest(normalize("digest", algorithm), bytes));
  }

  async generateKey(
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<unknown> {
    SubtleCrypto.#check(this, arguments.length, 3, "generateKey");
    const usages = usagesOf(keyUsages);
    const normalized = normalize("generateKey", algorithm);
    checkGeneration(normalized);
    return generateKey(normalized, Boolean(extractable), usages);
  }

  async deriveKey(
    algorithm: unknown,
    baseKey: unknown,
    derivedKeyType: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    SubtleCrypto.#check(this, arguments.length, 5, "deriveKey");
    const slots = keyOf(baseKey, "baseKey");
    const usages = usagesOf(keyUsages);
    const normalized = normalize("deriveBits", algorithm);
    const target = normalize("importKey", derivedKeyType);
    const sized = normalize("getKeyLength", derivedKeyType);
    const refused = checkUse(slots, normalized, "deriveKey");
    if (refused) await refused;
    const secret = await deriveBits(normalized, slots, keyLength(sized));
    return importRaw(secret, target, extractable, usages);
  }

  async deriveBits(
    algorithm: unknown,
    baseKey: unknown,
    length: unknown = null,
  ): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 2, "deriveBits");
    const slots = keyOf(baseKey, "baseKey");
    const bits = lengthOf(length);
    const normalized = normalize("deriveBits", algorithm);
    const refused = checkUse(slots, normalized, "deriveBits");
    if (refused) await refused;
    return bufferOf(await deriveBits(normalized, slots, bits));
  }

  async importKey(
    format: unknown,
    keyData: unknown,
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    SubtleCrypto.#check(this, arguments.length, 5, "importKey");
    const form = formatOf(format);
    const data = keyDataOf(keyData);
    const usages = usagesOf(keyUsages);
    return importKey(form, data, normalize("importKey", algorithm), Boolean(extractable), usages);
  }

  async exportKey(format: unknown, key: unknown): Promise<ArrayBuffer | object> {
    SubtleCrypto.#check(this, arguments.length, 2, "exportKey");
    const form = formatOf(format);
    const exported = await exportKey(form, keyOf(key, "key"));
    return typeof exported === "string" ? (parseJson(exported) as object) : bufferOf(exported);
  }

  async wrapKey(
    format: unknown,
    key: unknown,
    wrappingKey: unknown,
    wrapAlgorithm: unknown,
  ): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 4, "wrapKey");
    const form = formatOf(format);
    const slots = keyOf(key, "key");
    const wrapping = keyOf(wrappingKey, "wrappingKey");
    const normalized = normalizeWrap("wrapKey", wrapAlgorithm);
    const refused = checkUse(wrapping, normalized, "wrapKey");
    if (refused) await refused;
    const exported = await exportKey(form, slots);
    const bytes = typeof exported === "string" ? asciiBytes(exported) : exported;
    return bufferOf(await cipher("wrapKey", normalized, wrapping, bytes));
  }

  async unwrapKey(
    format: unknown,
    wrappedKey: unknown,
    unwrappingKey: unknown,
    unwrapAlgorithm: unknown,
    unwrappedKeyAlgorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    SubtleCrypto.#check(this, arguments.length, 7, "unwrapKey");
    const form = formatOf(format);
    const wrapped = bytesOf(wrappedKey, "wrappedKey");
    const slots = keyOf(unwrappingKey, "unwrappingKey");
    const usages = usagesOf(keyUsages);
    const normalized = normalizeWrap("unwrapKey", unwrapAlgorithm);
    const target = normalize("importKey", unwrappedKeyAlgorithm);
    const refused = checkUse(slots, normalized, "unwrapKey");
    if (refused) await refused;
    const bytes = await cipher("unwrapKey", normalized, slots, wrapped);
    return importKey(
      form,
      form === "jwk" ? { jwk: bytes } : { bytes },
      target,
      Boolean(extractable),
      usages,
    );
  }

  async getPublicKey(key: unknown, keyUsages: unknown): Promise<CryptoKey> {
    SubtleCrypto.#check(this, arguments.length, 2, "getPublicKey");
    const slots = keyOf(key, "key");
    const usages = usagesOf(keyUsages);
    if (slots.type !== "private") {
      const name = slots.type === "secret" ? "NotSupportedError" : "InvalidAccessError";
      throw domError(name, `Cannot get the public key: this is a ${slots.type} key`);
    }
    const record = await host.getPublicKey(
      slots.type,
      slots.algorithm,
      slots.material,
      usages.join(),
    );
    return makeKey(parseJson(record as string) as KeyRecord);
  }

  async encapsulateBits(algorithm: unknown, key: unknown): Promise<object> {
    SubtleCrypto.#check(this, arguments.length, 2, "encapsulateBits");
    const { sharedKey, ciphertext } = await encapsulate(algorithm, key, "encapsulateBits");
    return { sharedKey: bufferOf(sharedKey), ciphertext: bufferOf(ciphertext) };
  }

  async encapsulateKey(
    algorithm: unknown,
    key: unknown,
    sharedKeyAlgorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<object> {
    SubtleCrypto.#check(this, arguments.length, 5, "encapsulateKey");
    const usages = usagesOf(keyUsages);
    const target = normalize("importKey", sharedKeyAlgorithm);
    const { sharedKey, ciphertext } = await encapsulate(algorithm, key, "encapsulateKey");
    return {
      sharedKey: await importRaw(sharedKey, target, extractable, usages),
      ciphertext: bufferOf(ciphertext),
    };
  }

  async decapsulateBits(
    algorithm: unknown,
    key: unknown,
    ciphertext: unknown,
  ): Promise<ArrayBuffer> {
    SubtleCrypto.#check(this, arguments.length, 3, "decapsulateBits");
    return bufferOf(await decapsulate(algorithm, key, ciphertext, "decapsulateBits"));
  }

  async decapsulateKey(
    algorithm: unknown,
    key: unknown,
    ciphertext: unknown,
    sharedKeyAlgorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    SubtleCrypto.#check(this, arguments.length, 6, "decapsulateKey");
    const usages = usagesOf(keyUsages);
    const target = normalize("importKey", sharedKeyAlgorithm);
    const bytes = await decapsulate(algorithm, key, ciphertext, "decapsulateKey");
    return importRaw(bytes, target, extractable, usages);
  }
}

export const subtle = new (SubtleCrypto as new (token: symbol) => SubtleCrypto)(TOKEN);
