export type HostLiteral = "name" | "ipv4" | "ipv6" | "localhost";

export type ParsedHost =
  | { ok: true; host: string; kind: "strict" | "wildcard"; literal: HostLiteral }
  | { ok: false; reason: string; code: "invalid_host" };

const HOST_MAX_LENGTH = 253;
const PLAIN_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const LABEL = new RegExp(`^${PLAIN_LABEL}$`);
const PORT_MAX = 65_535;

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
  if (/[/?#@\\%\s]/.test(typed))
    return refuse("it is no bare host name: give no scheme, path or user");
  const bare = withoutPort(typed);
  if (bare === undefined) return refuse("what follows its ':' is no port");
  const normal = normaliseName(bare);
  if (normal === undefined) return refuse("it is no valid host name");
  const literal = literalKind(normal);
  if (isWildcard && (literal === "ipv4" || literal === "ipv6"))
    return refuse("an IP address has no names under it");
  return isWildcard
    ? { ok: true, host: `*.${normal}`, kind: "wildcard", literal }
    : { ok: true, host: normal, kind: "strict", literal };
}

function withoutPort(typed: string): string | undefined {
  // More than one colon without brackets: a bare IPv6 address.
  const isBareIpv6 = !typed.startsWith("[") && typed.indexOf(":") !== typed.lastIndexOf(":");
  return isBareIpv6 ? `[${typed}]` : beforePort(typed);
}

/** What stands before a port, which may be empty; undefined when what stands after the colon is no port. */
function beforePort(text: string): string | undefined {
  const colon = text.indexOf(":", text.startsWith("[") ? text.indexOf("]") : 0);
  if (colon === -1) return text;
  const port = text.slice(colon + 1);
  return /^\d{0,5}$/.test(port) && Number(port) <= PORT_MAX ? text.slice(0, colon) : undefined;
}

function refuse(reason: string): ParsedHost {
  return { ok: false, reason, code: "invalid_host" };
}

/** Lower-case, punycode, no trailing dot; IPv4 in dotted and IPv6 in bracketed normal form. Undefined when it is no host. */
function normaliseName(bare: string): string | undefined {
  const url = URL.parse(`http://${bare}/`);
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

const PLAIN_HOST = new RegExp(`^${PLAIN_LABEL}(?:\\.${PLAIN_LABEL})*$`);

/**
 * The host of a request's `Host` header in the same normal form, or undefined when the header is no
 * valid one (two headers arrive joined by a comma, and are none). IDNA arrives as punycode.
 */
export function requestHost(header: string): string | undefined {
  // One dot more than a name may have, and a port.
  if (header.length > HOST_MAX_LENGTH + 7) return undefined;
  const text = beforePort(header);
  if (text === undefined) return undefined;
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  // A name that ends in a digit may be an IPv4 address in another spelling.
  const endsInDigit = name.charCodeAt(name.length - 1) <= 57;
  if (!endsInDigit && PLAIN_HOST.test(name) && !name.includes("xn--")) {
    return name.length <= HOST_MAX_LENGTH ? name : undefined;
  }
  // oxlint-disable-next-line no-control-regex -- only ASCII may stand in the header
  if (/[^\u0021-\u007e]|[/?#@\\%,*]/.test(text)) return undefined;
  return normaliseName(text);
}
