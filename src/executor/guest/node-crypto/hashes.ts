/** createHash, createHmac: chunks are kept in the sandbox and hashed at the end. */
import { bindHost } from "../bridge.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { join, output, toBytes } from "./bytes.ts";
import { addTransform } from "./lazy-transform.ts";

const hash = bindHost("nodecrypto.hash");
const hmac = bindHost("nodecrypto.hmac");

type Finish = (data: Uint8Array) => Uint8Array;

class Digest {
  readonly #chunks: Uint8Array[];
  readonly #finish: Finish;
  #done = false;

  constructor(finish: Finish, chunks: Uint8Array[] = []) {
    this.#finish = finish;
    this.#chunks = chunks;
  }

  update(data: unknown, encoding?: unknown): this {
    this.#check();
    this.#chunks.push(toBytes(data, encoding).slice());
    return this;
  }

  digest(encoding?: unknown): Uint8Array | string {
    this.#check();
    this.#done = true;
    return output(
      this.#finish(this.#chunks.length === 0 ? new Uint8Array(0) : join(this.#chunks)),
      encoding,
    );
  }

  copy(): Digest {
    this.#check();
    return new Digest(this.#finish, [...this.#chunks]);
  }

  #check(): void {
    if (this.#done) throw nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
  }
}

addTransform(Digest.prototype, (self) => ({
  transform(chunk, encoding) {
    self.update(chunk, encoding);
    return null;
  },
  flush: () => self.digest() as Uint8Array,
}));

export function createHash(name: string, options: { outputLength?: number } = {}): Digest {
  const finish: Finish = (data) => hash(name, data, options.outputLength) as Uint8Array;
  finish(new Uint8Array(0));
  return new Digest(finish);
}

export function createHmac(name: string, key: unknown): Digest {
  const secret = toBytes(key, undefined, "key").slice();
  const finish: Finish = (data) => hmac(name, secret, data) as Uint8Array;
  finish(new Uint8Array(0));
  return new Digest(finish);
}

export const oneShot = (
  name: string,
  data: unknown,
  encoding: unknown = "hex",
): Uint8Array | string => output(hash(name, toBytes(data)) as Uint8Array, encoding);
