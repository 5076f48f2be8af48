/** AES Key Wrap, RFC 3394, over single AES blocks. */
import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { operationError } from "./errors.ts";

const HALF = 8;
const ROUNDS = 6;
const INITIAL = Buffer.alloc(HALF, 0xa6);

/** XORs the step counter into the last four bytes: it never passes 32 bits here. */
function mixCounter(block: Buffer, step: number): void {
  block.writeUInt32BE((block.readUInt32BE(4) ^ step) >>> 0, 4);
}

export function aesWrap(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.byteLength % HALF !== 0 || data.byteLength < 2 * HALF) {
    throw operationError(
      `Cannot wrap with AES-KW: ${data.byteLength} bytes is not a multiple of 8 from 16 on`,
    );
  }
  const cipher = createCipheriv(`aes-${key.byteLength * 8}-ecb`, key, null).setAutoPadding(false);
  const out = Buffer.concat([INITIAL, data]);
  const count = data.byteLength / HALF;
  const block = Buffer.alloc(2 * HALF);
  INITIAL.copy(block);
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 1; index <= count; index++) {
      out.copy(block, HALF, index * HALF, (index + 1) * HALF);
      const encrypted = cipher.update(block);
      encrypted.copy(block);
      mixCounter(block, round * count + index);
      block.copy(out, index * HALF, HALF);
    }
  }
  block.copy(out, 0, 0, HALF);
  return out;
}

export function aesUnwrap(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.byteLength % HALF !== 0 || data.byteLength < 3 * HALF) {
    throw operationError(
      `Cannot unwrap with AES-KW: ${data.byteLength} bytes is not a multiple of 8 from 24 on`,
    );
  }
  const cipher = createDecipheriv(`aes-${key.byteLength * 8}-ecb`, key, null).setAutoPadding(false);
  const out = Buffer.from(data);
  const count = data.byteLength / HALF - 1;
  const block = Buffer.alloc(2 * HALF);
  out.copy(block, 0, 0, HALF);
  for (let round = ROUNDS - 1; round >= 0; round--) {
    for (let index = count; index >= 1; index--) {
      mixCounter(block, round * count + index);
      out.copy(block, HALF, index * HALF, (index + 1) * HALF);
      cipher.update(block).copy(block);
      block.copy(out, index * HALF, HALF);
    }
  }
  if (!timingSafeEqual(block.subarray(0, HALF), INITIAL))
    throw operationError("Cannot unwrap with AES-KW: the integrity check failed");
  return out.subarray(HALF);
}
