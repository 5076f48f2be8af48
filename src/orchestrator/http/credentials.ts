/** The platform's own credentials, which no script and no record may see. */
import type { HeaderList } from "../../shared/execution.ts";
import type { HeaderReader } from "../../shared/http.ts";

export const SESSION_COOKIE = "picloud_session";

const TOKEN_START = /^(?:pcs|pic)_/;

/** True for an Authorization value that carries a session token or an API key, dead ones too. */
export function carriesPlatformToken(authorization: string): boolean {
  const pieces = authorization.split(/[\s,;="']+/);
  return pieces.some((piece) => TOKEN_START.test(piece)) || basicCarriesToken(authorization);
}

function basicCarriesToken(authorization: string): boolean {
  const encoded = /^basic\s+(\S+)/i.exec(authorization)?.[1];
  if (encoded === undefined) return false;
  const decoded = Buffer.from(encoded, "base64").toString("latin1");
  return decoded.split(":").some((part) => TOKEN_START.test(part.trim()));
}

/** A Cookie header without the platform's cookie; "" when nothing else was in it. */
export function withoutSessionCookie(cookie: string): string {
  if (!cookie.includes(SESSION_COOKIE)) return cookie;
  const kept = cookie.split(";").filter((pair) => cookieName(pair) !== SESSION_COOKIE);
  return kept.join(";").trim();
}

function cookieName(pair: string): string {
  const equals = pair.indexOf("=");
  return (equals === -1 ? pair : pair.slice(0, equals)).trim();
}

/**
 * True for a Set-Cookie value that a browser would store, or send back, as the platform's cookie. A
 * value with an empty name counts: browsers send `=a=b` back as `a=b`.
 */
export function setsSessionCookie(value: string): boolean {
  return value
    .replace(/^[\s=]+/, "")
    .toLowerCase()
    .startsWith(SESSION_COOKIE);
}

const FORWARDING = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-real-ip",
]);

/**
 * The request's headers as the script sees them: without the platform's credentials, and with
 * forwarding headers only from a trusted proxy.
 */
export function scriptHeaders(source: HeaderReader, keepForwarding: boolean): HeaderList {
  const headers: HeaderList = [];
  for (const [name, value] of source) {
    if (name === "authorization" && carriesPlatformToken(value)) continue;
    if (!keepForwarding && FORWARDING.has(name)) continue;
    if (name !== "cookie") {
      headers.push([name, value]);
      continue;
    }
    const kept = withoutSessionCookie(value);
    if (kept !== "") headers.push([name, kept]);
  }
  return headers;
}
