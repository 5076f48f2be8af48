/** The requests that come in on one connection, read no faster than they are wanted. */
import { IncomingBody } from "./body.ts";
import { BODY_TOO_LARGE, headFault, parseFault, UNREADABLE, type Fault } from "./faults.ts";
import type { RawSocket } from "./output.ts";
import { RequestParser, type Head } from "./parser.ts";
import { ReceivedRequest, type RequestSource } from "./request.ts";

export interface InboundOwner extends RequestSource {
  /** Its head is there; the body may follow. */
  arrived(request: ReceivedRequest): void;
  /** What comes next is no request that can be answered, or the rest of `receiving` is not. Nothing follows. */
  refused(fault: Fault, receiving: ReceivedRequest | null): void;
  /** Its body is being read. */
  bodyAwaited(request: ReceivedRequest): void;
  /** More requests must not be read now. */
  readonly hasEnough: boolean;
}

/** Bytes given to the parser at once: they may hold hundreds of requests. */
const PARSE_BYTES = 16 * 1024;

export class Inbound {
  readonly #owner: InboundOwner;
  readonly #socket: Pick<RawSocket, "pause" | "resume">;
  readonly #bodyBytesMax: number;
  #parser: RequestParser | null;
  #unparsed: Uint8Array | null = null;
  #isPaused = false;
  #isParsing = false;
  #isInHead = false;
  #isRefused = false;
  /** The last request asked for another protocol. */
  #isBehindUpgrade = false;
  /** Its body is coming in. */
  #receiving: ReceivedRequest | null = null;
  #bodyBytes = 0;

  constructor(
    owner: InboundOwner,
    socket: Pick<RawSocket, "pause" | "resume">,
    bodyBytesMax: number,
  ) {
    this.#owner = owner;
    this.#socket = socket;
    this.#bodyBytesMax = bodyBytesMax;
    this.#parser = new RequestParser(this);
  }

  /** A part of a request is there, and the client is to send the rest. */
  get awaitsClient(): boolean {
    if (this.#isPaused) return false;
    // A client that waits to be asked for the body is not late with it.
    return this.#isInHead || this.#receiving?.awaitsContinue === false;
  }

  get isReceiving(): boolean {
    return this.#receiving !== null;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isInHead(): boolean {
    return this.#isInHead;
  }

  /** The client may be sending yet. */
  get isUnfinished(): boolean {
    return this.#isRefused || this.#isPaused || this.#receiving !== null;
  }

  received(chunk: Uint8Array): void {
    if (this.#parser === null || this.#isRefused) return;
    this.#unparsed = this.#unparsed === null ? chunk : Buffer.concat([this.#unparsed, chunk]);
    this.readOn();
  }

  /** Goes on where there may be room for more. */
  readOn(): void {
    if (this.#isParsing || (this.#unparsed === null && !this.#isPaused)) return;
    this.#isParsing = true;
    while (this.#unparsed !== null && !this.#isFull) this.#parse(this.#unparsed);
    this.#isParsing = false;
    this.#pause(this.#unparsed !== null);
  }

  #pause(should: boolean): void {
    if (should === this.#isPaused) return;
    this.#isPaused = should;
    if (should) this.#socket.pause();
    else this.#socket.resume();
  }

  get #isFull(): boolean {
    return this.#owner.hasEnough || this.#receiving?.incoming?.isFull === true;
  }

  #parse(bytes: Uint8Array): void {
    const part = bytes.length > PARSE_BYTES ? bytes.subarray(0, PARSE_BYTES) : bytes;
    if (this.#receiving === null) this.#isInHead = true;
    if (this.#isBehindUpgrade) this.#parser?.restart();
    this.#isBehindUpgrade = false;
    const taken = this.#parser?.execute(part) ?? bytes.length;
    if (typeof taken !== "number") this.#refuse(parseFault(taken));
    else if (taken < part.length && !this.#isBehindUpgrade) this.#refuse(UNREADABLE);
    this.#unparsed =
      this.#isRefused || typeof taken !== "number" || taken === bytes.length
        ? null
        : bytes.subarray(taken);
  }

  #refuse(fault: Fault): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#isInHead = false;
    const receiving = this.#receiving;
    this.#receiving = null;
    receiving?.aborted();
    this.#owner.refused(fault, receiving);
  }

  // Of the parser.

  head(head: Head): void {
    this.#isInHead = false;
    if (this.#isRefused) return;
    const request = new ReceivedRequest(this.#owner, head);
    const fault = headFault(request, this.#bodyBytesMax);
    if (fault !== null) return this.#refuse(fault);
    this.#receiving = request;
    this.#bodyBytes = 0;
    if (request.announcesBody)
      request.incoming = new IncomingBody({ bodyWanted: () => this.#wanted(request) });
    this.#owner.arrived(request);
  }

  body(chunk: Uint8Array): void {
    if (this.#isRefused) return;
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > this.#bodyBytesMax) return this.#refuse(BODY_TOO_LARGE);
    this.#receiving?.incoming?.push(chunk);
  }

  complete(): void {
    this.#receiving?.incoming?.end();
    this.#isBehindUpgrade = this.#receiving?.isUpgrade === true;
    this.#receiving = null;
  }

  #wanted(request: ReceivedRequest): void {
    this.#owner.bodyAwaited(request);
    this.readOn();
  }

  /** Gives what was not read, and reads no more. */
  stop(): Uint8Array | null {
    const rest = this.#unparsed;
    this.#unparsed = null;
    this.#pause(false);
    this.#receiving?.aborted();
    this.#receiving = null;
    this.#isInHead = false;
    const parser = this.#parser;
    this.#parser = null;
    // A parser that is at work is not handed on: it would come back in the middle of another's bytes.
    if (!this.#isParsing) parser?.release();
    return rest;
  }
}
