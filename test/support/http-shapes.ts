/** Requests over whose end two servers could differ. Each is to be refused, and the connection closed. */
const lines = (...parts: string[]): string => parts.join("\r\n");

export function smugglingShapes(host: string, path = "/"): [name: string, bytes: string][] {
  const post = (...headers: string[]): string =>
    lines(`POST ${path} HTTP/1.1`, `Host: ${host}`, ...headers, "", "");
  return [
    [
      "Content-Length and Transfer-Encoding",
      `${post("Content-Length: 6", "Transfer-Encoding: chunked")}0\r\n\r\nX`,
    ],
    [
      "Transfer-Encoding and Content-Length",
      `${post("Transfer-Encoding: chunked", "Content-Length: 6")}0\r\n\r\nX`,
    ],
    ["two lengths that differ", `${post("Content-Length: 3", "Content-Length: 4")}abcd`],
    ["a list of lengths", `${post("Content-Length: 3, 3")}abc`],
    ["a negative length", post("Content-Length: -1")],
    ["a length with a sign", `${post("Content-Length: +3")}abc`],
    ["a hexadecimal length", `${post("Content-Length: 0x3")}abc`],
    ["a length with a fraction", `${post("Content-Length: 3.0")}abc`],
    ["a length with an exponent", `${post("Content-Length: 3e0")}abc`],
    ["an empty length", `${post("Content-Length:")}abc`],
    ["a length beyond 64 bits", `${post("Content-Length: 99999999999999999999")}abc`],
    ["an unknown transfer coding", `${post("Transfer-Encoding: xchunked")}0\r\n\r\n`],
    ["identity as a coding", post("Transfer-Encoding: identity")],
    [
      "two codings",
      `${post("Transfer-Encoding: chunked", "Transfer-Encoding: identity")}0\r\n\r\n`,
    ],
    ["a coding before chunked", `${post("Transfer-Encoding: gzip, chunked")}0\r\n\r\n`],
    ["chunked twice", `${post("Transfer-Encoding: chunked, chunked")}0\r\n\r\n`],
    [
      "chunked in two headers",
      `${post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")}0\r\n\r\n`,
    ],
    ["an empty coding and a length", `${post("Transfer-Encoding:", "Content-Length: 3")}abc`],
    ["a vertical tab before the coding", `${post("Transfer-Encoding: \u000bchunked")}0\r\n\r\n`],
    ["a space before the colon", `${post("Transfer-Encoding : chunked")}0\r\n\r\n`],
    ["a folded header", post("X-A: a", " Transfer-Encoding: chunked")],
    ["a folded Host", lines(`GET ${path} HTTP/1.1`, `Host: ${host}`, " x", "", "")],
    ["a header without a name", post(": a")],
    ["a header without a colon", post("abc")],
    ["a space in a header's name", post("X A: a")],
    ["a bare carriage return", post("X-A: a\rTransfer-Encoding: chunked")],
    ["a NUL in a value", post("X-A: a\u0000b")],
    [
      "chunked in HTTP/1.0",
      lines(
        `POST ${path} HTTP/1.0`,
        `Host: ${host}`,
        "Transfer-Encoding: chunked",
        "",
        "0",
        "",
        "",
      ),
    ],
    ["line feeds alone", `GET ${path} HTTP/1.1\nHost: ${host}\n\n`],
    ["a tab for a space", `GET\t${path}\tHTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ["an empty chunk size", `${post("Transfer-Encoding: chunked")}\r\nabc\r\n0\r\n\r\n`],
    ["a chunk size with a sign", `${post("Transfer-Encoding: chunked")}+3\r\nabc\r\n0\r\n\r\n`],
    ["a chunk size with 0x", `${post("Transfer-Encoding: chunked")}0x3\r\nabc\r\n0\r\n\r\n`],
    ["a space after a chunk size", `${post("Transfer-Encoding: chunked")}3 \r\nabc\r\n0\r\n\r\n`],
    ["line feeds alone between chunks", `${post("Transfer-Encoding: chunked")}3\nabc\n0\n\n`],
    ["a line feed alone after a chunk", `${post("Transfer-Encoding: chunked")}3\r\nabc\n0\r\n\r\n`],
    [
      "a line feed in a chunk's extension",
      `${post("Transfer-Encoding: chunked")}3;\nabc\r\n0\r\n\r\n`,
    ],
    [
      "a NUL in a chunk's extension",
      `${post("Transfer-Encoding: chunked")}3;\u0000\r\nabc\r\n0\r\n\r\n`,
    ],
    ["a chunk size that is none", `${post("Transfer-Encoding: chunked")}zz\r\nabc\r\n0\r\n\r\n`],
    [
      "a chunk size beyond 64 bits",
      `${post("Transfer-Encoding: chunked")}fffffffffffffffff1\r\nabc\r\n0\r\n\r\n`,
    ],
    ["a chunk longer than it says", `${post("Transfer-Encoding: chunked")}3\r\nabcd\r\n0\r\n\r\n`],
  ];
}
