/** Heads of HTTP/1.1 messages. */
import { HostError } from "../../host-function.ts";
import type { SocketReader } from "./socket-reader.ts";

/** Flat: name, value, name, value; names lower-case. */
export type FlatHeaders = string[];

export interface ResponseHead {
  status: number;
  statusText: string;
  headers: FlatHeaders;
  /** The connection can be used again after the body. */
  keepAlive: boolean;
}

const HEAD_MAX = 128 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

export const broken = (what: string): HostError =>
  new HostError("TypeError", `The server's answer is not valid HTTP: ${what}`);

export function valuesOf(headers: FlatHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] === name) values.push(headers[i + 1] ?? "");
  return values;
}

export const listOf = (headers: FlatHeaders, name: string): string[] =>
  valuesOf(headers, name)
    .join(",")
    .split(",")
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");

function endOfHead(bytes: Buffer, from: number): number {
  const crlf = bytes.indexOf("\r\n\r\n", Math.max(0, from - 3), "latin1");
  return crlf < 0 ? -1 : crlf + 4;
}

async function readHeadText(reader: SocketReader): Promise<string | null> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk = await reader.read();
    if (chunk === null) {
      if (bytes.length === 0) return null;
      throw broken("it ends within its headers");
    }
    const before = bytes.length;
    bytes = before === 0 ? Buffer.from(chunk) : Buffer.concat([bytes, chunk]);
    const end = endOfHead(bytes, before);
    if (end >= 0) {
      reader.unread(bytes.subarray(end));
      return bytes.toString("latin1", 0, end - 4);
    }
    if (bytes.length > HEAD_MAX) throw broken(`its headers are larger than ${HEAD_MAX} bytes`);
  }
}

export function parseHeaders(lines: readonly string[]): FlatHeaders {
  const headers: FlatHeaders = [];
  for (const line of lines) {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      // Obsolete folding goes on with the value before it.
      if (headers.length > 0) headers.push(`${headers.pop() ?? ""} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon <= 0 || !TOKEN.test(name)) throw broken("a header line has no name");
    const value = line.slice(colon + 1).trim();
    if (/[\0\r\n]/.test(value)) throw broken("a header value has forbidden characters");
    headers.push(name.toLowerCase(), value);
  }
  return headers;
}

/** The next final head; null when the connection ended before one byte of it. */
export async function readHead(reader: SocketReader): Promise<ResponseHead | null> {
  for (;;) {
    const text = await readHeadText(reader);
    if (text === null) return null;
    const [first = "", ...lines] = text.split("\r\n");
    const match = STATUS_LINE.exec(first);
    if (match === null) throw broken("its first line is no status line");
    const [, minor, code, reason = ""] = match;
    const status = Number(code);
    if (status < 200 && status !== 101) continue;
    const headers = parseHeaders(lines);
    const connection = listOf(headers, "connection");
    const keepAlive =
      minor === "1" ? !connection.includes("close") : connection.includes("keep-alive");
    return { status, statusText: reason, headers, keepAlive };
  }
}

/** Request head as bytes; names and values are checked by whoever made them. */
export function formatHead(method: string, target: string, headers: FlatHeaders): Buffer {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}
