/** One client's connection: its requests one after another, their answers in the same order (RFC 9112, 9.3). */
import type { ExecWebSocket, HeaderList } from "../shared/execution.ts";
import type { Answer, Handled, PeerAddress } from "../shared/http.ts";
import { HELD_BYTES_MAX } from "./body.ts";
import { CONTINUE, faultAnswer, LATE, type Fault } from "./faults.ts";
import { Inbound, type InboundOwner } from "./inbound.ts";
import { Output, type RawSocket } from "./output.ts";
import type { ReceivedRequest } from "./request.ts";
import type { Tunnel } from "./tunnel.ts";
import { chunkFrame, LAST_CHUNK, writeHead, type Framing } from "./write.ts";

/** What a connection has of its server. */
export interface ConnectionHost {
  /** Neither throws nor rejects. */
  readonly handler: (request: ReceivedRequest) => Handled;
  readonly bodyBytesMax: number;
  readonly idleSeconds: number;
  /** Whole seconds of a clock that only goes forward. */
  readonly seconds: number;
  /** No new request is taken; what is running may end. */
  readonly isStopping: boolean;
  /** What should never throw did. */
  failed(connection: Connection, error: unknown): void;
  /** `run` is to be called soon, and then `flush`. */
  ready(connection: Connection): void;
  /** `flush` is to be called soon. */
  written(connection: Connection): void;
  /** Null where the request is no handshake. */
  tunnel(
    socket: RawSocket,
    request: ReceivedRequest,
    script: ExecWebSocket,
    headers: HeaderList,
  ): Tunnel | null;
  closed(connection: Connection): void;
}

/** Requests that wait behind one that is being answered; others stay unread. */
const WAITING_MAX = 16;
/** A client that takes nothing of its answer for so long is cut off. */
const STALLED_SECONDS = 120;
/** How long what a client still sends is thrown away, so that it can read why it was refused. */
const LINGER_SECONDS = 3;

export class Connection implements InboundOwner {
  readonly remoteAddr: PeerAddress;
  readonly #host: ConnectionHost;
  readonly #socket: RawSocket;
  readonly #output: Output;
  readonly #inbound: Inbound;
  #waiting: ReceivedRequest[] = [];
  /** It is being answered. */
  #active: ReceivedRequest | null = null;
  /** To be told behind the answers to what came before. */
  #fault: Fault | null = null;
  #tunnel: Tunnel | null = null;
  /** That of the tunnel at the last tick. */
  #phase: Tunnel["phase"] = "open";
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #state: "open" | "closing" | "lingering" | "closed" = "open";
  #hasEnded = false;
  /** When the last thing happened that a bound is counted from. */
  #since: number;
  /** In the host's lists of those to be run and to be flushed. */
  isReady = false;
  isWritten = false;

  constructor(host: ConnectionHost, socket: RawSocket) {
    this.#host = host;
    this.#socket = socket;
    // Now: of a client that has gone by the time that it is wanted, nobody could tell any more.
    this.remoteAddr = {
      hostname: plainAddress(socket.remoteAddress ?? UNKNOWN),
      port: socket.remotePort ?? 0,
    };
    this.#output = new Output(socket);
    this.#inbound = new Inbound(this, socket, host.bodyBytesMax);
    this.#since = host.seconds;
  }

