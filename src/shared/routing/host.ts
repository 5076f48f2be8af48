export type HostLiteral = "name" | "ipv4" | "ipv6" | "localhost";

export type ParsedHost =
  | { ok: true; host: string; kind: "strict" | "wildcard"; literal: HostLiteral }
  | { ok: false; reason: string; code: "invalid_host" };

const HOST_MAX_LENGTH = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const PORT = /:\d{0,5}$/;

/**
 * A host as somebody types it for a claim or a route, in its one normal form: lower-case, punycode,
 * without port and trailing dot, `*.` in front for a wildcard, IPv6 in brackets. That form is the
 * shape key: two claims own the same hosts when it is equal.
 */
export function parseHost(input: string): ParsedHost {
  const text = input.trim();
  const isWildcard = text.startsWith("*.");
  const typed = isWildcard ? text.slice(2) : text;
  if (typed === "") return refuse("it is empty");
  if (typed.includes("*"))
    return refuse("'*' stands only alone, as the first label ('*.example.com')");
  const bare = withoutPort(typed);
  if (/[/?#@\\%\s]/.test(bare))
    return refuse("it is no bare host name: give no scheme, path or user");
  const normal = normaliseName(bare);
  if (normal === undefined) return refuse("it is no valid host name");
  const literal = literalKind(normal);
  if (isWildcard && (literal === "ipv4" || literal === "ipv6"))
    return refuse("an IP address has no names under it");
  return isWildcard
    ? { ok: true, host: `*.${normal}`, kind: "wildcard", literal }
    : { ok: true, host: normal, kind: "strict", literal };
}

function withoutPort(typed: string): string {
  if (typed.startsWith("[")) return typed.replace(/\]:\d{0,5}$/, "]");
  // More than one colon without brackets: a bare IPv6 address.
  return typed.indexOf(":") === typed.lastIndexOf(":") ? typed.replace(PORT, "") : `[${typed}]`;
}

function refuse(reason: string): ParsedHost {
  return { ok: false, reason, code: "invalid_host" };
}

/** Lower-case, punycode, no trailing dot; IPv4 in dotted and IPv6 in bracketed normal form. Undefined when it is no host. */
function normaliseName(bare: string): string | undefined {
  const dotless = bare.endsWith(".") ? bare.slice(0, -1) : bare;
  const url = URL.parse(`http://${dotless}/`);
  if (url === null) return undefined;
  const host = url.hostname.endsWith(".") ? url.hostname.slice(0, -1) : url.hostname;
  if (host.startsWith("[")) return host;
  if (host.length > HOST_MAX_LENGTH) return undefined;
  return host.split(".").every((label) => LABEL.test(label)) ? host : undefined;
}

function literalKind(host: string): HostLiteral {
  if (host.startsWith("[")) return "ipv6";
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return "ipv4";
  return host === "localhost" || host.endsWith(".localhost") ? "localhost" : "name";
}

const PLAIN_HOST = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/;

/**
 * The host of a request's `Host` header in the same normal form, or undefined when the header is no
 * valid one (two headers arrive joined by a comma, and are none). IDNA arrives as punycode.
 */
export function requestHost(header: string): string | undefined {
  let text = header;
  const colon = text.startsWith("[") ? text.indexOf(":", text.indexOf("]")) : text.indexOf(":");
  if (colon !== -1) {
    if (!PORT.test(text) || text.length - colon > 6) return undefined;
    text = text.slice(0, colon);
  }
  if (text.endsWith(".")) text = text.slice(0, -1);
  const lower = text.toLowerCase();
  // A name that ends in a digit may be an IPv4 address in another spelling.
  const endsInDigit = lower.charCodeAt(lower.length - 1) <= 57;
  if (PLAIN_HOST.test(lower) && !endsInDigit && !lower.includes("xn--") && !lower.includes("..")) {
    return lower.length <= HOST_MAX_LENGTH ? lower : undefined;
  }
  // oxlint-disable-next-line no-control-regex -- only ASCII may stand in the header
  if (/[^\u0021-\u007e]|[/?#@\\%,*]/.test(text)) return undefined;
  return normaliseName(text);
}
