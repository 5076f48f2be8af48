/** A browser sends cookies on its own, so a write by cookie must come from a page of the platform itself. */
import { problem } from "../problems.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

export interface OriginRule {
  request: Request;
  publicBaseUrl: string | null;
  /** True where the caller's cookie proves who calls. */
  byCookie: boolean;
  /** True for a login: no cookie yet, but a foreign page could log its visitor in as somebody else. */
  isLogin: boolean;
}

/** @throws AppError 403 `origin_mismatch` */
export function requireOrigin(rule: OriginRule): void {
  if (SAFE_METHODS.has(rule.request.method)) return;
  const origin = rule.request.headers.get("origin");
  if (rule.byCookie ? isOwn(origin, rule) : !rule.isLogin || origin === null || isOwn(origin, rule))
    return;
  throw problem(
    "origin_mismatch",
    "Send the request from a page of this host, or use a bearer token",
  );
}

function isOwn(origin: string | null, { request, publicBaseUrl }: OriginRule): boolean {
  if (origin === null) return false;
  const parsed = URL.parse(origin);
  if (parsed === null) return false;
  if (publicBaseUrl !== null && parsed.origin === URL.parse(publicBaseUrl)?.origin) return true;
  // The scheme is not compared: behind a proxy that ends TLS this side sees http.
  const host = (request.headers.get("host") ?? new URL(request.url).host).toLowerCase();
  return (
    parsed.host === host ||
    (parsed.port === "" && `${parsed.hostname}:${parsed.protocol === "https:" ? 443 : 80}` === host)
  );
}
