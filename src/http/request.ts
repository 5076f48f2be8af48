import type { ExecWebSocket, HeaderList } from "../shared/execution.ts";
import type { ClientRequest, PeerAddress, Target } from "../shared/http.ts";
import type { IncomingBody } from "./body.ts";
import { RequestHeaders } from "./headers.ts";
import type { Head } from "./parser.ts";
import { readTarget } from "./target.ts";

/** The connection that a request came by. */
export interface RequestSource {
  readonly remoteAddr: PeerAddress;
  upgrade(request: ReceivedRequest, socket: ExecWebSocket, headers: HeaderList): boolean;
}

export class ReceivedRequest implements ClientRequest {
  readonly method: string;
  readonly target: Target | undefined;
  readonly headers: RequestHeaders;
  readonly major: number;
  readonly isHttp10: boolean;
  readonly keepsAlive: boolean;
  /** It asks for another protocol: what comes behind it may be no HTTP. */
  readonly isUpgrade: boolean;
  readonly fieldCount: number;
  /** Null for none. */
  incoming: IncomingBody | null = null;
  /** A client that waits to be asked for the body was asked. */
  wasContinued = false;
  readonly #source: RequestSource;
  #abort: AbortController | null = null;
  #isAborted = false;

  constructor(source: RequestSource, head: Head) {
    this.#source = source;
    this.method = head.method;
    this.target = readTarget(head.target);
    this.headers = new RequestHeaders(head.raw);
    this.fieldCount = head.raw.length / 2;
    this.major = head.major;
    this.isHttp10 = head.minor === 0;
    this.keepsAlive = head.keepsAlive;
    this.isUpgrade = head.isUpgrade;
  }

  get announcesBody(): boolean {
    const length = this.headers.get("content-length");
    return length === null ? this.headers.has("transfer-encoding") : Number(length) > 0;
  }

  /** The client waits to be asked for the body (RFC 9110, 10.1.1). */
  get awaitsContinue(): boolean {
    return !this.isHttp10 && !this.wasContinued && this.headers.has("expect");
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.incoming?.stream() ?? null;
  }

  bytes(): Promise<Uint8Array> {
    return this.incoming?.bytes() ?? Promise.resolve(new Uint8Array());
  }

  get remoteAddr(): PeerAddress {
    return this.#source.remoteAddr;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isAborted) this.#abort.abort();
    return this.#abort.signal;
  }

  upgrade(socket: ExecWebSocket, headers: HeaderList): boolean {
    return this.#source.upgrade(this, socket, headers);
  }

  /** The client went away before its answer was through. */
  aborted(): void {
    this.#isAborted = true;
    this.incoming?.fail();
    this.#abort?.abort();
  }
}
