/** The bytes that wait in a byte stream, and the places that readers gave to put them. */
import {
  bufferLength,
  copyBytes,
  transferBuffer,
  type View,
  type ViewConstructor,
  type ViewParts,
} from "./buffers.ts";
import { Fifo } from "./queue.ts";

/** A place to read bytes into. `reader`: which kind of read waits for it, or none any more. */
export interface PullInto {
  buffer: ArrayBuffer;
  bufferLength: number;
  offset: number;
  length: number;
  filled: number;
  minimum: number;
  elementSize: number;
  make: ViewConstructor;
  reader: "default" | "byob" | "none";
}

type Place = Pick<ViewParts, "buffer" | "offset" | "length" | "elementSize" | "make">;

export const pullInto = (place: Place, minimum: number, reader: PullInto["reader"]): PullInto => ({
  buffer: place.buffer,
  bufferLength: bufferLength(place.buffer),
  offset: place.offset,
  length: place.length,
  filled: 0,
  minimum,
  elementSize: place.elementSize,
  make: place.make,
  reader,
});

export function convert(descriptor: PullInto): View {
  const buffer = transferBuffer(descriptor.buffer);
  return new descriptor.make(buffer, descriptor.offset, descriptor.filled / descriptor.elementSize);
}

interface Entry {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

export class ByteQueue {
  readonly #entries = new Fifo<Entry>();
  total = 0;

  push(buffer: ArrayBuffer, offset: number, length: number): void {
    this.#entries.push({ buffer, offset, length });
    this.total += length;
  }
  shift(): Entry {
    const entry = this.#entries.shift();
    this.total -= entry.length;
    return entry;
  }
  clear(): void {
    this.#entries.clear();
    this.total = 0;
  }
  /** True when the place has as much as its reader asked for. */
  fill(place: PullInto): boolean {
    const most = Math.min(this.total, place.length - place.filled);
    const filledMost = place.filled + most;
    const aligned = filledMost - (filledMost % place.elementSize);
    const ready = aligned >= place.minimum;
    let left = ready ? aligned - place.filled : most;
    while (left > 0) {
      const head = this.#entries.peek();
      const count = Math.min(left, head.length);
      copyBytes(place.buffer, place.offset + place.filled, head.buffer, head.offset, count);
      if (head.length === count) this.#entries.shift();
      else {
        head.offset += count;
        head.length -= count;
      }
      this.total -= count;
      place.filled += count;
      left -= count;
    }
    return ready;
  }
}
