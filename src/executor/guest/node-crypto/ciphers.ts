/** createCipheriv and createDecipheriv. The whole input is run again for each update, which keeps no state on the host. */
import { bindHost } from "../bridge.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { join, output, toBytes } from "./bytes.ts";
import { addTransform } from "./lazy-transform.ts";

const run = bindHost("nodecrypto.cipher");

interface Options {
  authTagLength?: number;
}
interface Settings {
  algorithm: string;
  decrypt: boolean;
  final: boolean;
  padding: boolean;
  tagLength?: number;
}

const TAG_BYTES = 16;
const NOTHING = new Uint8Array(0);
const isAead = (algorithm: string): boolean => /gcm|ccm|ocb|poly1305/i.test(algorithm);

class Cipher {
  readonly #settings: Settings;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array | null;
  readonly #chunks: Uint8Array[] = [];
  #aad = NOTHING;
  #tag = NOTHING;
  #given = 0;
  #done = false;

  constructor(decrypt: boolean, algorithm: string, key: unknown, iv: unknown, options: Options) {
    const { authTagLength } = options;
    this.#settings = {
      algorithm,
      decrypt,
      final: false,
      padding: true,
      ...(authTagLength === undefined ? {} : { tagLength: authTagLength }),
    };
    this.#key = toBytes(key, undefined, "key").slice();
    this.#iv = iv === null ? null : toBytes(iv, undefined, "iv").slice();
    // Wrong keys and names are told at once, as in Node.
    this.#run();
  }

  #run(): Uint8Array {
    const data = this.#chunks.length === 0 ? NOTHING : join(this.#chunks);
    return run(
      JSON.stringify(this.#settings),
      this.#key,
      this.#iv,
      this.#aad,
      this.#tag,
      data,
    ) as Uint8Array;
  }

  update(data: unknown, inputEncoding?: unknown, outputEncoding?: unknown): Uint8Array | string {
    if (this.#done)
      throw nodeError(
        Error,
        "ERR_CRYPTO_INVALID_STATE",
        "Unsupported state or unable to authenticate data",
      );
    this.#chunks.push(toBytes(data, inputEncoding).slice());
    const all = this.#run();
    const fresh = all.subarray(this.#given);
    this.#given = all.length;
    return output(fresh, outputEncoding);
  }

  final(outputEncoding?: unknown): Uint8Array | string {
    if (this.#done) throw nodeError(Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state");
    this.#done = true;
    this.#settings.final = true;
    let all = this.#run();
    if (!this.#settings.decrypt && isAead(this.#settings.algorithm)) {
      const tagAt = all.length - (this.#settings.tagLength ?? TAG_BYTES);
      this.#tag = all.slice(tagAt);
      all = all.subarray(0, tagAt);
    }
    return output(all.subarray(this.#given), outputEncoding);
  }

  setAAD(data: unknown): this {
    this.#aad = toBytes(data).slice();
    return this;
  }

  setAuthTag(tag: unknown, encoding?: unknown): this {
    this.#tag = toBytes(tag, encoding).slice();
    return this;
  }

  getAuthTag(): Uint8Array | string {
    if (this.#tag.length === 0)
      throw nodeError(Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state for operation getAuthTag");
    return output(this.#tag);
  }

  setAutoPadding(padding = true): this {
    this.#settings.padding = padding;
    return this;
  }
}

addTransform(Cipher.prototype, (self) => ({
  transform: (chunk, encoding) => self.update(chunk, encoding) as Uint8Array,
  flush: () => self.final() as Uint8Array,
}));

const make =
  (decrypt: boolean) =>
  (algorithm: string, key: unknown, iv: unknown, options: Options = {}): Cipher =>
    new Cipher(decrypt, String(algorithm), key, iv, options);

export const createCipheriv = make(false);
export const createDecipheriv = make(true);
