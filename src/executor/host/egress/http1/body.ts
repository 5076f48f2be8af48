/** Bodies of HTTP/1.1 responses: by length, chunked, or up to the end of the connection. */
import { broken, listOf, valuesOf, type ResponseHead } from "./head.ts";
import type { SocketReader } from "./socket-reader.ts";

/** Gives the next piece of a body, null at its end. */
export type BodySource = () => Promise<Uint8Array | null>;

export interface Framing {
  /** Null: there is no body. */
  read: BodySource | null;
  /** Only the end of the connection ends the body. */
  untilClose: boolean;
}

const LINE_MAX = 16 * 1024;

async function readLine(reader: SocketReader): Promise<string> {
  let line = "";
  for (;;) {
    const chunk = await reader.read();
    if (chunk === null) throw broken("its body ends too early");
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.indexOf(10);
    if (end >= 0) {
      line += bytes.toString("latin1", 0, end);
      reader.unread(chunk.subarray(end + 1));
      return line.endsWith("\r") ? line.slice(0, -1) : line;
    }
    line += bytes.toString("latin1");
    if (line.length > LINE_MAX) throw broken("a line of its body is too long");
  }
}

function byLength(reader: SocketReader, length: number): BodySource {
  let left = length;
  return async () => {
    if (left === 0) return null;
    const chunk = await reader.read();
    if (chunk === null) throw broken("its body ends too early");
    const mine = chunk.subarray(0, left);
    reader.unread(chunk.subarray(mine.length));
    left -= mine.length;
    return mine;
  };
}

function chunked(reader: SocketReader): BodySource {
  let left = 0;
  let first = true;
  let done = false;
  return async () => {
    if (done) return null;
    if (left === 0) {
      if (!first && (await readLine(reader)) !== "") throw broken("a chunk is longer than it says");
      first = false;
      const size = /^([0-9a-f]{1,12})(?:\s*;.*|\s*)$/i.exec(await readLine(reader));
      if (size === null) throw broken("the size of a chunk is no number");
      left = Number.parseInt(size[1] ?? "", 16);
      if (left === 0) {
        // Trailers are read and left out.
        for (let lines = 0; (await readLine(reader)) !== ""; lines++) {
          if (lines > 100) throw broken("it has too many trailers");
        }
        done = true;
        return null;
      }
    }
    const chunk = await reader.read();
    if (chunk === null) throw broken("its body ends too early");
    const mine = chunk.subarray(0, left);
    reader.unread(chunk.subarray(mine.length));
    left -= mine.length;
    return mine;
  };
}

export function frameBody(reader: SocketReader, head: ResponseHead, method: string): Framing {
  const { status, headers } = head;
  if (method === "HEAD" || status === 204 || status === 304)
    return { read: null, untilClose: false };
  const codings = listOf(headers, "transfer-encoding");
  if (codings.length > 0) {
    if (codings.length === 1 && codings[0] === "chunked") {
      return { read: chunked(reader), untilClose: false };
    }
    throw broken("its transfer coding is not known");
  }
  const lengths = new Set(
    valuesOf(headers, "content-length").flatMap((value) =>
      value.split(",").map((item) => item.trim()),
    ),
  );
  if (lengths.size > 1) throw broken("it has two lengths");
  const [length] = lengths;
  if (length !== undefined) {
    if (!/^\d{1,15}$/.test(length)) throw broken("its length is no number");
    return { read: byLength(reader, Number(length)), untilClose: false };
  }
  return { read: () => reader.read(), untilClose: true };
}
