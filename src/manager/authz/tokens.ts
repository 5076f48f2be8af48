/** Platform credentials as text, so that they can be told from a tenant's own bearer tokens. */
import { createHash, randomBytes } from "node:crypto";

export const SESSION_COOKIE = "picloud_session";
const SESSION_TOKEN = /^pcs_[A-Za-z0-9_-]{43}$/;
const KEY_TOKEN = /^pic_[a-z2-7]{52}$/;
const KEY_PREFIX_LENGTH = 8;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

export type Credential =
  | { kind: "session"; token: string }
  | { kind: "api_key"; token: string; prefix: string };

export const newSessionToken = (): string => `pcs_${randomBytes(32).toString("base64url")}`;
export const newKeyToken = (): string => `pic_${base32(randomBytes(32))}`;
export const keyPrefix = (token: string): string => token.slice(4, 4 + KEY_PREFIX_LENGTH);
export const hashToken = (token: string): Uint8Array => createHash("sha256").update(token).digest();

/** The credential of a request and how it came; the header is looked at first. Null for none of ours. */
export function readCredential(
  headers: Pick<Headers, "get">,
): { credential: Credential; fromCookie: boolean } | null {
  const bearer = /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    const credential = parseToken(bearer);
    return credential === null ? null : { credential, fromCookie: false };
  }
  const cookie = readCookie(headers.get("cookie") ?? "", SESSION_COOKIE);
  const credential = cookie === undefined ? null : parseToken(cookie);
  return credential?.kind === "session" ? { credential, fromCookie: true } : null;
}

export function parseToken(token: string): Credential | null {
  if (SESSION_TOKEN.test(token)) return { kind: "session", token };
  return KEY_TOKEN.test(token) ? { kind: "api_key", token, prefix: keyPrefix(token) } : null;
}

/**
 * Undefined also where the name comes twice with other values: a page on a sibling host can plant a second
 * cookie, for all paths or a longer one, and which of both comes first is then its choice.
 */
function readCookie(header: string, name: string): string | undefined {
  const values = new Set<string>();
  for (const part of header.split(";")) {
    const equals = part.indexOf("=");
    if (equals !== -1 && part.slice(0, equals).trim() === name)
      values.add(part.slice(equals + 1).trim());
  }
  const [value] = values;
  return values.size === 1 ? value : undefined;
}

function base32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((buffer >> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32.charAt((buffer << (5 - bits)) & 31);
}
