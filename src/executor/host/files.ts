/** Finds the parts of a multipart/form-data body; their bytes stay in the guest. */
import type { HostOperations } from "./host-function.ts";

interface Part {
  name: string;
  fileName: string | null;
  type: string;
  /** Bytes of the content in the body, end exclusive. */
  start: number;
  end: number;
}

const PARTS_MAX = 100_000;

/** Null when the body is malformed: no boundary, a part without a name, or no end. */
export function locateParts(bytes: Uint8Array, boundary: string): Part[] | null {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  const separator = Buffer.from(`\r\n--${boundary}`, "latin1");
  const parts: Part[] = [];
  let at = firstDelimiter(body, delimiter, separator);
  for (let count = 0; at >= 0 && count < PARTS_MAX; count++) {
    at += delimiter.length;
    if (body[at] === 0x2d && body[at + 1] === 0x2d) return parts;
    while (body[at] === 0x20 || body[at] === 0x09) at++;
    if (body[at] !== 0x0d || body[at + 1] !== 0x0a) return null;
    const headersEnd = body.indexOf("\r\n\r\n", at, "latin1");
    if (headersEnd < 0) return null;
    const start = headersEnd + 4;
    const end = body.indexOf(separator, start - 2);
    if (end < 0) return null;
    const part = describePart(
      body.toString("utf8", at + 2, headersEnd),
      start,
      Math.max(start, end),
    );
    if (part === null) return null;
    parts.push(part);
    at = end + 2;
  }
  return null;
}

function firstDelimiter(body: Buffer, delimiter: Buffer, separator: Buffer): number {
  if (body.subarray(0, delimiter.length).equals(delimiter)) return 0;
  const at = body.indexOf(separator);
  return at < 0 ? -1 : at + 2;
}

function describePart(head: string, start: number, end: number): Part | null {
  const headers = new Map<string, string>();
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) return null;
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get("content-disposition") ?? "";
  if (!/^form-data\s*(?:;|$)/i.test(disposition)) return null;
  const name = parameter(disposition, "name");
  if (name === null) return null;
  const fileName = parameter(disposition, "filename") ?? extendedParameter(disposition);
  return {
    name,
    fileName,
    type: headers.get("content-type") ?? (fileName === null ? "" : "text/plain"),
    start,
    end,
  };
}

const ESCAPED = /%0A|%0D|%22/gi;
const UNESCAPED: Readonly<Record<string, string>> = { "%0A": "\n", "%0D": "\r", "%22": '"' };

/** A parameter of a content-disposition. Only the escapes that browsers make are undone. */
function parameter(disposition: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;"\\s]+))`, "i").exec(disposition);
  const value = found?.[1] ?? found?.[2];
  return value === undefined
    ? null
    : value.replace(ESCAPED, (escape) => UNESCAPED[escape.toUpperCase()] ?? escape);
}

/** filename*=UTF-8''..., which some clients send instead. */
function extendedParameter(disposition: string): string | null {
  const value = /;\s*filename\*=utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
  if (value === undefined) return null;
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}

export const fileOperations: HostOperations = {
  "form.parts": (_context, bytes, boundary) => {
    const parts = locateParts(bytes as Uint8Array, boundary as string);
    return parts === null ? null : JSON.stringify(parts);
  },
};
