/** multipart/form-data and urlencoded bodies, to and from FormData. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { UrlPart } from "../core/contracts.ts";
import type { Core } from "../core/part.ts";
import { blobFromBytes, Blob, blobBytes, File } from "./blob.ts";
import { FormData, formEntries } from "./form-data.ts";
import { extractMime, parameterOf } from "./mime.ts";

/** JSON: for each part its name, file name or null, type, and where its bytes start and end; null when malformed. */
const locateParts = bindHost("form.parts") as (
  bytes: Uint8Array,
  boundary: string,
) => string | null;
const { decodeText } = usePart<Core>("core").body;

const LINE_END = /\r\n?|\n/g;
const { random } = Math;

const escapeName = (name: string): string =>
  name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
const crlf = (text: string): string => text.replace(LINE_END, "\r\n");

function makeBoundary(): string {
  let digits = "";
  for (let i = 0; i < 3; i++) digits += random().toString(36).slice(2, 11).padEnd(9, "0");
  return `----picloud-form-${digits}`;
}

export function encodeForm(form: FormData): [body: Uint8Array, type: string] {
  const boundary = makeBoundary();
  const pieces: (string | Blob)[] = [];
  const entries = formEntries(form);
  for (let i = 0; i < entries.length; i++) {
    const [name, value] = entries[i] as [string, string | File];
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(crlf(name))}"`;
    if (typeof value === "string") {
      pieces.push(`${head}\r\n\r\n${crlf(value)}\r\n`);
      continue;
    }
    const type = value.type === "" ? "application/octet-stream" : value.type;
    pieces.push(
      `${head}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`,
      value,
      "\r\n",
    );
  }
  pieces.push(`--${boundary}--\r\n`);
  return [blobBytes(new Blob(pieces)), `multipart/form-data; boundary=${boundary}`];
}

interface Part {
  name: string;
  fileName: string | null;
  type: string;
  start: number;
  end: number;
}

function decodeMultipart(bytes: Uint8Array, boundary: string): FormData {
  const located = locateParts(bytes, boundary);
  if (located === null) throw new TypeError("The body is not well-formed multipart/form-data");
  const form = new FormData();
  const entries = formEntries(form);
  const parts = JSON.parse(located) as Part[];
  for (let i = 0; i < parts.length; i++) {
    const { name, fileName, type, start, end } = parts[i] as Part;
    const content = bytes.subarray(start, end);
    if (fileName === null) entries.push([name, decodeUtf8(content)]);
    else entries.push([name, new File([blobFromBytes(content.slice(), "")], fileName, { type })]);
  }
  return form;
}

/** As decodeText, but a byte order mark stays. */
function decodeUtf8(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? `\uFEFF${text}` : text;
}

export function decodeForm(bytes: Uint8Array, contentType: string | null): FormData {
  const mime = extractMime(contentType);
  if (mime?.essence === "multipart/form-data") {
    const boundary = parameterOf(mime.parameters, "boundary");
    if (boundary === null)
      throw new TypeError("The content type multipart/form-data has no boundary");
    return decodeMultipart(bytes, boundary);
  }
  if (mime?.essence !== "application/x-www-form-urlencoded") {
    throw new TypeError(
      `Body cannot be read as form data: its content type is ${contentType === null ? "missing" : `'${contentType}'`}`,
    );
  }
  const form = new FormData();
  const entries = formEntries(form);
  const flat = usePart<UrlPart>("url").parseForm(decodeUtf8(bytes));
  for (let i = 0; i < flat.length; i += 2) entries.push([flat[i] as string, flat[i + 1] as string]);
  return form;
}
