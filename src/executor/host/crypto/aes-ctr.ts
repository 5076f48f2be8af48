/** AES-CTR whose counter is only the last `length` bits of the block: it wraps without touching the rest. */
import { createCipheriv } from "node:crypto";
import { operationError } from "./errors.ts";

const BLOCK_BYTES = 16;

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

function run(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${key.byteLength * 8}-ctr`, key, counter);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** Encrypts and decrypts alike. OperationError for a bad counter or more blocks than counter values. */
export function aesCtr(
  key: Uint8Array,
  counter: Uint8Array,
  length: number,
  data: Uint8Array,
): Uint8Array {
  if (counter.byteLength !== BLOCK_BYTES)
    throw operationError(`Cannot use AES-CTR: the counter has ${counter.byteLength} bytes, not 16`);
  if (length < 1 || length > 128)
    throw operationError(`Cannot use AES-CTR: a counter length of ${length} bits is not 1 to 128`);
  const values = 1n << BigInt(length);
  const blocks = BigInt(Math.ceil(data.byteLength / BLOCK_BYTES));
  if (blocks > values)
    throw operationError(
      "Cannot use AES-CTR: the data has more blocks than the counter has values",
    );
  const block = toBigInt(counter);
  const untilWrap = values - (block & (values - 1n));
  if (blocks <= untilWrap) return run(key, counter, data);
  const split = Number(untilWrap) * BLOCK_BYTES;
  const wrapped = (block & ~(values - 1n)).toString(16).padStart(BLOCK_BYTES * 2, "0");
  return Buffer.concat([
    run(key, counter, data.subarray(0, split)),
    run(key, Buffer.from(wrapped, "hex"), data.subarray(split)),
  ]);
}
