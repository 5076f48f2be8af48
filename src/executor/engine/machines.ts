/** Idle machines. Any image fits any of them. */
import { Machine } from "./machine.ts";

/** 320 MiB: the highest memory_mb there is, and room for what the host copies in. */
export const PAGES_MAX = 5_120;

/** A memory that grew past this would let the next script past a lower limit of its own. */
const KEPT_BYTES_MAX = 24 * 1024 * 1024;

export class MachinePool {
  readonly #module: WebAssembly.Module;
  readonly #idle: Machine[] = [];
  readonly #idleMax: number;
  readonly #imagesAtHand: number;

  /** Up to `imagesAtHand` machines are made rather than given another image. */
  constructor(module: WebAssembly.Module, idleMax: number, imagesAtHand = 0) {
    this.#module = module;
    this.#idleMax = idleMax;
    this.#imagesAtHand = imagesAtHand;
  }

  /** One that holds the image already, if there is one: then only what was written is copied back. */
  take(image: object): Machine {
    const idle = this.#idle;
    for (let at = idle.length - 1; at >= 0; at -= 1)
      if (idle[at]?.loaded === image) return idle.splice(at, 1)[0] ?? this.#make();
    // A new machine costs milliseconds, another image in an old one some microseconds.
    if (idle.length < this.#imagesAtHand) return this.#make();
    return idle.shift() ?? this.#make();
  }

  #make(): Machine {
    return new Machine(this.#module, PAGES_MAX);
  }

  /** Takes back a machine at rest; one that broke is to be left to the garbage collector. */
  give(machine: Machine): void {
    if (machine.bytes.length > KEPT_BYTES_MAX) return;
    if (this.#idle.length < this.#idleMax) this.#idle.push(machine);
  }

  /** Lets go of all idle ones. */
  clear(): void {
    this.#idle.length = 0;
  }
}
