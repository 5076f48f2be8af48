/** A WebSocket that a script accepted, as the platform's side of the wire sees it. */
import type { ExecWebSocket } from "../../shared/execution.ts";

export interface SocketLink {
  /** The response is out: the script's socket is open from now on. */
  socketOpen(number: number): void;
  socketMessage(number: number, data: string | Uint8Array): void;
  socketClose(number: number, code: number, reason: string): void;
}

type Peer = Parameters<ExecWebSocket["attach"]>[0];

/** For a script that ended without closing: RFC 6455, 7.4.1. */
const INTERNAL_ERROR = 1011;

export class ScriptSocket implements ExecWebSocket {
  readonly protocol: string;
  readonly #link: SocketLink;
  readonly #number: number;
  #peer: Peer | undefined;
  /** What the script sent before the client's side was there. */
  #early: ((peer: Peer) => void)[] = [];
  #closed = false;

  constructor(link: SocketLink, number: number, protocol: string) {
    this.#link = link;
    this.#number = number;
    this.protocol = protocol;
  }

  // --- from the client ---

  attach(peer: Peer): void {
    this.#peer = peer;
    this.#link.socketOpen(this.#number);
    for (const step of this.#early.splice(0)) step(peer);
  }

  message(data: string | Uint8Array): void {
    if (!this.#closed) this.#link.socketMessage(this.#number, data);
  }

  close(code: number, reason: string): void {
    this.#closed = true;
    this.#link.socketClose(this.#number, code, reason);
  }

  // --- from the script ---

  send(data: string | Uint8Array): void {
    this.#toPeer((peer) => peer.send(data));
  }

  shut(code: number, reason: string): void {
    this.#toPeer((peer) => peer.close(code, reason));
  }

  /** The execution is over, whatever the reason. */
  ended(): void {
    if (!this.#closed) this.shut(INTERNAL_ERROR, "The script has ended");
    this.#closed = true;
  }

  #toPeer(step: (peer: Peer) => void): void {
    if (this.#closed) return;
    if (this.#peer === undefined) this.#early.push(step);
    else step(this.#peer);
  }
}
