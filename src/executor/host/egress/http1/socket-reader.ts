/** Reads a socket chunk by chunk, with back-pressure: what nobody reads yet stays in the kernel. */
import type { Socket } from "node:net";

const KEEP = 64 * 1024;

export class SocketReader {
  readonly socket: Socket;
  readonly #chunks: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  /** Anything has arrived since this was set to false. */
  received = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received = true;
      this.#chunks.push(chunk);
      this.#held += chunk.length;
      if (this.#held > KEEP) socket.pause();
      this.#wake?.();
    });
    socket.on("end", () => this.#finish());
    socket.on("close", () => this.#finish());
    socket.on("error", (error) => {
      this.#error ??= error;
      this.#finish();
    });
  }
  #finish(): void {
    this.#ended = true;
    this.#wake?.();
  }
  get ended(): boolean {
    return this.#ended;
  }
  get idle(): boolean {
    return !this.#ended && this.#held === 0;
  }
  /** The next chunk; null at the end. Rejects with the socket's error. */
  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#held -= chunk.length;
        if (this.#held <= KEEP) this.socket.resume();
        return chunk;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
  /** Puts back what was read too much. */
  unread(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.unshift(chunk);
    this.#held += chunk.length;
  }
}
