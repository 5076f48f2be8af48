import type { ExecWebSocket } from "../../shared/execution.ts";
import type { ClientRequest, HeaderReader, PeerAddress, Target } from "../../shared/http.ts";
import { INSIDE } from "./origin.ts";
import { targetOf } from "./target.ts";

/** A script's fetch to a claimed host, as a request like those of clients. */
export class InternalRequest implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly target: Target | undefined;
  readonly headers: HeaderReader;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly remoteAddr: PeerAddress = INSIDE;
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
    this.method = request.method;
    this.url = request.url;
    this.target = targetOf(request.url);
    this.headers = request.headers;
    this.body = request.body;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  bytes(): Promise<Uint8Array> {
    return this.#request.bytes();
  }

  /** There is no connection that could become a WebSocket. */
  upgrade(_socket: ExecWebSocket): boolean {
    return false;
  }
}
