/**
 * An image is the memory of a machine at rest, and restoring it is copying it back. Everything that
 * lives outside the two copied segments is zero in the image, and is zeroed where a run has touched it.
 */
import { BREAK_ADDRESS, CONTEXT_LAYOUT, STACK_HIGH, STATIC_END } from "./abi.ts";
import type { Machine, MachineRoots } from "./machine.ts";

export interface Image {
  /** Memory from 0 to STATIC_END: data the wasm was linked with. */
  statics: Uint8Array;
  /** Memory from STACK_HIGH to the program break. */
  heap: Uint8Array;
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
  return {
    statics: bytes.slice(0, STATIC_END),
    heap: bytes.slice(STACK_HIGH, end),
    roots: { ...machine.roots },
    memoryBytes: Math.ceil(end / PAGE) * PAGE,
    bytesMax: machine.bytesMax,
    timerDelayMs,
  };
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
  if (machine.bytes.length < image.memoryBytes) {
    machine.memory.grow((image.memoryBytes - machine.bytes.length) / PAGE);
    machine.renewViews();
  }
  const usedTo = breakOf(machine);
  const { bytes } = machine;
  const depth = machine.takeStackDepth();
  bytes.set(image.statics, 0);
  if (depth < STACK_HIGH) bytes.fill(0, Math.max(depth, STATIC_END), STACK_HIGH);
  bytes.set(image.heap, STACK_HIGH);
  const end = STACK_HIGH + image.heap.length;
  if (usedTo > end) bytes.fill(0, end, usedTo);
  machine.adopt(image.roots);
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
}
