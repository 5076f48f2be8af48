/** Work that has not begun. What has begun goes on first: then as few sandboxes as possible are held at once. */
export class StartQueue {
  readonly #waiting = new Map<number, () => void>();
  readonly #sliceMs: number;
  readonly #flush: () => void;
  #goesOn = false;

  /** `flush` sends what was answered, where starting took longer than `sliceMs`: before the others begin. */
  constructor(sliceMs: number, flush: () => void) {
    this.#sliceMs = sliceMs;
    this.#flush = flush;
  }

  add(number: number, start: () => void): void {
    this.#waiting.set(number, start);
  }

  /** True where it was waiting: it will never begin. */
  drop(number: number): boolean {
    return this.#waiting.delete(number);
  }

  /** Begins one at least, and others for as long as a slice lasts; the rest has its turns later. */
  run(): void {
    if (this.#waiting.size === 0) return;
    const sliceEnd = performance.now() + this.#sliceMs;
    for (const [number, start] of this.#waiting) {
      this.#waiting.delete(number);
      start();
      if (performance.now() <= sliceEnd) continue;
      this.#flush();
      this.soon();
      return;
    }
  }

  /** As `run`, after what this turn of the event loop still has to do. */
  soon(): void {
    if (this.#goesOn || this.#waiting.size === 0) return;
    this.#goesOn = true;
    // The second one runs after a look at the socket, which may tell that a client has gone.
    setImmediate(() =>
      setImmediate(() => {
        this.#goesOn = false;
        this.run();
      }),
    );
  }
}
