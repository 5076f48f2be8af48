/** ECDH by Node's class. Keys are bytes in the sandbox; points are multiplied and decompressed by the host. */
import { bindHost } from "../bridge.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { output, toBytes } from "./bytes.ts";

const generate = bindHost("nodecrypto.ecdhGenerate");
const publicOf = bindHost("nodecrypto.ecdhPublic");
const secretOf = bindHost("nodecrypto.ecdhSecret");
const uncompressed = bindHost("nodecrypto.ecdhPoint");

type Output = Uint8Array | string;

/** Of an uncompressed point: 4, x, y. The last bit of y is the sign in the other two. */
function pointAs(point: Uint8Array, format: unknown = "uncompressed"): Uint8Array {
  if (format === null || format === "uncompressed") return point.slice();
  const sign = (point.at(-1) as number) & 1;
  if (format === "compressed") {
    const made = point.slice(0, 1 + (point.length >> 1));
    made[0] = 2 + sign;
    return made;
  }
  if (format !== "hybrid")
    throw nodeError(
      TypeError,
      "ERR_CRYPTO_ECDH_INVALID_FORMAT",
      `Invalid ECDH format: ${String(format)}`,
    );
  const made = point.slice();
  made[0] = 6 + sign;
  return made;
}

/** The host's library does not read hybrid points. */
function plain(point: Uint8Array): Uint8Array {
  if (point[0] !== 6 && point[0] !== 7) return point;
  const made = point.slice();
  made[0] = 4;
  return made;
}

const unset = (part: string): Error =>
  nodeError(Error, "ERR_CRYPTO_OPERATION_FAILED", `Failed to get ECDH ${part} key`);

export class ECDH {
  readonly #curve: string;
  #private: Uint8Array | undefined;
  #public: Uint8Array | undefined;

  constructor(curve: string) {
    this.#curve = curve;
    generate(curve, true);
  }

  static convertKey(
    key: unknown,
    curve: string,
    inputEncoding?: unknown,
    outputEncoding?: unknown,
    format?: unknown,
  ): Output {
    const point = uncompressed(curve, plain(toBytes(key, inputEncoding, "key"))) as Uint8Array;
    return output(pointAs(point, format), outputEncoding);
  }

  generateKeys(encoding?: unknown, format?: unknown): Output {
    this.setPrivateKey((generate(this.#curve, false) as Uint8Array).slice());
    return this.getPublicKey(encoding, format);
  }

  computeSecret(other: unknown, inputEncoding?: unknown, outputEncoding?: unknown): Output {
    if (this.#private === undefined) throw unset("private");
    const point = plain(toBytes(other, inputEncoding, "otherPublicKey"));
    return output(secretOf(this.#curve, this.#private, point) as Uint8Array, outputEncoding);
  }

  getPublicKey(encoding?: unknown, format?: unknown): Output {
    if (this.#public === undefined) throw unset("public");
    return output(pointAs(this.#public, format), encoding);
  }

  getPrivateKey(encoding?: unknown): Output {
    if (this.#private === undefined) throw unset("private");
    return output(this.#private.slice(), encoding);
  }

  setPrivateKey(key: unknown, encoding?: unknown): void {
    const bytes = toBytes(key, encoding, "privateKey").slice();
    this.#public = (publicOf(this.#curve, bytes) as Uint8Array).slice();
    this.#private = bytes;
  }

  setPublicKey(key: unknown, encoding?: unknown): void {
    const point = plain(toBytes(key, encoding, "publicKey"));
    this.#public = (uncompressed(this.#curve, point) as Uint8Array).slice();
  }
}

export const createECDH = (curve: string): ECDH => new ECDH(curve);
