/** Answers as HTTP/1.1 messages (RFC 9112). */
import { STATUS_CODES } from "node:http";
import type { Answer } from "../shared/http.ts";

/** What follows the head. */
export type Framing = "none" | "length" | "chunked" | "until-close";

export interface Wire {
  /** Of one character a byte. */
  head: string;
  framing: Framing;
}

export interface Context {
  isHead: boolean;
  isHttp10: boolean;
  closes: boolean;
}

const hasNoBody = (status: number): boolean => status === 204 || status === 304;

/** The answer has passed `checkAnswer`, or is the platform's own. */
export function writeHead(answer: Answer, bodyBytes: number, context: Context): Wire {
  const { status } = answer;
  let head = statusLine(status);
  let hasDate = false;
  let hasLength = false;
  for (const [name, value] of answer.headers) {
    if (name === "date") hasDate = true;
    else if (name === "content-length") hasLength = true;
    head += `${name}: ${value}\r\n`;
  }
  if (!hasDate) head += dateLine();
  if (context.closes) head += "connection: close\r\n";
  else if (context.isHttp10) head += "connection: keep-alive\r\n";
  const framing = framingOf(answer, context);
  if (framing === "chunked") head += "transfer-encoding: chunked\r\n";
  else if (framing !== "until-close" && !hasLength && !hasNoBody(status) && !isStream(answer))
    head += `content-length: ${bodyBytes}\r\n`;
  return { head: `${head}\r\n`, framing: context.isHead ? "none" : framing };
}

function framingOf(answer: Answer, context: Context): Framing {
  if (hasNoBody(answer.status) || (context.isHead && isStream(answer))) return "none";
  if (!isStream(answer)) return "length";
  return context.isHttp10 ? "until-close" : "chunked";
}

const isStream = ({ body }: Answer): boolean => body instanceof ReadableStream;

const lines = new Map<number, string>();

function statusLine(status: number): string {
  const known = lines.get(status);
  if (known !== undefined) return known;
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
  lines.set(status, line);
  return line;
}

let second = 0;
let date = "";

/** RFC 9110, 6.6.1: an origin server with a clock sends one. */
function dateLine(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = `date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return date;
}

const END = "\r\n";

/** A chunk of a chunked body (RFC 9112, 7.1). */
export function chunkFrame(chunk: Uint8Array): Uint8Array {
  const size = chunk.length.toString(16) + END;
  const frame = Buffer.allocUnsafe(size.length + chunk.length + END.length);
  frame.write(size, 0, "latin1");
  frame.set(chunk, size.length);
  frame.write(END, size.length + chunk.length, "latin1");
  return frame;
}

export const LAST_CHUNK = "0\r\n\r\n";
