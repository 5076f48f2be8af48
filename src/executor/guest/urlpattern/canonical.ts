/** Canonical forms of component texts: what the URL parser would make of them. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { Url } from "../url/part.ts";

const setMember = bindHost("url.set") as (href: string, member: string, value: string) => string;

const DUMMY = "https://dummy.invalid/";
const IGNORED = /[\t\n\r]/g;
const OUTSIDE_ASCII = /[^ -~]+/g;
const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  http: "80",
  https: "443",
  ws: "80",
  wss: "443",
  ftp: "21",
};

export const SPECIAL_SCHEMES = ["http", "https", "ws", "wss", "ftp", "file"] as const;
export const isSpecial = (protocol: string): boolean =>
  (SPECIAL_SCHEMES as readonly string[]).includes(protocol);
export const defaultPort = (protocol: string): string | undefined => DEFAULT_PORTS[protocol];

const parse = (input: string, base?: string): URL | null =>
  usePart<Url>("url").URL.parse(input, base);

interface URL {
  protocol: string;
  username: string;
  password: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}

function changed(member: keyof URL, value: string): string {
  const url = parse(setMember(DUMMY, member, value));
  return url === null ? "" : url[member];
}

function refuse(what: string, value: string): never {
  throw new TypeError(`Invalid ${what} '${value}' in a URL pattern`);
}

export function canonicalProtocol(value: string): string {
  if (value === "") return "";
  const url = parse(`${value}://dummy.invalid`);
  if (url === null) refuse("protocol", value);
  return url.protocol.slice(0, -1);
}

export const canonicalUsername = (value: string): string =>
  value === "" ? "" : changed("username", value);
export const canonicalPassword = (value: string): string =>
  value === "" ? "" : changed("password", value);

/** Host of a special URL: IDNA, percent-decoding, IPv4. */
export function canonicalDomain(value: string): string {
  return value === "" ? "" : hostOf(value, "https:");
}

/** Host of any other URL. */
export function canonicalHostname(value: string): string {
  return value === "" ? "" : hostOf(value, "dummy:");
}

function hostOf(value: string, scheme: string): string {
  const text = value.replace(IGNORED, "");
  const host = text.split(scheme === "https:" ? /[/\\?#]/ : /[/?#]/, 1)[0] ?? "";
  if (host === "" || host.includes("@") || (host.includes(":") && !host.startsWith("[")))
    refuse("hostname", value);
  const url = parse(`${scheme}//${host}/`);
  if (url === null || url.port !== "") refuse("hostname", value);
  return url.hostname;
}

export function canonicalIpv6(value: string): string {
  if (!/^[0-9a-f:[\]]*$/i.test(value)) refuse("IPv6 hostname", value);
  return value.toLowerCase();
}

export function canonicalPort(value: string, protocol = ""): string {
  if (value === "") return "";
  const digits = /^\d+/.exec(value.replace(IGNORED, ""))?.[0];
  if (digits === undefined || Number(digits) > 65_535) refuse("port", value);
  const port = `${Number(digits)}`;
  return defaultPort(protocol) === port ? "" : port;
}

export function canonicalPathname(value: string): string {
  if (value === "") return "";
  if (value.startsWith("/")) return changed("pathname", value);
  return changed("pathname", `/-${value}`).slice(2);
}

const percentEncode = (text: string): string => {
  let encoded = "";
  const bytes = usePart<{ encodeUtf8(text: string): Uint8Array }>("encoding").encodeUtf8(text);
  for (let i = 0; i < bytes.length; i++) {
    encoded += `%${(bytes[i] as number).toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
};

/** Path of a URL that has no hierarchy, such as `data:`. */
export function canonicalOpaquePathname(value: string): string {
  const path = value.replace(IGNORED, "").split(/[?#]/, 1)[0] ?? "";
  return path.replace(OUTSIDE_ASCII, percentEncode);
}

export const canonicalSearch = (value: string): string =>
  value === "" ? "" : changed("search", `?${value}`).slice(1);
export const canonicalHash = (value: string): string =>
  value === "" ? "" : changed("hash", `#${value}`).slice(1);

export const parseUrl = parse;
