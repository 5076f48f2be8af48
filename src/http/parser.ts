/** Request messages out of bytes, by llhttp: the parser of Node, which Bun has within it. */
import { HTTPParser, methods } from "_http_common";

/** Its number in llhttp; the list of Bun ends before it. */
const QUERY = 46;
/** Of a whole head; beyond it llhttp stops with HPE_HEADER_OVERFLOW. */
const HEAD_BYTES_MAX = 16 * 1024;

export interface Head {
  major: number;
  minor: number;
  method: string;
  target: string;
  /** Names and values by turns, as they came, of one character a byte. */
  raw: string[];
  /** The bytes behind the message may be of another protocol. */
  isUpgrade: boolean;
  /** By version and `Connection`. */
  keepsAlive: boolean;
}

export interface ParserEvents {
  head(head: Head): void;
  body(chunk: Uint8Array): void;
  complete(): void;
}

export interface ParseError {
  /** Of llhttp: `HPE_...`. */
  code: string;
  reason: string;
}

class OwnedParser extends HTTPParser {
  events: ParserEvents | null = null;
  /** Those of a head that came in pieces, and of trailers. */
  early: string[] = [];
  earlyTarget = "";
  inBody = false;
}

// Shared by all parsers, which call them as methods: a closure a connection would be made for nothing.
const onHeaders = function (this: OwnedParser, headers: string[], target: string): void {
  if (this.inBody) return;
  this.early.push(...headers);
  this.earlyTarget += target;
};

const onHeadersComplete = function (
  this: OwnedParser,
  major: number,
  minor: number,
  headers: string[] | undefined,
  method: number,
  target: string | undefined,
  _status: unknown,
  _reason: unknown,
  isUpgrade: boolean,
  keepsAlive: boolean,
): number {
  const raw = this.early.length === 0 && headers !== undefined ? headers : this.early;
  const head: Head = {
    major,
    minor,
    method: method === QUERY ? "QUERY" : (methods[method] ?? ""),
    target: target ?? this.earlyTarget,
    raw,
    isUpgrade,
    keepsAlive,
  };
  if (raw === this.early) this.early = [];
  this.earlyTarget = "";
  this.inBody = true;
  this.events?.head(head);
  return 0;
};

const onBody = function (this: OwnedParser, chunk: Uint8Array): void {
  this.events?.body(chunk);
};

const onMessageComplete = function (this: OwnedParser): void {
  this.inBody = false;
  this.early.length = 0;
  this.events?.complete();
};

/** Idle parsers kept: a connection that closes leaves its one to the next. */
const KEPT_MAX = 256;
const kept: OwnedParser[] = [];

function made(): OwnedParser {
  const parser = new OwnedParser();
  parser[HTTPParser.kOnHeaders] = onHeaders;
  parser[HTTPParser.kOnHeadersComplete] = onHeadersComplete;
  parser[HTTPParser.kOnBody] = onBody;
  parser[HTTPParser.kOnMessageComplete] = onMessageComplete;
  return parser;
}

export class RequestParser {
  readonly #parser: OwnedParser;

  constructor(events: ParserEvents) {
    this.#parser = kept.pop() ?? made();
    this.#parser.events = events;
    this.restart();
  }

  /** Between messages. Behind one that asks for another protocol it must be: faults of what follows are not told. */
  restart(): void {
    this.#parser.initialize(HTTPParser.REQUEST, {}, HEAD_BYTES_MAX, HTTPParser.kLenientNone);
  }

  /** The bytes taken: fewer than given behind a request that asks for another protocol. */
  execute(chunk: Uint8Array): number | ParseError {
    return this.#parser.execute(chunk);
  }

  /** Not while `execute` runs. */
  release(): void {
    this.#parser.events = null;
    this.#parser.early = [];
    this.#parser.earlyTarget = "";
    this.#parser.inBody = false;
    if (kept.length < KEPT_MAX) kept.push(this.#parser);
    else this.#parser.remove();
  }
}
