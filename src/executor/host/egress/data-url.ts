/** data: URLs of the Fetch standard. */
export interface DataUrl {
  type: string;
  body: Uint8Array;
}

const BASE64 = /;[ ]*base64$/i;

function percentDecode(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === 0x25 ? text.slice(i + 1, i + 3) : "";
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes[length++] = Number.parseInt(hex, 16);
      i += 2;
    } else bytes[length++] = bytes[i] ?? 0;
  }
  return bytes.subarray(0, length);
}

/** Forgiving base64: undefined where it is broken. */
function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Buffer.from(atob(text), "latin1");
  } catch {
    return undefined;
  }
}

/** Undefined where the URL has no comma or broken base64. `url` is a parsed URL's href. */
export function parseDataUrl(url: string): DataUrl | undefined {
  const hash = url.indexOf("#");
  const input = url.slice("data:".length, hash < 0 ? undefined : hash);
  const comma = input.indexOf(",");
  if (comma < 0) return undefined;
  let type = input.slice(0, comma).replace(/^[ \t\n\f\r]+|[ \t\n\f\r]+$/g, "");
  let body: Uint8Array = percentDecode(input.slice(comma + 1));
  if (BASE64.test(type)) {
    const decoded = decodeBase64(Buffer.from(body).toString("latin1"));
    if (decoded === undefined) return undefined;
    body = decoded;
    type = type.replace(BASE64, "");
  }
  if (type.startsWith(";")) type = `text/plain${type}`;
  return { type: normalizeType(type) ?? "text/plain;charset=US-ASCII", body };
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

/** Serialized MIME type; undefined where it does not parse. */
function normalizeType(text: string): string | undefined {
  const [essence = "", ...parameters] = text.split(";");
  const [type = "", subtype = "", ...more] = essence.trimEnd().split("/");
  if (more.length > 0 || !TOKEN.test(type) || !TOKEN.test(subtype)) return undefined;
  const seen = new Set<string>();
  let result = `${type}/${subtype}`.toLowerCase();
  for (const parameter of parameters) {
    const equals = parameter.indexOf("=");
    const name = parameter.slice(0, Math.max(equals, 0)).trimStart().toLowerCase();
    const raw = parameter.slice(equals + 1);
    const quoted = /^"((?:[^"\\]|\\.)*)/.exec(raw);
    const value = quoted === null ? raw.trimEnd() : (quoted[1] ?? "").replace(/\\(.)/g, "$1");
    if (equals <= 0 || !TOKEN.test(name) || seen.has(name)) continue;
    if ((value === "" && quoted === null) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) continue;
    seen.add(name);
    const plain = TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
    result += `;${name}=${plain}`;
  }
  return result;
}
