/** AES-OCB, RFC 7253: all blocks of a message go through the cipher in one call. */
import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { operationError } from "./errors.ts";
import { requireSlowBytes } from "./keccak.ts";
import { bytesOf, type Parameters } from "./parameters.ts";

const BLOCK = 16;
const TAG_BITS = [64, 96, 128];

type Cipher = (blocks: Uint8Array) => Buffer;

function double(block: Uint8Array): Buffer {
  const result = Buffer.alloc(BLOCK);
  const carry = (block[0] ?? 0) >> 7;
  for (let index = 0; index < BLOCK; index++)
    result[index] = ((block[index] ?? 0) << 1) | ((block[index + 1] ?? 0) >> 7);
  result[BLOCK - 1] = (result[BLOCK - 1] ?? 0) ^ (carry * 0x87);
  return result;
}

function xorInto(target: Uint8Array, source: Uint8Array, length = target.byteLength): void {
  for (let index = 0; index < length; index++)
    target[index] = (target[index] ?? 0) ^ (source[index] ?? 0);
}

class Offsets {
  readonly star: Buffer;
  readonly dollar: Buffer;
  readonly #powers: Buffer[];

  constructor(encrypt: Cipher) {
    this.star = encrypt(Buffer.alloc(BLOCK));
    this.dollar = double(this.star);
    this.#powers = [double(this.dollar)];
  }

  #power(index: number): Buffer {
    while (this.#powers.length <= index)
      this.#powers.push(double(this.#powers.at(-1) ?? Buffer.alloc(BLOCK)));
    return this.#powers[index] ?? Buffer.alloc(BLOCK);
  }

  /** The offset of every whole block, one after another; `offset` ends as the last of them. */
  sequence(offset: Buffer, blocks: number): Buffer {
    const all = Buffer.alloc(blocks * BLOCK);
    for (let block = 1; block <= blocks; block++) {
      xorInto(offset, this.#power(31 - Math.clz32(block & -block)));
      offset.copy(all, (block - 1) * BLOCK);
    }
    return all;
  }
}

/** A last block that is not whole, with the bit that marks its end. */
function padded(rest: Uint8Array): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(rest);
  block[rest.byteLength] = 0x80;
  return block;
}

function firstOffset(encrypt: Cipher, nonce: Uint8Array, tagBits: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(nonce, BLOCK - nonce.byteLength);
  block[0] = (block[0] ?? 0) | ((tagBits % 128) << 1);
  const marker = BLOCK - 1 - nonce.byteLength;
  block[marker] = (block[marker] ?? 0) | 1;
  const bottom = (block[BLOCK - 1] ?? 0) & 0x3f;
  block[BLOCK - 1] = (block[BLOCK - 1] ?? 0) & 0xc0;
  const top = encrypt(block);
  const stretch = Buffer.alloc(BLOCK + 8);
  top.copy(stretch);
  for (let index = 0; index < 8; index++)
    stretch[BLOCK + index] = (top[index] ?? 0) ^ (top[index + 1] ?? 0);
  const value =
    (BigInt(`0x${stretch.toString("hex")}`) >> BigInt(64 - bottom)) & ((1n << 128n) - 1n);
  return Buffer.from(value.toString(16).padStart(32, "0"), "hex");
}

function hash(encrypt: Cipher, offsets: Offsets, data: Uint8Array): Buffer {
  const blocks = Math.floor(data.byteLength / BLOCK);
  const offset = Buffer.alloc(BLOCK);
  const inputs = offsets.sequence(offset, blocks);
  xorInto(inputs, data);
  const outputs = encrypt(inputs);
  const sum = Buffer.alloc(BLOCK);
  for (let block = 0; block < blocks; block++) xorInto(sum, outputs.subarray(block * BLOCK), BLOCK);
  const rest = data.subarray(blocks * BLOCK);
  if (rest.byteLength > 0) {
    xorInto(offset, offsets.star);
    const last = padded(rest);
    xorInto(last, offset);
    xorInto(sum, encrypt(last));
  }
  return sum;
}

interface Message {
  encrypting: boolean;
  key: Uint8Array;
  nonce: Uint8Array;
  additional: Uint8Array;
  tagBits: number;
}

/** The other text, and the tag that belongs to the plain one. */
function transform(
  { encrypting, key, nonce, additional, tagBits }: Message,
  text: Uint8Array,
): { output: Buffer; tag: Buffer } {
  const name = `aes-${key.byteLength * 8}-ecb`;
  const forward = createCipheriv(name, key, null).setAutoPadding(false);
  const backward = createDecipheriv(name, key, null).setAutoPadding(false);
  const encrypt: Cipher = (blocks) => forward.update(blocks);
  const offsets = new Offsets(encrypt);
  const offset = firstOffset(encrypt, nonce, tagBits);
  const blocks = Math.floor(text.byteLength / BLOCK);
  const whole = offsets.sequence(offset, blocks);
  const body = Buffer.from(whole);
  xorInto(body, text);
  const output = Buffer.concat([
    encrypting ? forward.update(body) : backward.update(body),
    text.subarray(blocks * BLOCK),
  ]);
  xorInto(output, whole, whole.byteLength);
  const plain = encrypting ? text : output;
  const rest = output.subarray(blocks * BLOCK);
  const checksum = Buffer.alloc(BLOCK);
  if (rest.byteLength > 0) {
    xorInto(offset, offsets.star);
    xorInto(rest, encrypt(offset));
    xorInto(checksum, padded(plain.subarray(blocks * BLOCK)));
  }
  for (let block = 0; block < blocks; block++)
    xorInto(checksum, plain.subarray(block * BLOCK), BLOCK);
  xorInto(checksum, offset);
  xorInto(checksum, offsets.dollar);
  const tag = encrypt(checksum);
  xorInto(tag, hash(encrypt, offsets, additional));
  return { output, tag: tag.subarray(0, tagBits / 8) };
}

/** OperationError for an iv of more than 15 bytes, another tag length, or a tag that does not fit. */
export function aesOcb(
  encrypting: boolean,
  key: Uint8Array,
  { iv, additionalData, tagLength = 128 }: Parameters,
  data: Uint8Array,
): Uint8Array {
  const nonce = bytesOf(iv);
  const additional = bytesOf(additionalData);
  if (nonce.byteLength < 1 || nonce.byteLength > 15)
    throw operationError(`Cannot use AES-OCB: the iv has ${nonce.byteLength} bytes, not 1 to 15`);
  if (!TAG_BITS.includes(tagLength))
    throw operationError(
      `Cannot use AES-OCB: a tag of ${tagLength} bits is not one of ${TAG_BITS.join(", ")}`,
    );
  requireSlowBytes("AES-OCB", data.byteLength + additional.byteLength);
  const message = { encrypting, key, nonce, additional, tagBits: tagLength };
  if (encrypting) {
    const { output, tag } = transform(message, data);
    return Buffer.concat([output, tag]);
  }
  const split = data.byteLength - tagLength / 8;
  if (split < 0)
    throw operationError("Cannot decrypt with AES-OCB: the data is shorter than its tag");
  const { output, tag } = transform(message, data.subarray(0, split));
  if (!timingSafeEqual(tag, data.subarray(split)))
    throw operationError("Cannot decrypt with AES-OCB: the tag does not fit");
  return output;
}
