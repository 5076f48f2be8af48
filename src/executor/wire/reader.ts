/** Cuts a byte stream into frames, and reads the fields of one. */
const decoder = new TextDecoder();
const HEADER = 9;

export class MalformedFrame extends Error {
  constructor(what: string) {
    super(`Malformed frame: ${what}`);
    this.name = "MalformedFrame";
  }
}

/** Fields in the order in which they were written. Bytes are copies. */
export class FrameReader {
  type = 0;
  execution = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;

  /** Positions the reader on a frame whose type byte is at `start`. */
  open(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (end - start < 5) throw new MalformedFrame(`${end - start} bytes are no frame`);
    this.#bytes = bytes;
    this.#view = view;
    this.#end = end;
    this.type = view.getUint8(start);
    this.execution = view.getUint32(start + 1, true);
    this.#at = start + 5;
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#end)
      throw new MalformedFrame(`a field of ${length} bytes passes its end`);
    this.#at = at + length;
    return at;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  word(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  text(): string {
    const length = this.word();
    if (length === 0) return "";
    const at = this.#take(length);
    return decoder.decode(this.#bytes.subarray(at, at + length));
  }

  bytes(): Uint8Array {
    const length = this.word();
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }
}

/**
 * Collects chunks until frames are whole. What waits is copied when it comes and when a frame lies across two
 * chunks, never again: a long queue that is stopped at each of its frames costs no more than a short one.
 */
export class FrameStream {
  readonly #reader = new FrameReader();
  readonly #onFrame: (frame: FrameReader) => void;
  readonly #frameBytesMax: number;
  /** Not cut yet, the first one from `#at` on. */
  readonly #waiting: Uint8Array[] = [];
  #at = 0;
  #waitingBytes = 0;
  /** How many bytes must wait before the next frame can be cut. */
  #needed = HEADER;
  /** Frames are left for `resume`. */
  isStopped = false;
  /** Asked after each frame that others follow: true leaves them for later. */
  stops: () => boolean = () => false;

  constructor(onFrame: (frame: FrameReader) => void, frameBytesMax = 2 ** 30) {
    this.#onFrame = onFrame;
    this.#frameBytesMax = frameBytesMax;
  }

  /** Calls back for each whole frame. Throws MalformedFrame where the stream makes no sense. */
  push(chunk: Uint8Array): void {
    const isAlone = this.#waitingBytes === 0 && !this.isStopped;
    const rest = isAlone ? chunk.subarray(this.#cut(chunk, 0)) : chunk;
    if (rest.length === 0) return;
    this.#waiting.push(rest.slice());
    this.#waitingBytes += rest.length;
    if (!isAlone) this.#cutWaiting();
  }

  /** Goes on behind the frame that it stopped at. */
  resume(): void {
    this.isStopped = false;
    this.#cutWaiting();
  }

  #cutWaiting(): void {
    while (!this.isStopped && this.#waitingBytes >= this.#needed) {
      const bytes = this.#joined(this.#needed);
      const at = this.#cut(bytes, this.#at);
      this.#waitingBytes -= at - this.#at;
      this.#at = at;
      if (at < bytes.length) continue;
      this.#waiting.shift();
      this.#at = 0;
    }
  }

  /** The first chunk, with as many of the next ones as give so many bytes. */
  #joined(needed: number): Uint8Array {
    const [first] = this.#waiting;
    if (first === undefined) return new Uint8Array(0);
    if (first.length - this.#at >= needed) return first;
    let length = first.length - this.#at;
    let count = 1;
    for (; length < needed; count += 1) length += this.#waiting[count]?.length ?? 0;
    const parts = this.#waiting.splice(0, count);
    parts[0] = first.subarray(this.#at);
    const joined = Buffer.concat(parts);
    this.#waiting.unshift(joined);
    this.#at = 0;
    return joined;
  }

  /** Reads whole frames from there on. Gives where it ended. */
  #cut(bytes: Uint8Array, start: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = start;
    this.#needed = HEADER;
    while (bytes.length - at >= HEADER) {
      const length = view.getUint32(at, true);
      if (length > this.#frameBytesMax)
        throw new MalformedFrame(`${length} bytes are over the limit`);
      if (bytes.length - at - 4 < length) {
        this.#needed = length + 4;
        break;
      }
      this.#reader.open(bytes, view, at + 4, at + 4 + length);
      at += 4 + length;
      this.#onFrame(this.#reader);
      if (at < bytes.length && this.stops()) {
        this.isStopped = true;
        break;
      }
    }
    return at;
  }
}