  get #isIdle(): boolean {
    return this.#active === null && this.#waiting.length === 0;
  }

  // Of the socket.

  received(chunk: Uint8Array): void {
    if (this.#tunnel !== null) return this.#tunnel.fromClient(chunk);
    if (this.#state !== "open") return;
    if (this.#winsTime) this.#since = this.#host.seconds;
    this.#inbound.received(chunk);
  }

  /**
   * Not by sending while an answer is not taken. And a head, or the rest of a body that nobody reads, is to be
   * whole in time, however its bytes are dealt out.
   */
  get #winsTime(): boolean {
    if (this.#output.isBlocked || this.#inbound.isInHead) return false;
    return !this.#isIdle || !this.#inbound.isReceiving;
  }

  drained(): void {
    this.#since = this.#host.seconds;
    if (this.#tunnel !== null) return this.#tunnel.clientDrained();
    if (this.#output.drained()) this.#flushed();
  }

  /** The client sends no more, and it has most likely gone: only what is answered at once is still sent. */
  ended(): void {
    this.#hasEnded = true;
    const isAnswered = this.#active === null && !this.#output.isEmpty;
    const isAtOnce = this.isReady || this.isWritten || isAnswered;
    if (this.#tunnel !== null || !isAtOnce) this.destroy();
  }

  closed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#tunnel?.clientClosed();
    this.#inbound.stop();
    this.#active?.aborted();
    this.#active = null;
    for (const request of this.#waiting) request.aborted();
    this.#waiting = [];
    void this.#reader?.cancel().catch(() => undefined);
    this.#output.closed();
    this.#host.closed(this);
  }

  /** At once, whatever is under way. */
  destroy(): void {
    if (this.#hasEnded) this.#socket.end();
    else this.#socket.terminate();
    this.closed();
  }

  // Of the host.

  get isTunnel(): boolean {
    return this.#tunnel !== null;
  }

  /** Closes it for the sake of another, where nothing is under way: false where something is. */
  evict(): boolean {
    if (!this.#isIdle || this.#tunnel !== null || !this.#output.isEmpty) return false;
    this.destroy();
    return true;
  }

  /** Ends what has gone on for too long. */
  tick(): void {
    const bound = this.#boundSeconds();
    if (bound === null || this.#host.seconds - this.#since <= bound) return;
    if (this.#state !== "open" || !this.#isIdle) this.destroy();
    else if (this.#inbound.isInHead) this.refused(LATE);
    else this.#hangUp();
  }

  #boundSeconds(): number | null {
    if (this.#tunnel !== null) return this.#tunnelSeconds(this.#tunnel.phase);
    if (this.#state === "lingering") return LINGER_SECONDS;
    if (this.#output.isBlocked) return STALLED_SECONDS;
    // While it is being answered the limits of who answers hold.
    return this.#isIdle || this.#inbound.awaitsClient ? this.#host.idleSeconds : null;
  }

  #tunnelSeconds(phase: Tunnel["phase"]): number | null {
    if (phase !== this.#phase) this.#since = this.#host.seconds;
    this.#phase = phase;
    if (phase === "open") return null;
    return phase === "draining" ? STALLED_SECONDS : LINGER_SECONDS;
  }

  /** The server is stopping. */
  retire(): void {
    if (this.#state === "open" && this.#isIdle && this.#tunnel === null && this.#output.isEmpty)
      this.#hangUp();
  }

  /** Starts what is there to be answered, until something has to be waited for or others have waited enough. */
  run(until: number): void {
    // Answers that are not taken would gather here: a request is a fraction of what it may bring about.
    while (this.#active === null && this.#state === "open" && !this.#output.isFull) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      this.#start(request);
      if (this.#waiting.length === 0 || performance.now() <= until) continue;
      this.#host.ready(this);
      break;
    }
    if (this.#isIdle && this.#fault !== null && this.#state === "open") this.#refuse();
    // Who has hung up does not wait for an answer that takes its time.
    if (this.#hasEnded && !this.isWritten && this.#output.isEmpty) return this.destroy();
    this.#inbound.readOn();
  }

  #start(request: ReceivedRequest): void {
    this.#active = request;
    const handled = this.#host.handler(request);
    if (!(handled instanceof Promise)) return this.#answer(request, handled);
    void handled.then((later) => {
      try {
        this.#answer(request, later);
      } catch (error) {
        this.#host.failed(this, error);
      }
    });
  }

  /** Writes what was answered. */
  flush(): void {
    if (this.#state === "closed" || this.#tunnel !== null) return;
    if (this.#output.flush()) this.#flushed();
    else this.#since = this.#host.seconds;
  }

  #flushed(): void {
    if (this.#active === null) {
      if (this.#state === "closing") return this.#hangUp();
      if (this.#waiting.length > 0 && this.#state === "open") return this.#host.ready(this);
    }
    if (this.#hasEnded) this.destroy();
  }

  // Of what comes in.

  get hasEnough(): boolean {
    if (this.#state !== "open" || this.#waiting.length >= WAITING_MAX) return true;
    // Behind a handshake comes no HTTP; one with a body is none.
    const last = this.#waiting.at(-1) ?? this.#active;
    if (last?.isUpgrade === true && last.incoming === null) return true;
    return (
      this.#waiting.reduce((sum, { incoming }) => sum + (incoming?.held ?? 0), 0) >= HELD_BYTES_MAX
    );
  }

  arrived(request: ReceivedRequest): void {
    this.#waiting.push(request);
    if (this.#active === null) this.#host.ready(this);
  }

  refused(fault: Fault, receiving: ReceivedRequest | null = null): void {
    // Half an answer cannot be taken back.
    if (receiving !== null && receiving === this.#active && this.#reader !== null)
      return this.destroy();
    // It has its answer, and another would be taken for that to a request of which we know nothing.
    if (receiving !== null && receiving !== this.#active && !this.#waiting.includes(receiving)) {
      this.#state = "closing";
      return this.#host.written(this);
    }
    this.#fault = fault;
    this.#waiting = this.#waiting.filter((request) => request !== receiving);
    if (this.#active === receiving) this.#active = null;
    if (this.#active === null) this.#host.ready(this);
  }

  bodyAwaited(request: ReceivedRequest): void {
    this.#since = this.#host.seconds;
    if (!request.awaitsContinue) return;
    request.wasContinued = true;
    this.#output.write(CONTINUE);
    this.#host.written(this);
  }

  // Answers.

  #answer(request: ReceivedRequest, answer: Answer | undefined): void {
    if (answer === undefined || request !== this.#active) return discard(answer?.body);
    const { body } = answer;
    // Once its head is out there is no more place for `100 Continue`, and a stream may be made of the body.
    if (body instanceof ReadableStream && request.incoming?.isTaken === true)
      this.bodyAwaited(request);
    const closes = this.#closesAfter(request, body);
    request.wasContinued = true;
    if (closes) this.#state = "closing";
    const { isHttp10 } = request;
    const bytes = lengthOf(body);
    const wire = writeHead(answer, bytes, { isHead: request.method === "HEAD", isHttp10, closes });
    const isEmpty = wire.framing === "none";
    if (!(body instanceof ReadableStream)) {
      this.#output.message(wire.head, isEmpty ? null : body, bytes);
      return this.#finished(request);
    }
    this.#output.write(wire.head);
    if (!isEmpty) return void this.#pump(request, body, wire.framing);
    discard(body);
    this.#finished(request);
  }

  #closesAfter(request: ReceivedRequest, body: Answer["body"]): boolean {
    if (!request.keepsAlive || this.#host.isStopping) return true;
    // What follows may be for the one that the client wanted to be connected to.
    if (request.method === "CONNECT") return true;
    if (this.#hasEnded && this.#waiting.length === 0 && !this.#inbound.isPaused) return true;
    // Nothing else tells its end.
    if (request.isHttp10 && body instanceof ReadableStream) return true;
    // Whether the body that was never asked for will come, nobody can tell.
    return request.awaitsContinue && request.incoming?.isComplete === false;
  }

  async #pump(
    request: ReceivedRequest,
    body: ReadableStream<Uint8Array>,
    framing: Framing,
  ): Promise<void> {
    this.#host.written(this);
    try {
      const reader = body.getReader();
      this.#reader = reader;
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#state === "closed") break;
        if (value.length === 0) continue;
        this.#output.write(framing === "chunked" ? chunkFrame(value) : value);
        this.#host.written(this);
        await this.#output.room();
      }
    } catch {
      // The client sees by the missing end that something is missing.
      return this.destroy();
    }
    this.#reader = null;
    if (this.#state === "closed") return;
    if (framing === "chunked") this.#output.write(LAST_CHUNK);
    this.#finished(request);
  }

  #finished(request: ReceivedRequest): void {
    this.#active = null;
    this.#since = this.#host.seconds;
    request.incoming?.discard();
    this.#host.written(this);
    if (this.#waiting.length > 0 || this.#fault !== null) this.#host.ready(this);
    this.#inbound.readOn();
  }

  #refuse(): void {
    if (this.#fault === null) return;
    this.#state = "closing";
    const answer = faultAnswer(this.#fault);
    const bytes = lengthOf(answer.body);
    const context = { isHead: false, isHttp10: false, closes: true };
    this.#output.message(writeHead(answer, bytes, context).head, answer.body, bytes);
    this.#host.written(this);
  }

  /** To close with bytes unread would take the answer back from a client that still sends (RFC 9112, 9.6). */
  #hangUp(): void {
    this.#state = "lingering";
    this.#since = this.#host.seconds;
    const isSending = this.#inbound.isUnfinished && !this.#hasEnded;
    this.#inbound.stop();
    if (isSending) this.#socket.shutdown();
    else this.#socket.end();
  }

  upgrade(request: ReceivedRequest, script: ExecWebSocket, headers: HeaderList): boolean {
    if (this.#state !== "open" || request !== this.#active) return false;
    if (!this.#output.flush()) return false;
    const tunnel = this.#host.tunnel(this.#socket, request, script, headers);
    if (tunnel === null) return false;
    this.#tunnel = tunnel;
    this.#active = null;
    tunnel.begin(this.#inbound.stop());
    return true;
  }
}

/** Of a client that was gone before it was accepted. */
const UNKNOWN = "0.0.0.0";

/** A listener on `::` gives IPv4 clients as `::ffff:192.0.2.1`. */
const plainAddress = (address: string): string =>
  address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;

function lengthOf(body: Answer["body"]): number {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body === null || body instanceof ReadableStream ? 0 : body.length;
}

function discard(body: Answer["body"] | undefined): void {
  if (body instanceof ReadableStream) void body.cancel().catch(() => undefined);
}
