/** createCipheriv and createDecipheriv. The whole input is run again for each update, which keeps no state on the host. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { join, output, toBytes } from "./bytes.ts";

const run = bindHost("nodecrypto.cipher");

interface Options {
  authTagLength?: number;
}
type Transform = new (options?: object) => { push(chunk: unknown): boolean };
type Callback = (error?: unknown) => void;
type CipherClass = new (
  decrypt: boolean,
  algorithm: string,
  key: unknown,
  iv: unknown,
  options: Options,
) => object;

const TAG_BYTES = 16;
const isAead = (algorithm: string): boolean => /gcm|ccm|ocb|poly1305/i.test(algorithm);
let Class: CipherClass | undefined;

function cipherClass(): CipherClass {
  const { Transform } = usePart<{ stream: { Transform: Transform } }>("node-stream").stream;
  return class extends Transform {
    readonly #settings: {
      algorithm: string;
      decrypt: boolean;
      final: boolean;
      padding: boolean;
      tagLength?: number;
    };
    readonly #key: Uint8Array;
    readonly #iv: Uint8Array | null;
    readonly #chunks: Uint8Array[] = [];
    #aad: Uint8Array = new Uint8Array(0);
    #tag: Uint8Array = new Uint8Array(0);
    #given = 0;
    #done = false;

    constructor(decrypt: boolean, algorithm: string, key: unknown, iv: unknown, options: Options) {
      super();
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
      if (!decrypt || !isAead(algorithm)) this.#run();
    }

    #run(): Uint8Array {
      return run(
        JSON.stringify(this.#settings),
        this.#key,
        this.#iv,
        this.#aad,
        this.#tag,
        join(this.#chunks.length === 0 ? [new Uint8Array(0)] : this.#chunks),
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
        const tagLength = this.#settings.tagLength ?? TAG_BYTES;
        this.#tag = all.slice(all.length - tagLength);
        all = all.subarray(0, all.length - tagLength);
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
        throw nodeError(
          Error,
          "ERR_CRYPTO_INVALID_STATE",
          "Invalid state for operation getAuthTag",
        );
      return output(this.#tag);
    }

    setAutoPadding(padding = true): this {
      this.#settings.padding = padding;
      return this;
    }

    _transform(chunk: unknown, encoding: unknown, callback: Callback): void {
      this.push(this.update(chunk, encoding));
      callback();
    }

    _flush(callback: Callback): void {
      try {
        this.push(this.final());
        callback();
      } catch (error) {
        callback(error);
      }
    }
  };
}

const make =
  (decrypt: boolean) =>
  (algorithm: string, key: unknown, iv: unknown, options: Options = {}): object =>
    new (Class ??= cipherClass())(decrypt, String(algorithm), key, iv, options);

export const createCipheriv = make(false);
export const createDecipheriv = make(true);
