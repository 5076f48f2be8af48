/** node:url: the WHATWG classes, file paths, and the old url.parse for packages that still call it. */
import { usePart } from "../registry.ts";
import { invalidType, invalidValue, nodeError } from "../node-buffer/errors.ts";
import { path } from "./path.ts";
import { punycode } from "./punycode.ts";
import { querystring } from "./querystring.ts";

interface WebUrl {
  href: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}
interface UrlClass {
  new (input: string, base?: string | WebUrl): WebUrl;
  canParse(input: string, base?: string): boolean;
}
const webUrl = (): UrlClass => usePart<{ URL: UrlClass }>("url").URL;

const SLASHED = new Set(["http:", "https:", "ftp:", "gopher:", "file:", "ws:", "wss:"]);

export class Url {
  protocol: string | null = null;
  slashes: boolean | null = null;
  auth: string | null = null;
  host: string | null = null;
  port: string | null = null;
  hostname: string | null = null;
  hash: string | null = null;
  search: string | null = null;
  query: unknown = null;
  pathname: string | null = null;
  path: string | null = null;
  href = "";

  format(): string {
    return formatLegacy(this);
  }

  resolve(to: string): string {
    return resolve(this.href, to);
  }
}

export function parse(input: unknown, parseQuery = false, slashesDenoteHost = false): Url {
  if (input instanceof Url) return input;
  if (typeof input !== "string") throw invalidType("url", "of type string", input);
  const url = new Url();
  let rest = input.trim();
  const query = rest.search(/[?#]/);
  rest =
    (query < 0 ? rest : rest.slice(0, query)).replaceAll("\\", "/") +
    (query < 0 ? "" : rest.slice(query));
  if (!/^javascript:/i.test(rest))
    rest = rest.replaceAll(
      /[\t\n\r "'<>\\^`{|}]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    );
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    url.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const search = rest.indexOf("?");
  if (search >= 0) {
    url.search = rest.slice(search);
    rest = rest.slice(0, search);
  }
  url.query =
    url.search === null
      ? parseQuery
        ? Object.create(null)
        : null
      : parseQuery
        ? querystring.parse(url.search.slice(1))
        : url.search.slice(1);
  if (parseQuery && url.search === null) url.search = "";
  const protocol = /^[a-z][a-z0-9+.-]*:/i.exec(rest)?.[0];
  if (protocol !== undefined) {
    url.protocol = protocol.toLowerCase();
    rest = rest.slice(protocol.length);
  }
  const known = SLASHED.has(url.protocol ?? "") || url.protocol === "javascript:";
  if (rest.startsWith("//") && (protocol !== undefined || slashesDenoteHost)) {
    url.slashes = true;
    rest = parseAuthority(url, rest.slice(2));
  } else if (protocol !== undefined && !known) rest = parseAuthority(url, rest);
  url.pathname =
    rest === "" ? (url.host !== null && SLASHED.has(url.protocol ?? "") ? "/" : null) : rest;
  url.path =
    url.pathname === null && url.search === null
      ? null
      : `${url.pathname ?? ""}${url.search ?? ""}`;
  url.href = formatLegacy(url);
  return url;
}

function parseAuthority(url: Url, text: string): string {
  const end = text.indexOf("/");
  let authority = end < 0 ? text : text.slice(0, end);
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    url.auth = decodeURIComponent(authority.slice(0, at));
    authority = authority.slice(at + 1);
  }
  const port = /:(\d*)$/.exec(authority);
  if (port !== null) {
    url.port = port[1] === "" ? null : (port[1] ?? null);
    authority = authority.slice(0, port.index);
  }
  const host = authority.toLowerCase();
  url.hostname = host.startsWith("[") ? host.slice(1, -1) : punycode.toASCII(host);
  url.host =
    (host.startsWith("[") ? host : url.hostname) + (url.port === null ? "" : `:${url.port}`);
  return end < 0 ? "" : text.slice(end);
}

function formatLegacy(parts: Partial<Record<keyof Url, unknown>>): string {
  const text = (value: unknown): string =>
    typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  const named = text(parts.protocol);
  const protocol = named === "" || named.endsWith(":") ? named : `${named}:`;
  const auth =
    text(parts.auth) === "" ? "" : `${encodeURIComponent(text(parts.auth)).replace("%3A", ":")}@`;
  const hostname = text(parts.hostname);
  const port = text(parts.port);
  const host =
    text(parts.host) !== ""
      ? auth + text(parts.host)
      : hostname === ""
        ? ""
        : `${auth}${hostname.includes(":") ? `[${hostname}]` : hostname}${port === "" ? "" : `:${port}`}`;
  const query =
    typeof parts.query === "object" && parts.query !== null
      ? querystring.stringify(parts.query)
      : "";
  const rawSearch = text(parts.search) === "" && query !== "" ? `?${query}` : text(parts.search);
  const search = rawSearch === "" || rawSearch.startsWith("?") ? rawSearch : `?${rawSearch}`;
  const rawHash = text(parts.hash);
  const hash = rawHash === "" || rawHash.startsWith("#") ? rawHash : `#${rawHash}`;
  const slashes = parts.slashes === true || (SLASHED.has(protocol) && host !== "") ? "//" : "";
  const pathname = text(parts.pathname).replaceAll(/[?#]/g, encodeURIComponent);
  const joint = slashes !== "" && pathname !== "" && !pathname.startsWith("/") ? "/" : "";
  return protocol + slashes + host + joint + pathname + search.replaceAll("#", "%23") + hash;
}

function format(
  value: unknown,
  options: { fragment?: boolean; search?: boolean; auth?: boolean } = {},
): string {
  if (typeof value === "string") return formatLegacy(parse(value));
  if (typeof value !== "object" || value === null)
    throw invalidType("urlObject", "one of type object or string", value);
  if (!(value instanceof webUrl())) return formatLegacy(value);
  const copy = new (webUrl())(value.href);
  if (options.fragment === false) copy.hash = "";
  if (options.search === false) copy.search = "";
  if (options.auth === false) copy.username = copy.password = "";
  return copy.href;
}

function resolve(from: string, to: string): string {
  const base = new (webUrl())(from, "resolve://host/");
  const target = new (webUrl())(to, base);
  if (target.protocol !== "resolve:") return target.href;
  const { pathname, search, hash } = target;
  const relative = !from.startsWith("/") && !to.startsWith("/");
  return (relative ? pathname.slice(1) : pathname) + search + hash;
}

function fileURLToPath(value: string | WebUrl): string {
  const url = typeof value === "string" ? new (webUrl())(value) : value;
  if (typeof url?.protocol !== "string")
    throw invalidType("path", "of type string or an instance of URL", value);
  if (url.protocol !== "file:")
    throw nodeError(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  if (/%2f/i.test(url.pathname))
    throw invalidValue("path", url.href, "must not include encoded / characters");
  return decodeURIComponent(url.pathname);
}

function pathToFileURL(file: string): WebUrl {
  const resolved = path.resolve(file) + (file.endsWith("/") && file !== "/" ? "/" : "");
  return new (webUrl())(
    `file://${resolved.replaceAll(/[%\\\n\r\t?#]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)}`,
  );
}

export const url = {
  Url,
  parse,
  format,
  resolve,
  resolveObject: (from: string, to: string) => parse(resolve(from, to)),
  fileURLToPath,
  pathToFileURL,
  urlToHttpOptions: (value: WebUrl) => ({
    protocol: value.protocol,
    hostname: value.hostname.replace(/^\[(.*)\]$/, "$1"),
    hash: value.hash,
    search: value.search,
    pathname: value.pathname,
    path: value.pathname + value.search,
    href: value.href,
    ...(value.port === "" ? {} : { port: Number(value.port) }),
    ...(value.username === ""
      ? {}
      : { auth: `${decodeURIComponent(value.username)}:${decodeURIComponent(value.password)}` }),
  }),
  domainToASCII: (domain: string) =>
    webUrl().canParse(`http://${domain}`) ? new (webUrl())(`http://${domain}`).hostname : "",
  domainToUnicode: (domain: string) => punycode.toUnicode(domain),
  get URL() {
    return webUrl();
  },
  get URLSearchParams() {
    return usePart<{ URLSearchParams: unknown }>("url").URLSearchParams;
  },
};
