/** Idle machines. Any image fits any of them. */
import { totalmem } from "node:os";
import { Machine } from "./machine.ts";

/** 320 MiB: the highest memory_mb there is, and room for what the host copies in. */
export const PAGES_MAX = 5_120;

/** A memory that grew past this would let the next script past a lower limit of its own. */
const KEPT_BYTES_MAX = 24 * 1024 * 1024;
/** Of those beyond `idleKept`: what a memory has from the start, and some. */
const SMALL_BYTES_MAX = 8 * 1024 * 1024;

export interface MachinePoolOptions {
  /** So many idle machines stay however quiet it is, and more for as long as they are used. */
  idleKept: number;
  idleMax: number;
  /** Up to so many machines are made rather than given another image; none by default. */
  imagesAtHand?: number;
}

const IDLE_KEPT_MIN = 8;
const IDLE_KEPT_MAX = 32;
const IDLE_MAX = 256;

/**
 * For an executor process, of which there is one for each core: as many as fit into an eighth of the computer's
 * memory, were each to fill what it has from the start; most fill a fifth of it.
 */
export function executorMachines(
  memoryBytes = totalmem(),
  cores = navigator.hardwareConcurrency,
): MachinePoolOptions {
  const fitting = Math.floor(memoryBytes / 8 / cores / SMALL_BYTES_MAX);
  const idleKept = Math.max(IDLE_KEPT_MIN, Math.min(IDLE_KEPT_MAX, fitting));
  return { idleKept, idleMax: Math.max(idleKept, Math.min(IDLE_MAX, fitting)) };
}

export class MachinePool {
  readonly #module: WebAssembly.Module;
  readonly #options: MachinePoolOptions;
  /** The one that was used last is the last one. */
  readonly #idle: Machine[] = [];
  /** The fewest that were idle since the last `release`. */
  #leastIdle = 0;

  constructor(module: WebAssembly.Module, options: MachinePoolOptions) {
    this.#module = module;
    this.#options = options;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** One that holds the image already, if there is one: then only what was written is copied back. */
  take(image: object): Machine {
    const machine = this.#taken(image) ?? new Machine(this.#module, PAGES_MAX);
    this.#leastIdle = Math.min(this.#leastIdle, this.#idle.length);
    return machine;
  }

  #taken(image: object): Machine | undefined {
    const idle = this.#idle;
    for (let at = idle.length - 1; at >= 0; at -= 1)
      if (idle[at]?.loaded === image) return idle.splice(at, 1)[0];
    // A new machine costs milliseconds, another image in an old one some microseconds.
    if (idle.length < (this.#options.imagesAtHand ?? 0)) return undefined;
    return idle.shift();
  }

  /** Takes back a machine at rest; one that broke is to be left to the garbage collector. */
  give(machine: Machine): void {
    machine.detach();
    const { idleKept, idleMax } = this.#options;
    const bytesMax = this.#idle.length < idleKept ? KEPT_BYTES_MAX : SMALL_BYTES_MAX;
    if (machine.bytes.length <= bytesMax && this.#idle.length < idleMax) this.#idle.push(machine);
  }

  /** No idle machine keeps the image alive any more. */
  unload(image: object): void {
    for (const machine of this.#idle) if (machine.loaded === image) machine.loaded = null;
  }

  /** Lets go of the machines that nobody took since the last call, but for those that always stay. */
  release(): void {
    const unused = Math.min(this.#leastIdle, this.#idle.length - this.#options.idleKept);
    if (unused > 0) this.#idle.splice(0, unused);
    this.#leastIdle = this.#idle.length;
  }
}
