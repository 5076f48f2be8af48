/** An open file of the script: bytes with a position. */
export class FsFile {
  readonly #bytes: Uint8Array;
  readonly #stat: () => object;
  #position = 0;
  #closed = false;
  #readable: object | undefined;

  constructor(bytes: Uint8Array, stat: () => object) {
    this.#bytes = bytes;
    this.#stat = stat;
  }

  /** Null at the end of the file. */
  readSync(into: Uint8Array): number | null {
    if (this.#closed) throw new Error("Bad resource ID");
    if (into.length === 0) return 0;
    const part = this.#bytes.subarray(this.#position, this.#position + into.length);
    if (part.length === 0) return null;
    into.set(part);
    this.#position += part.length;
    return part.length;
  }

  async read(into: Uint8Array): Promise<number | null> {
    return this.readSync(into);
  }

  seekSync(offset: number | bigint, whence: number): number {
    const from = [0, this.#position, this.#bytes.length][whence] ?? 0;
    const target = from + Number(offset);
    if (target < 0) throw new TypeError("Invalid argument (os error 22)");
    return (this.#position = target);
  }

  async seek(offset: number | bigint, whence: number): Promise<number> {
    return this.seekSync(offset, whence);
  }

  statSync(): object {
    return this.#stat();
  }

  async stat(): Promise<object> {
    return this.#stat();
  }

  isTerminal(): boolean {
    return false;
  }

  close(): void {
    this.#closed = true;
  }

  get readable(): object {
    const { ReadableStream } = globalThis as unknown as {
      ReadableStream: new (source: object) => object;
    };
    return (this.#readable ??= new ReadableStream({
      type: "bytes",
      pull: (controller: { enqueue(chunk: Uint8Array): void; close(): void }) => {
        const chunk = new Uint8Array(65_536);
        const count = this.readSync(chunk);
        if (count !== null) return controller.enqueue(chunk.slice(0, count));
        controller.close();
        this.close();
      },
    }));
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
