/** Steps of the Fetch standard between a redirect and the request that follows it. */
import { HostError } from "../host-function.ts";
import { valuesOf, type FlatHeaders, type ResponseHead } from "./http1/head.ts";

export const MAX_REDIRECTS = 20;

const STATUSES = new Set([301, 302, 303, 307, 308]);
const BODY_HEADERS = new Set([
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
  "content-length",
]);
const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** Where the response leads; undefined when it is no redirect. Throws a TypeError for a broken one. */
export function locationOf(head: ResponseHead, from: URL): URL | undefined {
  if (!STATUSES.has(head.status)) return undefined;
  const [raw] = valuesOf(head.headers, "location");
  if (raw === undefined) return undefined;
  const text = Buffer.from(raw, "latin1").toString("utf8");
  if (!URL.canParse(text, from.href)) {
    throw new HostError("TypeError", "The redirect's location is not a valid URL");
  }
  const url = new URL(text, from.href);
  if (url.hash === "") url.hash = from.hash;
  return url;
}

export interface Hop {
  url: URL;
  method: string;
  headers: FlatHeaders;
  keepsBody: boolean;
}

const without = (headers: FlatHeaders, names: ReadonlySet<string>): FlatHeaders =>
  headers.filter((_, index) => !names.has(headers[index - (index % 2)] ?? ""));

/** Drops the body where the status says so, and credentials where the origin changes. */
export function followRedirect(hop: Hop, status: number, to: URL): Hop {
  let { method, headers, keepsBody } = hop;
  const toGet =
    ((status === 301 || status === 302) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD");
  if (toGet) {
    method = "GET";
    headers = without(headers, BODY_HEADERS);
    keepsBody = false;
  }
  if (to.origin !== hop.url.origin) headers = without(headers, CREDENTIALS);
  return { url: to, method, headers, keepsBody };
}
