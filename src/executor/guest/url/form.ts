/** application/x-www-form-urlencoded. */
import { bindHost } from "../bridge.ts";

const percentDecode = bindHost("url.percentDecode") as (text: string) => string;
const { decodeURIComponent: decode, encodeURIComponent: encode } = globalThis;

const STRAY_PERCENT = /%(?![0-9a-f]{2})/gi;
const UNRESERVED = /^[\w*.-]*$/;
const LEFT_ALONE = /[!'()~]|%20/g;

const asIs = (text: string): string => text;

function decodeText(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decode(spaced.replace(STRAY_PERCENT, "%25"));
  } catch {
    return percentDecode(spaced);
  }
}

/** Flat list of names and values. */
export function parseForm(text: string): string[] {
  const flat: string[] = [];
  if (text === "") return flat;
  const sequences = text.split("&");
  const decodePart = text.includes("%") || text.includes("+") ? decodeText : asIs;
  for (let i = 0; i < sequences.length; i++) {
    const sequence = sequences[i] as string;
    if (sequence === "") continue;
    const equals = sequence.indexOf("=");
    if (equals < 0) flat.push(decodePart(sequence), "");
    else flat.push(decodePart(sequence.slice(0, equals)), decodePart(sequence.slice(equals + 1)));
  }
  return flat;
}

const escapeLeft = (found: string): string =>
  found === "%20" ? "+" : `%${found.charCodeAt(0).toString(16).toUpperCase()}`;

const encodePart = (text: string): string =>
  UNRESERVED.test(text) ? text : encode(text).replace(LEFT_ALONE, escapeLeft);

export function serializeForm(flat: readonly string[]): string {
  let text = "";
  for (let i = 0; i < flat.length; i += 2) {
    text += `${i === 0 ? "" : "&"}${encodePart(flat[i] as string)}=${encodePart(flat[i + 1] as string)}`;
  }
  return text;
}
