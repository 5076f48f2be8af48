/** A public request and its answer, as they pass between the listener and the data plane. */
import type { ExecWebSocket, HeaderList } from "./execution.ts";

/** Reading half of the Fetch standard's Headers; names are asked for in lower case. */
export interface HeaderReader {
  /** Values of a repeated header come joined, as in the Fetch standard. */
  get(name: string): string | null;
  has(name: string): boolean;
  [Symbol.iterator](): Iterator<[string, string]>;
}

/** Where a request wants to go. */
export interface Target {
  /** Dot segments resolved and escaped as the URL standard does it; starts with `/`. */
  path: string;
  /** With its `?`, or "". */
  query: string;
}

export interface PeerAddress {
  hostname: string;
  port: number;
}

export interface ClientRequest {
  readonly method: string;
  /** Undefined for a target that is no path. */
  readonly target: Target | undefined;
  readonly headers: HeaderReader;
  /** Null where the request has none. Read once, by this or by `bytes`. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** @throws when the client went away first */
  bytes(): Promise<Uint8Array>;
  /** Fires when the client has gone before its answer was through. */
  readonly signal: AbortSignal;
  readonly remoteAddr: PeerAddress;
  /**
   * Makes the connection a WebSocket that talks to `socket`. False where the client did not ask for one, or
   * not as RFC 6455, 4.2.1 has it; nothing has happened then.
   */
  upgrade(socket: ExecWebSocket, headers: HeaderList): boolean;
}

export interface Answer {
  status: number;
  /** Names in lower case; `content-length` only in an answer to HEAD. */
  headers: HeaderList;
  body: string | Uint8Array | ReadableStream<Uint8Array> | null;
}

/** Undefined: the connection has become a WebSocket. */
export type Handled = Answer | undefined | Promise<Answer | undefined>;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- what may not stand in a value is control characters
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws TypeError or RangeError for what cannot be a response: a header could end the head, or begin another */
export function checkAnswer({ status, headers }: Pick<Answer, "status" | "headers">): void {
  if (!(Number.isInteger(status) && status >= 200 && status <= 599))
    throw new RangeError(`Cannot answer with status ${status}: it is not 200-599`);
  for (const [name, value] of headers) {
    if (!TOKEN.test(name))
      throw new TypeError(`Cannot send a header named ${JSON.stringify(name)}`);
    if (NOT_IN_VALUE.test(value))
      throw new TypeError(`Cannot send the header "${name}": its value holds ${bad(value)}`);
  }
}

const bad = (value: string): string => JSON.stringify(NOT_IN_VALUE.exec(value)?.[0]);
