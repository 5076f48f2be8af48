/** KeyObject, sign and verify, encryption with key pairs. Keys are kept as PEM in the sandbox. */
import { bindHost } from "../bridge.ts";
import { invalidType } from "../node-buffer/errors.ts";
import { join, output, toBytes } from "./bytes.ts";

const privateKey = bindHost("nodecrypto.privateKey");
const publicKey = bindHost("nodecrypto.publicKey");
const exportKey = bindHost("nodecrypto.exportKey");
const signWith = bindHost("nodecrypto.sign");
const verifyWith = bindHost("nodecrypto.verify");
const encryptWith = bindHost("nodecrypto.publicEncrypt");
const decryptWith = bindHost("nodecrypto.privateDecrypt");
const generate = bindHost("nodecrypto.generatePair");

interface Described {
  type: "private" | "public";
  pem: string;
  asymmetricKeyType: string;
  asymmetricKeyDetails: object;
}
interface ExportOptions {
  format?: string;
}

export class KeyObject {
  readonly type: "secret" | "private" | "public";
  /** Bytes of a secret key. */
  readonly secret: Uint8Array | undefined;
  readonly pem: string;
  readonly asymmetricKeyType: string | undefined;
  readonly asymmetricKeyDetails: object | undefined;

  constructor(described: Described | { type: "secret"; secret: Uint8Array }) {
    this.type = described.type;
    this.secret = described.type === "secret" ? described.secret : undefined;
    this.pem = described.type === "secret" ? "" : described.pem;
    this.asymmetricKeyType = described.type === "secret" ? undefined : described.asymmetricKeyType;
    this.asymmetricKeyDetails =
      described.type === "secret" ? undefined : described.asymmetricKeyDetails;
  }

  get symmetricKeySize(): number | undefined {
    return this.secret?.length;
  }

  export(options: ExportOptions = {}): unknown {
    if (this.secret !== undefined)
      return options.format === "jwk"
        ? { kty: "oct", k: output(this.secret, "base64url") }
        : output(this.secret);
    const exported = exportKey(
      this.pem,
      JSON.stringify({ type: this.type, options: { format: "pem", ...options } }),
    );
    if (exported instanceof Uint8Array) return output(exported);
    return options.format === "jwk" ? JSON.parse(exported as string) : exported;
  }

  equals(other: KeyObject): boolean {
    if (this.type !== other.type) return false;
    return this.secret === undefined
      ? this.pem === other.pem
      : output(this.secret, "hex") === output(other.secret as Uint8Array, "hex");
  }
}

/** JSON for the host: a PEM, a JWK, or base64 of DER, with the options beside it. */
function keyJson(input: unknown): string {
  if (input instanceof KeyObject) return JSON.stringify({ key: input.pem });
  if (typeof input === "string" || ArrayBuffer.isView(input))
    return JSON.stringify({
      key: typeof input === "string" ? input : output(toBytes(input), "utf8"),
    });
  if (typeof input !== "object" || input === null)
    throw invalidType("key", "of type string or an instance of Buffer, KeyObject or Object", input);
  const { key, ...options } = input as { key?: unknown; format?: string; oaepLabel?: unknown };
  if (key instanceof KeyObject) return JSON.stringify({ ...options, key: key.pem });
  if (ArrayBuffer.isView(key))
    return JSON.stringify(
      options.format === "der"
        ? { ...options, base64: output(toBytes(key), "base64") }
        : { ...options, key: output(toBytes(key), "utf8") },
    );
  return JSON.stringify({ ...options, key });
}

const make = (json: unknown): KeyObject => new KeyObject(JSON.parse(json as string) as Described);

export const createPrivateKey = (input: unknown): KeyObject => make(privateKey(keyJson(input)));
export const createPublicKey = (input: unknown): KeyObject => make(publicKey(keyJson(input)));
export const createSecretKey = (key: unknown, encoding?: unknown): KeyObject =>
  new KeyObject({ type: "secret", secret: toBytes(key, encoding).slice() });

const digestName = (algorithm: unknown): string | null =>
  algorithm === undefined || algorithm === null ? null : String(algorithm).replace(/^RSA-/i, "");

export const sign = (algorithm: unknown, data: unknown, key: unknown): Uint8Array | string =>
  output(signWith(digestName(algorithm), keyJson(key), toBytes(data)) as Uint8Array);
export const verify = (
  algorithm: unknown,
  data: unknown,
  key: unknown,
  signature: unknown,
): boolean =>
  verifyWith(digestName(algorithm), keyJson(key), toBytes(data), toBytes(signature)) === true;

class Collector {
  protected readonly chunks: Uint8Array[] = [new Uint8Array(0)];
  protected readonly algorithm: string;

  constructor(algorithm: string) {
    this.algorithm = algorithm;
  }

  update(data: unknown, encoding?: unknown): this {
    this.chunks.push(toBytes(data, encoding).slice());
    return this;
  }

  write(data: unknown, encoding?: unknown): void {
    this.update(data, encoding);
  }

  end(data?: unknown, encoding?: unknown): void {
    if (data !== undefined) this.update(data, encoding);
  }
}

class Sign extends Collector {
  sign(key: unknown, encoding?: unknown): Uint8Array | string {
    return output(sign(this.algorithm, join(this.chunks), key) as Uint8Array, encoding);
  }
}

class Verify extends Collector {
  verify(key: unknown, signature: unknown, encoding?: unknown): boolean {
    return verify(this.algorithm, join(this.chunks), key, toBytes(signature, encoding));
  }
}

export const createSign = (algorithm: string): Sign => new Sign(algorithm);
export const createVerify = (algorithm: string): Verify => new Verify(algorithm);
export const publicEncrypt = (key: unknown, data: unknown): Uint8Array | string =>
  output(encryptWith(keyJson(key), toBytes(data)) as Uint8Array);
export const privateDecrypt = (key: unknown, data: unknown): Uint8Array | string =>
  output(decryptWith(keyJson(key), toBytes(data)) as Uint8Array);

interface PairOptions {
  publicKeyEncoding?: ExportOptions;
  privateKeyEncoding?: ExportOptions;
}

export function generateKeyPairSync(
  type: string,
  options: PairOptions = {},
): { publicKey: unknown; privateKey: unknown } {
  const { publicKeyEncoding, privateKeyEncoding, ...rest } = options;
  const [open, closed] = (
    JSON.parse(generate(type, JSON.stringify(rest)) as string) as [string, string]
  ).map(make) as [KeyObject, KeyObject];
  return {
    publicKey: publicKeyEncoding === undefined ? open : open.export(publicKeyEncoding),
    privateKey: privateKeyEncoding === undefined ? closed : closed.export(privateKeyEncoding),
  };
}

export const generateKeySync = (_type: string, { length }: { length: number }): KeyObject =>
  new KeyObject({
    type: "secret",
    secret: (bindHost("nodecrypto.random")(length >> 3) as Uint8Array).slice(),
  });
