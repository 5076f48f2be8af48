/** One end of the connection between the platform and an executor process: frames out in batches, frames in. */
import { FrameStream } from "./reader.ts";
import type { FrameReader } from "./reader.ts";
import { FrameWriter } from "./writer.ts";

/** The part of a socket that a channel uses. */
export interface ByteSink {
  /** Bytes taken; the rest is to be written after a drain. */
  write(bytes: Uint8Array): number;
  end(): void;
}

export class Channel {
  readonly writer = new FrameWriter();
  readonly #stream: FrameStream;
  #socket: ByteSink | undefined;
  #scheduled = false;
  readonly #sliceMs: number;
  readonly #beginOthers: () => void;
  #sliceEnd = Infinity;
  /** Frames that were left will be taken soon. */
  #goesOn = false;
  /** What the socket did not take yet. */
  #queued: Uint8Array[] = [];
  /** Time of the last bytes that came in, by performance.now(). */
  heardAt = performance.now();

  /** Frames are taken for `sliceMs`, then what was answered to them goes out, and others may begin. */
  constructor(
    onFrame: (frame: FrameReader) => void,
    sliceMs = Infinity,
    beginOthers: () => void = () => undefined,
  ) {
    this.#stream = new FrameStream(onFrame);
    this.#sliceMs = sliceMs;
    this.#beginOthers = beginOthers;
    if (sliceMs !== Infinity) this.#stream.stops = () => performance.now() > this.#sliceEnd;
  }

  attach(socket: ByteSink): void {
    this.#socket = socket;
    if (this.writer.length > 0) this.#schedule();
  }

  received(bytes: Uint8Array): void {
    this.heardAt = performance.now();
    this.#sliceEnd = this.heardAt + this.#sliceMs;
    this.#stream.push(bytes);
    this.#endSlice();
  }

  #endSlice(): void {
    if (this.#stream.isStopped) this.#goOnLater();
    // Whoever computed for long has waited for its answer long enough.
    if (performance.now() > this.#sliceEnd) this.flush();
    this.#beginOthers();
  }

  #goOnLater(): void {
    if (this.#goesOn) return;
    this.#goesOn = true;
    setImmediate(() => {
      this.#goesOn = false;
      this.#sliceEnd = performance.now() + this.#sliceMs;
      this.#stream.resume();
      this.#endSlice();
    });
  }

  /** Ends the frame begun on the writer; it goes out with all others of this tick. */
  send(): void {
    this.writer.end();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#socket === undefined) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => this.flush();

  flush(): void {
    this.#scheduled = false;
    const socket = this.#socket;
    if (socket === undefined || this.writer.length === 0) return;
    const batch = this.writer.take();
    if (this.#queued.length > 0) {
      this.#queued.push(batch.slice());
      return;
    }
    const written = Math.max(0, socket.write(batch));
    if (written < batch.length) this.#queued.push(batch.slice(written));
  }

  /** The socket can take more. */
  drained(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    while (this.#queued.length > 0) {
      const [first] = this.#queued;
      if (first === undefined) return;
      const written = Math.max(0, socket.write(first));
      if (written < first.length) {
        this.#queued[0] = first.subarray(written);
        return;
      }
      this.#queued.shift();
    }
  }

  close(): void {
    this.#socket?.end();
    this.#socket = undefined;
    this.#queued = [];
  }
}
