/** Reading and writing of WebAssembly's binary integers. */

/** The module has a form that this reader does not know. The engine may well: it is refused all the same. */
export class UnknownForm extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnknownForm";
  }
}

export class Reader {
  at: number;
  readonly bytes: Uint8Array;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.byteLength) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new UnknownForm("the module ends too early");
    return this.bytes[this.at++] ?? 0;
  }

  skip(count: number): void {
    if (this.at + count > this.end) throw new UnknownForm("the module ends too early");
    this.at += count;
  }

  /** An unsigned LEB128 of up to 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new UnknownForm("an integer is too long");
  }

  /** Of things that follow, which take a byte each at the least: a lie must not become an array of that length. */
  count(): number {
    const count = this.u32();
    if (count > this.end - this.at) throw new UnknownForm("the module ends too early");
    return count;
  }

  /** Passes over a LEB128 of any kind. */
  leb(): void {
    while (this.byte() >= 0x80);
  }

  /** An unsigned LEB128 of up to 64 bits. */
  u64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new UnknownForm("an integer is too long");
  }

  name(): string {
    const length = this.u32();
    const from = this.at;
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(from, this.at));
  }
}

export class Writer {
  #bytes = new Uint8Array(1_024);
  #length = 0;

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.byteLength) return;
    const larger = new Uint8Array(Math.max(this.#bytes.byteLength * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  get length(): number {
    return this.#length;
  }

  byte(...values: number[]): this {
    this.#room(values.length);
    for (const value of values) this.#bytes[this.#length++] = value;
    return this;
  }

  copy(bytes: Uint8Array): this {
    this.#room(bytes.byteLength);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.byteLength;
    return this;
  }

  u32(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.byte(rest);
  }

  /** A signed LEB128, for constants in code. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0))
        return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  name(text: string): this {
    const encoded = new TextEncoder().encode(text);
    return this.u32(encoded.byteLength).copy(encoded);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
