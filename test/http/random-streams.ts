/** Byte streams of pipelined requests, most of them nearly right. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** mulberry32 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  is(chance: number): boolean {
    return this.next() < chance;
  }

  of(list: readonly string[]): string {
    return list[this.below(list.length)] ?? "";
  }
}

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "OPTIONS",
  "DELETE",
  "PATCH",
  "CONNECT",
  "TRACE",
  "get",
  "QUERY",
  "PRI",
  "SOURCE",
  "M-SEARCH",
];
const TARGETS = [
  "/",
  "/a/b?c=d",
  "/a%2fb",
  "//x",
  "/a#b",
  "*",
  "http://x/a",
  "http://u@x:1/",
  "x:80",
  "/\u00e9",
  "/..",
  "/a?b?c",
  "/ ",
  "",
  "/\\",
  "https://x",
  "/%",
  "/a;b",
];
const VERSIONS = [
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/0.9",
  "HTTP/2.0",
  "HTTP/1.2",
  "http/1.1",
  "HTTP/1.1 ",
  "HTTP/01.1",
  "RTSP/1.0",
  "",
];
const FIELDS = [
  "Host: y",
  "host:x",
  "X-A: b",
  "X-A:  b\t ",
  "X-A:",
  "X-A: \u00e9",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: Upgrade",
  "Connection: close, upgrade",
  "Connection: keep-alive, close",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Expect: 100-continue",
  "Expect: 100-Continue",
  "TE: trailers",
  "Cookie: a=b",
  "Cookie: c=d",
  "Proxy-Connection: close",
];
const WRONG_FIELDS = [
  "Host : x",
  "X-\u00e9: a",
  "X-A: a\u0000",
  "X-A: a\u007f",
  "Expect: else",
  " folded",
  "\tfolded",
  ": a",
  "novalue",
  "X A: b",
];
const LENGTHS = [
  "Content-Length: 3",
  "Content-Length: 03",
  "Content-Length: 3 ",
  "Content-Length: 3, 3",
  "Content-Length: +3",
  "Content-Length: 0",
  "Content-Length:",
  "Content-Length: 3\u000b",
  "Content-Length: 18446744073709551619",
  "Content-Length: 4",
];
const CODINGS = [
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: Chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked, gzip",
  "Transfer-Encoding:chunked ",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked;q=1",
  "Transfer-Encoding:",
  "Transfer-Encoding: chunked,",
];
const CHUNKS = [
  "3\r\nabc\r\n",
  "03\r\nabc\r\n",
  "3;a=b\r\nabc\r\n",
  '3;a="b\\""\r\nabc\r\n',
  "3 \r\nabc\r\n",
  "3\nabc\n",
  "3\r\nabcd\r\n",
  "a\r\n0123456789\r\n",
  "0x3\r\nabc\r\n",
  "3;\r\nabc\r\n",
  "-1\r\n",
  "\r\n",
  "fffffffffffffffff\r\n",
];
const ENDS = [
  "0\r\n\r\n",
  "0\r\n\r\n",
  "0\r\nX-T: a\r\n\r\n",
  "00\r\n\r\n",
  "0;a\r\n\r\n",
  "0\r\nX T: a\r\n\r\n",
  "0\n\n",
  "0\r\n\r",
  "0\r\nContent-Length: 4\r\n\r\n",
];
const BYTES = [
  "\r",
  "\n",
  "\r\n",
  "\u0000",
  " ",
  "\t",
  ":",
  "\u00ff",
  "0",
  "GET / HTTP/1.1\r\n\r\n",
  ",",
  ";",
  "\u000b",
];

/** Mostly the first of a list. */
const mostly = (random: Random, list: readonly string[]): string =>
  random.is(0.93) ? (list[0] ?? "") : random.of(list);

function request(random: Random): string {
  const method = random.is(0.5) ? random.of(["GET", "POST"]) : random.of(METHODS);
  const end = random.is(0.98) ? "\r\n" : random.of(["\n", "\r", "\r\r\n"]);
  const lines = [
    `${method}${random.is(0.97) ? " " : random.of(["  ", "\t", ""])}${mostly(random, TARGETS)} ${mostly(random, VERSIONS)}`,
  ];
  if (random.is(0.9)) lines.push("Host: x");
  for (let count = random.below(4); count > 0; count--)
    lines.push(random.of(random.is(0.97) ? FIELDS : WRONG_FIELDS));
  if (random.is(0.02)) lines.push(`X-Long: ${"a".repeat(random.below(20_000))}`);
  let body = "";
  const kind = random.next();
  if (kind < 0.3 || kind > 0.97) {
    lines.push(mostly(random, LENGTHS));
    body = random.is(0.9) ? "abc" : random.of(["", "ab", "abcd", "abcGET"]);
  }
  if ((kind > 0.3 && kind < 0.6) || kind > 0.97) {
    lines.push(mostly(random, CODINGS));
    body = "";
    for (let count = random.below(4); count > 0; count--) body += mostly(random, CHUNKS);
    body += mostly(random, ENDS);
  }
  return `${lines.join(end)}${end}${end}${body}`;
}

function mutated(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const kind = random.below(3);
  const skipped = kind === 0 ? 0 : 1 + random.below(3);
  return text.slice(0, at) + (kind === 1 ? "" : random.of(BYTES)) + text.slice(at + skipped);
}

/** In the pieces that the network might deal it out in. */
export function randomStream(random: Random): Buffer[] {
  let text = "";
  for (let count = 1 + random.below(4); count > 0; count--)
    text += request(random) + (random.is(0.05) ? "\r\n" : "");
  while (random.is(0.2)) text = mutated(random, text);
  const bytes = Buffer.from(text, "latin1");
  const pieces: Buffer[] = [];
  const size = random.is(0.3) ? bytes.length : 1 + random.below(random.is(0.3) ? 4 : 80);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(size * 2);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
