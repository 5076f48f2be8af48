/** Appends primitive fields to one growing buffer; frames are batched in it until it is taken. */
const encoder = new TextEncoder();
const FIRST_SIZE = 64 * 1024;
const KEPT_SIZE_MAX = 1024 * 1024;

export class FrameWriter {
  #bytes = new Uint8Array(FIRST_SIZE);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #frameStart = 0;
  /** A frame was begun and not ended. */
  #isOpen = false;

  get length(): number {
    return this.#length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /**
   * Every frame is a 32-bit length, a type, the number of its execution, and fields. One that was not ended, as
   * what it was to hold could not be had, is dropped: half a frame would swallow those behind it.
   */
  begin(type: number, execution: number): void {
    this.#drop();
    this.#isOpen = true;
    this.#frameStart = this.#length;
    this.#reserve(9);
    this.#length += 4;
    this.#view.setUint8(this.#length, type);
    this.#view.setUint32(this.#length + 1, execution, true);
    this.#length += 5;
  }

  end(): void {
    this.#view.setUint32(this.#frameStart, this.#length - this.#frameStart - 4, true);
    this.#isOpen = false;
  }

  #drop(): void {
    if (this.#isOpen) this.#length = this.#frameStart;
    this.#isOpen = false;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#view.setUint8(this.#length, value);
    this.#length += 1;
  }

  word(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  text(value: string): void {
    const room = value.length * 3;
    this.#reserve(4 + room);
    const { written } = encoder.encodeInto(
      value,
      this.#bytes.subarray(this.#length + 4, this.#length + 4 + room),
    );
    this.#view.setUint32(this.#length, written, true);
    this.#length += 4 + written;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    this.#view.setUint32(this.#length, value.length, true);
    this.#bytes.set(value, this.#length + 4);
    this.#length += 4 + value.length;
  }

  /** The batch so far. Valid until the next field is written; the buffer is used again. */
  take(): Uint8Array {
    this.#drop();
    const batch = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > KEPT_SIZE_MAX) {
      this.#bytes = new Uint8Array(FIRST_SIZE);
      this.#view = new DataView(this.#bytes.buffer);
    }
    return batch;
  }
}
