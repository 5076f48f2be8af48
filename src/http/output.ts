/** What goes out on one connection: gathered, written at once, and the rest when the client has taken it. */

/** The part of `Bun.Socket` that a connection needs. */
export interface RawSocket {
  /** Undefined once the client has gone. */
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  write(data: string | Uint8Array): number;
  end(): void;
  /** Ends our side only. */
  shutdown(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** A body of bytes up to this is copied behind its head, to go out by one system call. */
const JOINED_BYTES = 64 * 1024;
/** Bytes on their way past which no stream is read on and no request begun. */
const ROOM_BYTES = 64 * 1024;

// oxlint-disable-next-line no-control-regex -- ASCII is what goes out as it is in either encoding
const NOT_ASCII = /[^\x00-\x7f]/;

export class Output {
  readonly #socket: RawSocket;
  /** ASCII only; goes out before `#pending` is added to. */
  #text = "";
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** The socket took less than it was given. */
  isBlocked = false;
  #roomWanted: (() => void) | null = null;

  constructor(socket: RawSocket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#text === "" && this.#pendingBytes === 0;
  }

  /** More is to be made only when some of it was taken. */
  get isFull(): boolean {
    return this.isBlocked || this.#pendingBytes + this.#text.length >= ROOM_BYTES;
  }

  /** A string has one character a byte. */
  write(data: string | Uint8Array): void {
    if (typeof data === "string" && this.#pendingBytes === 0 && !NOT_ASCII.test(data)) {
      this.#text += data;
      return;
    }
    this.#add(typeof data === "string" ? Buffer.from(data, "latin1") : data);
  }

  /** `bodyBytes`: the length of the body in UTF-8. */
  message(head: string, body: string | Uint8Array | null, bodyBytes: number): void {
    if (typeof body === "string" && bodyBytes === body.length) return this.write(head + body);
    this.write(head);
    if (body === null || bodyBytes === 0) return;
    this.#add(typeof body === "string" ? Buffer.from(body, "utf8") : body);
  }

  #add(bytes: Uint8Array): void {
    if (this.#text !== "") {
      const text = Buffer.from(this.#text, "latin1");
      this.#text = "";
      this.#pending.push(text);
      this.#pendingBytes += text.length;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  /** True when nothing is left. */
  flush(): boolean {
    if (this.isBlocked) return false;
    if (this.#text !== "" && !this.#writeText()) return false;
    while (this.#pending.length > 0) {
      const bytes = this.#joined();
      const written = Math.max(0, this.#socket.write(bytes));
      this.#pendingBytes -= written;
      if (written === bytes.length) continue;
      this.#pending.unshift(bytes.subarray(written));
      return !(this.isBlocked = true);
    }
    this.#giveRoom();
    return true;
  }

  #writeText(): boolean {
    const text = this.#text;
    this.#text = "";
    const written = Math.max(0, this.#socket.write(text));
    if (written === text.length) return true;
    const rest = Buffer.from(text.slice(written), "latin1");
    this.#pending.unshift(rest);
    this.#pendingBytes += rest.length;
    return !(this.isBlocked = true);
  }

  /** The next of the pending pieces, small ones together. */
  #joined(): Uint8Array {
    const first = this.#pending.shift() ?? new Uint8Array();
    const parts = [first];
    let bytes = first.length;
    while (this.#pending.length > 0) {
      const [next] = this.#pending;
      if (next === undefined || bytes + next.length > JOINED_BYTES) break;
      bytes += next.length;
      parts.push(next);
      this.#pending.shift();
    }
    return parts.length === 1 ? first : Buffer.concat(parts, bytes);
  }

  /** The client took what it was given. True when nothing is left. */
  drained(): boolean {
    this.isBlocked = false;
    return this.flush();
  }

  /** Resolves when a stream may add more. */
  room(): Promise<void> | undefined {
    if (!this.isFull) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#roomWanted = resolve;
    return promise;
  }

  closed(): void {
    this.#text = "";
    this.#pending = [];
    this.#pendingBytes = 0;
    this.isBlocked = false;
    this.#giveRoom();
  }

  #giveRoom(): void {
    const wanted = this.#roomWanted;
    this.#roomWanted = null;
    wanted?.();
  }
}
