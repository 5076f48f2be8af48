/** URLPatternInit: members as given, completed from a base URL and made canonical. */
import {
  canonicalDomain,
  canonicalHash,
  canonicalHostname,
  canonicalIpv6,
  canonicalOpaquePathname,
  canonicalPassword,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUsername,
  isSpecial,
  parseUrl,
} from "./canonical.ts";
import { escapePattern } from "./component.ts";

export const COMPONENTS = [
  "protocol",
  "username",
  "password",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
export type ComponentName = (typeof COMPONENTS)[number];
export type Init = Partial<Record<ComponentName | "baseURL", string>>;
export type InitKind = "pattern" | "url";

const hasAny = (init: Init, names: readonly ComponentName[]): boolean =>
  names.some((name) => init[name] !== undefined);

/** What a base URL gives to components that the init leaves open. */
function fromBase(
  init: Init,
  kind: InitKind,
  result: Init,
): { path: string; opaque: boolean } | null {
  if (init.baseURL === undefined) return null;
  const base = parseUrl(init.baseURL);
  if (base === null) throw new TypeError(`Invalid base URL '${init.baseURL}'`);
  const text = (value: string): string => (kind === "pattern" ? escapePattern(value) : value);
  if (init.protocol === undefined) result.protocol = text(base.protocol.slice(0, -1));
  if (kind === "url" && !hasAny(init, ["protocol", "hostname", "port", "username"])) {
    result.username = base.username;
    if (init.password === undefined) result.password = base.password;
  }
  if (!hasAny(init, ["protocol", "hostname"])) {
    result.hostname = text(base.hostname);
    if (init.port === undefined) {
      result.port = text(base.port);
      if (init.pathname === undefined) {
        result.pathname = text(base.pathname);
        if (init.search === undefined) {
          result.search = text(base.search.slice(1));
          if (init.hash === undefined) result.hash = text(base.hash.slice(1));
        }
      }
    }
  }
  return { path: text(base.pathname), opaque: !base.pathname.startsWith("/") };
}

function isAbsolute(pathname: string, kind: InitKind): boolean {
  if (pathname.startsWith("/")) return true;
  return kind === "pattern" && (pathname.startsWith("\\/") || pathname.startsWith("{/"));
}

function hostnameOf(value: string, protocol: string): string {
  if (value.startsWith("[")) return canonicalIpv6(value);
  return protocol === "" || isSpecial(protocol) ? canonicalDomain(value) : canonicalHostname(value);
}

const without = (text: string, first: string): string =>
  text.startsWith(first) ? text.slice(1) : text;

/** Throws a TypeError where a member is not valid. */
export function processInit(init: Init, kind: InitKind): Init {
  const result: Init = {};
  if (kind === "url") for (const name of COMPONENTS) result[name] = "";
  const base = fromBase(init, kind, result);
  const url = kind === "url";
  if (init.protocol !== undefined) {
    const protocol = init.protocol.replace(/:$/, "");
    result.protocol = url ? canonicalProtocol(protocol) : protocol;
  }
  const protocol = result.protocol ?? "";
  if (init.username !== undefined)
    result.username = url ? canonicalUsername(init.username) : init.username;
  if (init.password !== undefined)
    result.password = url ? canonicalPassword(init.password) : init.password;
  if (init.hostname !== undefined)
    result.hostname = url ? hostnameOf(init.hostname, protocol) : init.hostname;
  if (init.port !== undefined) result.port = url ? canonicalPort(init.port, protocol) : init.port;
  if (init.pathname !== undefined) {
    let { pathname } = init;
    if (base !== null && !base.opaque && !isAbsolute(pathname, kind)) {
      pathname = base.path.slice(0, base.path.lastIndexOf("/") + 1) + pathname;
    }
    if (url)
      pathname =
        protocol === "" || isSpecial(protocol)
          ? canonicalPathname(pathname)
          : canonicalOpaquePathname(pathname);
    result.pathname = pathname;
  }
  if (init.search !== undefined) {
    const search = without(init.search, "?");
    result.search = url ? canonicalSearch(search) : search;
  }
  if (init.hash !== undefined) {
    const hash = without(init.hash, "#");
    result.hash = url ? canonicalHash(hash) : hash;
  }
  return result;
}
