/** MIME types: parsing, serializing, and finding the one that a content-type header gives. */

export interface MimeType {
  essence: string;
  /** Flat list of names (lower-case) and values. */
  parameters: string[];
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const QUOTED_TEXT = /^[\t -~\x80-\xff]*$/;
const EDGE = /^[\t\n\r ]+|[\t\n\r ]+$/g;
const TRAILING = /[\t\n\r ]+$/;

/** The quoted string at `from` (on its quote), unescaped, and where it ends. */
function quotedString(text: string, from: number): [value: string, end: number] {
  let value = "";
  let at = from + 1;
  for (; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') return [value, at + 1];
    if (char === "\\") {
      at++;
      value += at < text.length ? text[at] : "\\";
    } else {
      value += char;
    }
  }
  return [value, at];
}

function indexOrEnd(text: string, char: string, from: number): number {
  const at = text.indexOf(char, from);
  return at < 0 ? text.length : at;
}

/** Null when the text is no MIME type. */
export function parseMime(input: string): MimeType | null {
  const text = input.replace(EDGE, "");
  const semicolon = indexOrEnd(text, ";", 0);
  const [type = "", ...rest] = text.slice(0, semicolon).split("/");
  const subtype = rest.join("/").replace(TRAILING, "");
  if (!TOKEN.test(type) || !TOKEN.test(subtype)) return null;
  return {
    essence: `${type}/${subtype}`.toLowerCase(),
    parameters: parseParameters(text, semicolon + 1),
  };
}

function parseParameters(text: string, from: number): string[] {
  const parameters: string[] = [];
  let at = from;
  while (at < text.length) {
    while (at < text.length && "\t\n\r ".includes(text[at] as string)) at++;
    const stop = Math.min(indexOrEnd(text, ";", at), indexOrEnd(text, "=", at));
    const name = text.slice(at, stop).toLowerCase();
    at = stop + 1;
    if (text[stop] !== "=") continue;
    let value: string;
    if (text[at] === '"') {
      const [unescaped, end] = quotedString(text, at);
      value = unescaped;
      at = indexOrEnd(text, ";", end) + 1;
    } else {
      const end = indexOrEnd(text, ";", at);
      value = text.slice(at, end).replace(TRAILING, "");
      at = end + 1;
      if (value === "") continue;
    }
    if (TOKEN.test(name) && QUOTED_TEXT.test(value) && parameterOf(parameters, name) === null)
      parameters.push(name, value);
  }
  return parameters;
}

export function parameterOf(parameters: readonly string[], name: string): string | null {
  for (let i = 0; i < parameters.length; i += 2)
    if (parameters[i] === name) return parameters[i + 1] as string;
  return null;
}

export function serializeMime(mime: MimeType): string {
  let text = mime.essence;
  for (let i = 0; i < mime.parameters.length; i += 2) {
    const value = mime.parameters[i + 1] as string;
    text += `;${mime.parameters[i]}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
  }
  return text;
}

/** Values of a combined header, split at the commas that are in no quoted string. */
function splitValues(header: string): string[] {
  const values: string[] = [];
  let start = 0;
  for (let at = 0; at < header.length; at++) {
    if (header[at] === '"') at = quotedString(header, at)[1] - 1;
    else if (header[at] === ",") {
      values.push(header.slice(start, at));
      start = at + 1;
    }
  }
  values.push(header.slice(start));
  return values;
}

/** The MIME type of a combined content-type header, as the Fetch standard extracts it. */
export function extractMime(header: string | null): MimeType | null {
  if (header === null) return null;
  let found: MimeType | null = null;
  let charset: string | null = null;
  const values = header.includes(",") ? splitValues(header) : [header];
  for (let i = 0; i < values.length; i++) {
    const mime = parseMime(values[i] as string);
    if (mime === null || mime.essence === "*/*") continue;
    const own = parameterOf(mime.parameters, "charset");
    if (found === null || mime.essence !== found.essence) charset = own;
    else if (own === null && charset !== null) mime.parameters.push("charset", charset);
    found = mime;
  }
  return found;
}
