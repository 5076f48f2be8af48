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

/** Collects chunks until frames are whole. */
export class FrameStream {
  readonly #reader = new FrameReader();
  readonly #onFrame: (frame: FrameReader) => void;
  readonly #frameBytesMax: number;
  /** Chunks of a frame that is not whole yet, and how many bytes it takes until something can be cut. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #needed = HEADER;
  /** Frames are left for `resume`. */
  isStopped = false;
  /** Asked after each frame: true leaves the next ones for later. */
  stops: () => boolean = () => false;

  constructor(onFrame: (frame: FrameReader) => void, frameBytesMax = 2 ** 30) {
    this.#onFrame = onFrame;
    this.#frameBytesMax = frameBytesMax;
  }

  /** Calls back for each whole frame. Throws MalformedFrame where the stream makes no sense. */
  push(chunk: Uint8Array): void {
    if (this.#waitingBytes === 0 && !this.isStopped) {
      this.#cut(chunk);
      return;
    }
    this.#waiting.push(chunk.slice());
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= this.#needed && !this.isStopped) this.#cutWaiting();
  }

  /** Goes on behind the frame that it stopped at. */
  resume(): void {
    this.isStopped = false;
    if (this.#waitingBytes > 0) this.#cutWaiting();
  }

  #cutWaiting(): void {
    const joined = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#cut(joined);
  }

  #cut(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
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
    if (at === bytes.length) return;
    this.#waiting = [bytes.slice(at)];
    this.#waitingBytes = bytes.length - at;
  }
}
