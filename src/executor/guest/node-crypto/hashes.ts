/** createHash, createHmac: chunks are kept in the sandbox and hashed at the end. Streams too, as packages pipe into them. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { join, output, toBytes } from "./bytes.ts";

const hash = bindHost("nodecrypto.hash");
const hmac = bindHost("nodecrypto.hmac");

type Transform = new (options?: object) => { push(chunk: unknown): boolean };
type Callback = (error?: unknown) => void;
type Finish = (data: Uint8Array) => Uint8Array;

interface Digest {
  update(data: unknown, encoding?: unknown): this;
  digest(encoding?: unknown): Uint8Array | string;
  copy(): Digest;
}

let Class: (new (name: string, finish: Finish, chunks: Uint8Array[]) => Digest) | undefined;

function digestClass(): new (name: string, finish: Finish, chunks: Uint8Array[]) => Digest {
  const { Transform } = usePart<{ stream: { Transform: Transform } }>("node-stream").stream;
  return class extends Transform implements Digest {
    readonly #chunks: Uint8Array[];
    readonly #finish: Finish;
    readonly #name: string;
    #done = false;

    constructor(name: string, finish: Finish, chunks: Uint8Array[]) {
      super();
      this.#name = name;
      this.#finish = finish;
      this.#chunks = chunks;
    }

    update(data: unknown, encoding?: unknown): this {
      if (this.#done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
      this.#chunks.push(toBytes(data, encoding).slice());
      return this;
    }

    digest(encoding?: unknown): Uint8Array | string {
      if (this.#done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
      this.#done = true;
      return output(this.#finish(join(this.#chunks)), encoding);
    }

    copy(): Digest {
      if (this.#done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
      return makeDigest(this.#name, this.#finish, [...this.#chunks]);
    }

    _transform(chunk: unknown, encoding: unknown, callback: Callback): void {
      this.update(chunk, encoding);
      callback();
    }

    _flush(callback: Callback): void {
      this.push(this.digest());
      callback();
    }
  };
}

function makeDigest(name: string, finish: Finish, chunks: Uint8Array[] = []): Digest {
  Class ??= digestClass();
  return new Class(name, finish, chunks);
}

export function createHash(name: string, options: { outputLength?: number } = {}): Digest {
  const finish: Finish = (data) => hash(name, data, options.outputLength) as Uint8Array;
  finish(new Uint8Array(0));
  return makeDigest(name, finish);
}

export function createHmac(name: string, key: unknown): Digest {
  const secret = toBytes(key, undefined, "key").slice();
  const finish: Finish = (data) => hmac(name, secret, data) as Uint8Array;
  finish(new Uint8Array(0));
  return makeDigest(name, finish);
}

export const oneShot = (
  name: string,
  data: unknown,
  encoding: unknown = "hex",
): Uint8Array | string => output(hash(name, toBytes(data)) as Uint8Array, encoding);
