/** A request's body on its way in. */

export interface BodyOwner {
  /** Somebody reads: more may come. */
  bodyWanted(): void;
}

/** Bytes that are held for a reader who has not come for them. */
export const HELD_BYTES_MAX = 256 * 1024;
/** More pieces than this, and smaller ones, are put together: each costs a hundred bytes beside its own. */
const PIECES_MAX = 256;
const PIECE_BYTES = 1024;

export class IncomingBody {
  readonly #owner: BodyOwner;
  #chunks: Uint8Array[] = [];
  /** Bytes that are here and were not read. */
  held = 0;
  #state: "coming" | "complete" | "failed" | "discarded" = "coming";
  /** `bytes` takes all there is, which the limits of the request bound. */
  #takesAll = false;
  #wake: (() => void) | null = null;
  #stream: ReadableStream<Uint8Array> | null = null;

  constructor(owner: BodyOwner) {
    this.#owner = owner;
  }

  get isComplete(): boolean {
    return this.#state === "complete" || this.#state === "discarded";
  }

  /** Somebody may read it yet. */
  get isTaken(): boolean {
    return this.#stream !== null && this.#state === "coming";
  }

  get isFull(): boolean {
    return !this.#takesAll && this.held >= HELD_BYTES_MAX;
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== "coming") return;
    this.#chunks.push(chunk);
    this.held += chunk.length;
    const pieces = this.#chunks.length;
    if (pieces > PIECES_MAX && this.held < pieces * PIECE_BYTES)
      this.#chunks = [Buffer.concat(this.#chunks)];
    this.#notify();
  }

  end(): void {
    if (this.#state === "coming") this.#state = "complete";
    this.#notify();
  }

  /** The client went away. */
  fail(): void {
    if (this.#state === "coming") this.#state = "failed";
    this.#notify();
  }

  /** Nobody will read the rest. */
  discard(): void {
    if (this.#state === "coming") this.#state = "discarded";
    this.#chunks = [];
    this.held = 0;
    this.#notify();
  }

  async bytes(): Promise<Uint8Array> {
    this.#takesAll = true;
    this.#owner.bodyWanted();
    while (this.#state === "coming") await this.#more();
    if (this.#state === "failed") throw gone();
    return this.#taken();
  }

  stream(): ReadableStream<Uint8Array> {
    return (this.#stream ??= new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          this.#owner.bodyWanted();
          while (this.#chunks.length === 0 && this.#state === "coming") await this.#more();
          if (this.held > 0) controller.enqueue(this.#taken());
          else if (this.#state === "failed") controller.error(gone());
          else controller.close();
        },
        cancel: () => this.discard(),
      },
      { highWaterMark: 0 },
    ));
  }

  /** What was held, which makes room for more. */
  #taken(): Uint8Array {
    const [only] = this.#chunks;
    const all =
      this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.held = 0;
    return all;
  }

  #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

const gone = (): Error =>
  new DOMException("The client went away before the whole body had come", "AbortError");
