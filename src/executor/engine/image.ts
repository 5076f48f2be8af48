/**
 * An image is the memory of a machine at rest, and restoring it is copying it back. Everything that
 * lives outside the two copied segments is zero in the image, and is zeroed where a run has touched it.
 */
import {
  BREAK_ADDRESS,
  CONTEXT_LAYOUT,
  DIRTY_SHIFT,
  DIRTY_TABLE,
  STACK_HIGH,
  STATIC_END,
} from "./abi.ts";
import type { Machine } from "./machine.ts";
import type { MachineRoots } from "./roots.ts";

export interface Image {
  /** Memory from 0 to STATIC_END: data the wasm was linked with. */
  statics: Uint8Array;
  /** Memory from STACK_HIGH to the program break. */
  heap: Uint8Array;
  /** The same as words. */
  staticWords: Uint32Array;
  heapWords: Uint32Array;
  roots: MachineRoots;
  /** Size of the linear memory in bytes; a machine with less grows first. */
  memoryBytes: number;
  /** What the guest had asked of the clock when the image was made; -1 for nothing. */
  timerDelayMs: number;
  /** Limit of the linear memory for runs of this image. */
  bytesMax: number;
}

/** A machine that grew by more than this is cheaper to replace than to clean. */
const DIRTY_BYTES_MAX = 8 * 1024 * 1024;

const PAGE = 65_536;

export const imageBytes = (image: Image): number => image.statics.length + image.heap.length;

/** Copies a machine's memory out. The machine must be at rest: no guest call is on its stack. */
export function captureImage(machine: Machine, timerDelayMs = -1): Image {
  assertAtRest(machine);
  const { bytes } = machine;
  const end = breakOf(machine);
  return makeImage(bytes.slice(0, STATIC_END), bytes.slice(STACK_HIGH, end), {
    roots: { ...machine.roots },
    memoryBytes: Math.ceil(end / PAGE) * PAGE,
    bytesMax: machine.bytesMax,
    timerDelayMs,
  });
}

/** Both segments must be buffers of their own, a multiple of four bytes long. */
export function makeImage(
  statics: Uint8Array,
  heap: Uint8Array,
  rest: Omit<Image, "statics" | "heap" | "staticWords" | "heapWords">,
): Image {
  const staticWords = new Uint32Array(statics.buffer);
  const heapWords = new Uint32Array(heap.buffer);
  return { statics, heap, staticWords, heapWords, ...rest };
}

export const breakOf = (machine: Machine): number => machine.words[BREAK_ADDRESS >> 2] ?? 0;

function assertAtRest(machine: Machine): void {
  if (machine.stackPointer !== STACK_HIGH) {
    throw new Error(`The machine is not at rest: its stack pointer is ${machine.stackPointer}`);
  }
}

/** True when the machine may be used for another image: at rest, and not bloated. */
export function isReusable(machine: Machine, image: Image): boolean {
  return (
    machine.stackPointer === STACK_HIGH &&
    breakOf(machine) - STACK_HIGH - image.heap.length <= DIRTY_BYTES_MAX
  );
}

/** Puts the image into a machine, whatever ran in it before. Afterwards no byte of that is left. */
export function restoreImage(machine: Machine, image: Image): void {
  machine.bytesMax = image.bytesMax;
  if (machine.loaded === image) {
    restoreDirty(machine, image);
  } else {
    restoreWhole(machine, image);
    machine.loaded = image;
  }
  machine.adopt(image.roots);
}

function restoreWhole(machine: Machine, image: Image): void {
  if (machine.bytes.length < image.memoryBytes) {
    machine.memory.grow((image.memoryBytes - machine.bytes.length) / PAGE);
    machine.renewViews();
  }
  const { bytes } = machine;
  const usedTo = breakOf(machine);
  const end = STACK_HIGH + image.heap.length;
  wipeStack(machine);
  bytes.set(image.statics, 0);
  bytes.set(image.heap, STACK_HIGH);
  if (usedTo > end) bytes.fill(0, end, usedTo);
  bytes.fill(0, DIRTY_TABLE, DIRTY_TABLE + (Math.max(usedTo, end) >> DIRTY_SHIFT) + 1);
}

/** Functions that call no other one write below the stack pointer without moving it: 144 bytes at most. */
const LEAF_FRAME_BYTES = 512;

function wipeStack(machine: Machine): void {
  const depth = machine.takeStackDepth();
  machine.bytes.fill(0, Math.max(depth - LEAF_FRAME_BYTES, STATIC_END), STACK_HIGH);
}

const WORDS_PER_BLOCK = 1 << (DIRTY_SHIFT - 2);

/** Copies back only the blocks that were written since the image was put in. */
function restoreDirty(machine: Machine, image: Image): void {
  const usedTo = breakOf(machine);
  const end = STACK_HIGH + image.heap.length;
  wipeStack(machine);
  if (usedTo > end) {
    machine.bytes.fill(0, end, usedTo);
    const lastBlock = (end - 1) >> DIRTY_SHIFT;
    machine.bytes.fill(0, DIRTY_TABLE + lastBlock + 1, DIRTY_TABLE + (usedTo >> DIRTY_SHIFT) + 1);
  }
  copyDirty(machine, image.staticWords, 0);
  copyDirty(machine, image.heapWords, STACK_HIGH);
}

/** Four entries of the table are looked at in one word. The last block may be shorter than the others. */
function copyDirty(machine: Machine, source: Uint32Array, start: number): void {
  const { words, bytes } = machine;
  const first = start >> DIRTY_SHIFT;
  const last = (start + source.length * 4 - 1) >> DIRTY_SHIFT;
  const base = start >> 2;
  const limit = base + source.length;
  const tableEnd = (DIRTY_TABLE + last) >> 2;
  for (let entry = (DIRTY_TABLE + first) >> 2; entry <= tableEnd; entry += 1) {
    if (words[entry] === 0) continue;
    for (let block = entry * 4 - DIRTY_TABLE; block < entry * 4 - DIRTY_TABLE + 4; block += 1) {
      if (block < first || block > last || bytes[DIRTY_TABLE + block] === 0) continue;
      bytes[DIRTY_TABLE + block] = 0;
      const from = Math.max(block * WORDS_PER_BLOCK, base);
      const to = Math.min((block + 1) * WORDS_PER_BLOCK, limit);
      for (let word = from; word < to; word += 1) words[word] = source[word - base] as number;
    }
  }
}

const SEEDS = 512;
const seeds = new BigUint64Array(SEEDS);
let nextSeed = SEEDS;

/** Gives Math.random a state of its own; a fork of an image would repeat its siblings otherwise. */
export function reseed(machine: Machine): void {
  if (nextSeed === SEEDS) {
    crypto.getRandomValues(seeds);
    nextSeed = 0;
  }
  const seed = seeds[nextSeed] ?? 0n;
  nextSeed += 1;
  const at = (machine.roots.context + CONTEXT_LAYOUT.randomState) >> 2;
  // The generator must not start from zero.
  machine.words[at] = Number(seed & 0xffffffffn) | 1;
  machine.words[at + 1] = Number(seed >> 32n);
  machine.mark(at * 4, 8);
}
