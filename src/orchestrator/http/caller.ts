/** Who calls, within a time that a public script can wait. */
import type { CallerResolution, CallerResolver } from "../../shared/caller.ts";
import type { ClientRequest, HeaderReader } from "../../shared/http.ts";
import { requestHost } from "../../shared/routing/host.ts";
import { SESSION_COOKIE } from "./credentials.ts";

/** How long a request for a public script waits to learn who calls. */
const PUBLIC_WAIT_MS = 50;
/** How long one that must have a caller waits: the database may hang. */
const PRINCIPAL_WAIT_MS = 6_000;

const FAULT: CallerResolution = { caller: null, fault: true };

/**
 * Headers to resolve a caller from. The cookie counts only where a page of the platform's own sent it:
 * a tenant's page on a sibling host is same-site for browsers, and must not act as its visitor.
 */
export function callerHeaders(request: ClientRequest, publicBaseUrl: string | null): HeaderReader {
  const { headers } = request;
  if (!(headers.get("cookie") ?? "").includes(SESSION_COOKIE) || isOwnPage(request, publicBaseUrl))
    return headers;
  const without = new Headers([...headers]);
  without.delete("cookie");
  return without;
}

function isOwnPage(request: ClientRequest, publicBaseUrl: string | null): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null)
    return origin === publicBaseUrl || isSameHost(origin, request.headers.get("host") ?? "");
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  return request.method === "GET" || request.method === "HEAD";
}

function isSameHost(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  return (
    url !== null &&
    url.host !== "" &&
    requestHost(url.host) === requestHost(host) &&
    portOf(url.host) === portOf(host)
  );
}

const portOf = (host: string): string => /:(\d+)$/.exec(host)?.[1] ?? "";

export function resolveCaller(
  resolver: CallerResolver,
  headers: HeaderReader,
  isPublic: boolean,
): CallerResolution | Promise<CallerResolution> {
  const resolution = resolver.resolve(headers);
  if (!(resolution instanceof Promise)) return resolution;
  const settled = resolution.catch(() => FAULT);
  return withinBound(settled, isPublic ? PUBLIC_WAIT_MS : PRINCIPAL_WAIT_MS);
}

async function withinBound(
  resolution: Promise<CallerResolution>,
  boundMs: number,
): Promise<CallerResolution> {
  const { promise, resolve } = Promise.withResolvers<CallerResolution>();
  const timer = setTimeout(() => resolve(FAULT), boundMs);
  try {
    return await Promise.race([resolution, promise]);
  } finally {
    clearTimeout(timer);
  }
}
