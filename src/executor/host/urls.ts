/** URL parsing for the guest: the host engine's parser where it keeps to the standard, the reference implementation elsewhere. */
import type { HostOperations } from "./host-function.ts";

/** The reference implementation takes microseconds a character: beyond this it would hold up the process. */
const REFERENCE_MAX = 16_384;
const SLASH_ADDED = /^[^:/]+:\/\/[^/?#]*\/[?#]/;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "ws:": 80,
  "wss:": 443,
  "ftp:": 21,
};
const SPECIAL = /^(?:https?|wss?|ftp|file):/;

type UrlClass = typeof URL;
let reference: UrlClass | undefined;

/** Loaded on first use: most scripts never meet a URL that needs it. */
function referenceUrl(): UrlClass {
  // A literal specifier, so that the bundler sees it.
  reference ??= (require("whatwg-url") as { URL: UrlClass }).URL;
  return reference;
}

/** Serialized URL, or null when the input does not parse. */
export function parseUrl(input: string, base: string | null): string | null {
  const parsed = base === null ? URL.parse(input) : URL.parse(input, base);
  if (parsed === null) return null;
  const { href } = parsed;
  // Bun gives a non-special URL with an authority and an empty path a slash before "?" and "#".
  if (SPECIAL.test(href) || !SLASH_ADDED.test(href)) return href;
  const length = input.length + (base?.length ?? 0);
  return length <= REFERENCE_MAX ? referenceHref(input, base) : href;
}

function referenceHref(input: string, base: string | null): string | null {
  try {
    return new (referenceUrl())(input, base ?? undefined).href;
  } catch {
    return null;
  }
}

const MEMBERS = [
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
type Member = (typeof MEMBERS)[number];

const IGNORED = /[\t\n\r]/g;
/** What follows a port's digits does not count. */
const AFTER_PORT = /^((?:\[[^\]]*\]|[^:[])+)(?::|(:\d+))(?:\D.*)?$/;
const GIVEN_PORT = /:(\d+)$/;
const BRACKETED = /\[[^\]]*(?:\]|$)/g;
const DRIVE = /^[a-z]\|$/i;
const HOST_DELIMITER = /[/\\?#]/;

/** Serialized URL after `url[member] = value`; the same one where the setter refuses the value. */
export function setUrlMember(href: string, member: Member, value: string): string {
  // Bun leaves the "|" of a drive letter in a path that is set.
  const byReference =
    href.length + value.length <= REFERENCE_MAX &&
    (!SPECIAL.test(href) ||
      (member === "pathname" && href.startsWith("file:") && value.includes("|")));
  if (byReference) {
    const url = new (referenceUrl())(href);
    url[member] = value;
    return url.href;
  }
  const url = URL.parse(href);
  if (url === null) return href;
  if (member !== "host" && member !== "hostname") {
    // Only the empty string takes a port away; Bun does it for a tab too.
    if (member !== "port" || value === "" || value.replace(IGNORED, "") !== "") url[member] = value;
    return url.href;
  }
  // Bun's setters take what follows a delimiter for the host: give them what stands before it.
  const text = value.replace(IGNORED, "").split(HOST_DELIMITER, 1)[0] ?? "";
  const isFile = href.startsWith("file:");
  if ((member === "hostname" || isFile) && text.replace(BRACKETED, "").includes(":")) return href;
  const host = member === "host" ? text.replace(AFTER_PORT, "$1$2") : text;
  if (isFile ? !DRIVE.test(host) : host !== "") url[member] = host;
  // Bun keeps the old port where the new one is the scheme's default.
  if (member === "host" && isDefaultPort(host, url.protocol)) url.port = "";
  return url.href;
}

/** Whether the text is a host that is taken, with a port that goes without saying. */
function isDefaultPort(host: string, protocol: string): boolean {
  const port = GIVEN_PORT.exec(host)?.[1];
  return (
    port !== undefined &&
    Number(port) === DEFAULT_PORTS[protocol] &&
    !host.includes("@") &&
    URL.canParse(`http://${host}`)
  );
}

/** Percent-decoding and lossy UTF-8, for form values that decodeURIComponent refuses. */
export function percentDecode(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const value = byte === 0x25 ? hexPair(bytes[i + 1], bytes[i + 2]) : -1;
    decoded[length++] = value < 0 ? byte : value;
    if (value >= 0) i += 2;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(decoded.subarray(0, length));
}

function hexPair(high: number | undefined, low: number | undefined): number {
  const first = hexDigit(high);
  const second = hexDigit(low);
  return first < 0 || second < 0 ? -1 : first * 16 + second;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

export const urlOperations: HostOperations = {
  "url.parse": (_context, input, base) =>
    parseUrl(input as string, (base ?? null) as string | null),
  "url.set": (_context, href, member, value) =>
    setUrlMember(href as string, member as Member, value as string),
  "url.percentDecode": (_context, text) => percentDecode(text as string),
};
