/**
 * Memories to be used again. The engine reserves gigabytes of addresses for each one and collects garbage
 * when it runs short of reservations, which costs a request milliseconds.
 */
import { PAGE_BYTES } from "./instrument.ts";

const KEPT = 16;
/** Larger ones cost more to wipe than to make. */
const PAGES_MAX = 64;

interface Kept {
  memory: WebAssembly.Memory;
  initial: number;
  maximum: number;
}

const kept: Kept[] = [];

/** A memory of zeros. */
export function takeMemory(initial: number, maximum: number): WebAssembly.Memory {
  const index = kept.findIndex((entry) => entry.initial === initial && entry.maximum === maximum);
  const [found] = index < 0 ? [] : kept.splice(index, 1);
  return found?.memory ?? new WebAssembly.Memory({ initial, maximum });
}

/** Nothing may use the memory any more. It is wiped at once, so that no script's data outlives the script. */
export function returnMemory(memory: WebAssembly.Memory, initial: number, maximum: number): void {
  const grown = memory.buffer.byteLength !== initial * PAGE_BYTES;
  if (grown || initial > PAGES_MAX) return;
  new Uint8Array(memory.buffer).fill(0);
  if (kept.length >= KEPT) kept.shift();
  kept.push({ memory, initial, maximum });
}
