/** node:querystring. */
const HEX = /%[0-9a-f]{2}/i;
const SAFE = /^[A-Za-z0-9\-_.!~*'()]*$/;

type Codec = (text: string) => string;
interface ParseOptions {
  maxKeys?: number;
  decodeURIComponent?: Codec;
}

const escape = (value: unknown): string => {
  const text =
    typeof value === "string"
      ? value
      : typeof value === "object" && value !== null
        ? String(value)
        : `${value as string}`;
  return SAFE.test(text) ? text : encodeURIComponent(text);
};

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    const bytes: number[] = [];
    for (let i = 0; i < text.length; i++) {
      if (HEX.test(text.slice(i, i + 3)) && text[i] === "%") {
        bytes.push(Number.parseInt(text.slice(i + 1, i + 3), 16));
        i += 2;
      } else bytes.push(text.charCodeAt(i));
    }
    const Decoder = (
      globalThis as unknown as { TextDecoder: new () => { decode(bytes: Uint8Array): string } }
    ).TextDecoder;
    return new Decoder().decode(new Uint8Array(bytes));
  }
}

function parse(
  text: unknown,
  separator?: string | null,
  equals?: string | null,
  options: ParseOptions = {},
): Record<string, string | string[]> {
  const result = Object.create(null) as Record<string, string | string[]>;
  if (typeof text !== "string" || text === "") return result;
  const decode = options.decodeURIComponent ?? querystring.unescape;
  const safe = (part: string): string => {
    const spaced = part.replaceAll("+", " ");
    if (!spaced.includes("%")) return spaced;
    try {
      return decode(spaced);
    } catch {
      return unescape(spaced);
    }
  };
  const maxKeys = options.maxKeys ?? 1000;
  const pairs = text.split(separator ?? "&");
  for (const pair of maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs) {
    if (pair === "") continue;
    const eq = equals ?? "=";
    const at = pair.indexOf(eq);
    const name = safe(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : safe(pair.slice(at + eq.length));
    const known = result[name];
    if (known === undefined) result[name] = value;
    else if (typeof known === "string") result[name] = [known, value];
    else known.push(value);
  }
  return result;
}

const primitive = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? `${value}` : "";
  return typeof value === "bigint" || typeof value === "boolean" ? `${value}` : "";
};

function stringify(
  value: unknown,
  separator?: string | null,
  equals?: string | null,
  options: { encodeURIComponent?: Codec } = {},
): string {
  if (typeof value !== "object" || value === null) return "";
  const encode = options.encodeURIComponent ?? querystring.escape;
  const pairs = Object.entries(value).flatMap(([name, item]) => {
    const key = encode(name) + (equals ?? "=");
    return Array.isArray(item)
      ? item.map((one) => key + encode(primitive(one)))
      : [key + encode(primitive(item))];
  });
  return pairs.join(separator ?? "&");
}

export const querystring = { escape, unescape, parse, stringify, decode: parse, encode: stringify };
