/** pbkdf2, scrypt and hkdf, each as call, callback and promisify find them. */
import { bindHost, bindHostAsync } from "../bridge.ts";
import { outOfRange } from "../node-buffer/errors.ts";
import { output, toBytes } from "./bytes.ts";

const pbkdf2Now = bindHost("nodecrypto.pbkdf2");
const pbkdf2Later = bindHostAsync("nodecrypto.pbkdf2Async");
const scryptNow = bindHost("nodecrypto.scrypt");
const scryptLater = bindHostAsync("nodecrypto.scryptAsync");
const hkdfNow = bindHost("nodecrypto.hkdf");

type Callback = (error: unknown, key?: unknown) => void;
interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
}

function finish(work: Promise<unknown>, callback: Callback): void {
  work.then((bytes) => callback(null, output(bytes as Uint8Array)), callback);
}

const costs = (options: ScryptOptions = {}): string =>
  JSON.stringify({
    N: options.N ?? options.cost,
    r: options.r ?? options.blockSize,
    p: options.p ?? options.parallelization,
  });

function checkLength(length: unknown): number {
  if (typeof length !== "number" || !(length >= 0 && length <= 2 ** 24))
    throw outOfRange("keylen", ">= 0 && <= 16777216", length);
  return length;
}

export const pbkdf2Sync = (
  password: unknown,
  salt: unknown,
  iterations: number,
  length: number,
  digest: string,
): unknown =>
  output(
    pbkdf2Now(
      toBytes(password),
      toBytes(salt),
      iterations,
      checkLength(length),
      digest,
    ) as Uint8Array,
  );

export function pbkdf2(
  password: unknown,
  salt: unknown,
  iterations: number,
  length: number,
  digest: string,
  callback: Callback,
): void {
  finish(
    pbkdf2Later(toBytes(password), toBytes(salt), iterations, checkLength(length), digest),
    callback,
  );
}

export const scryptSync = (
  password: unknown,
  salt: unknown,
  length: number,
  options?: ScryptOptions,
): unknown =>
  output(
    scryptNow(toBytes(password), toBytes(salt), checkLength(length), costs(options)) as Uint8Array,
  );

export function scrypt(password: unknown, salt: unknown, length: number, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback;
  finish(
    scryptLater(
      toBytes(password),
      toBytes(salt),
      checkLength(length),
      costs(rest[0] as ScryptOptions | undefined),
    ),
    callback,
  );
}

export const hkdfSync = (
  digest: string,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: number,
): ArrayBuffer =>
  (
    hkdfNow(
      digest,
      toBytes(key),
      toBytes(salt),
      toBytes(info),
      checkLength(length),
    ) as Uint8Array<ArrayBuffer>
  ).slice().buffer;

export function hkdf(
  digest: string,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: number,
  callback: Callback,
): void {
  Promise.resolve()
    .then(() => hkdfSync(digest, key, salt, info, length))
    .then((bytes) => callback(null, bytes), callback);
}
