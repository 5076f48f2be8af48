/** One `fetch` of a script: policy, route, redirects, decoding and limits. */
import { type HostContext, HostError } from "../host-function.ts";
import { isBadPort } from "./bad-ports.ts";
import { policyOf, type Destination } from "./connect.ts";
import { ACCEPT_ENCODING, decodeBody } from "./decode.ts";
import type { BodySource } from "./http1/body.ts";
import { send } from "./http1/client.ts";
import { listOf, type FlatHeaders, type ResponseHead } from "./http1/head.ts";
import type { ConnectionPool } from "./http1/pool.ts";
import type { InternalResponse } from "./internal.ts";
import type { EgressPorts } from "./ports.ts";
import { followRedirect, type Hop, locationOf, MAX_REDIRECTS } from "./redirect.ts";
import { USER_AGENT } from "./user-agent.ts";

export interface FetchRequest {
  method: string;
  url: string;
  headers: FlatHeaders;
  redirect: "follow" | "error" | "manual";
  body: Uint8Array | BodySource | null;
}

export interface FetchEnvironment {
  context: HostContext;
  ports: EgressPorts;
  pool: ConnectionPool;
  signal: AbortSignal;
  /** Counts one subrequest; throws when there were too many. */
  count(): void;
  maxRequestBytes: number;
  maxResponseBytes: number;
  idleMs: number;
}

export interface FetchResponse {
  status: number;
  statusText: string;
  headers: FlatHeaders;
  url: string;
  redirected: boolean;
  body: BodySource | null;
  close(): void;
}

interface Answer {
  head: ResponseHead;
  body: BodySource | null;
  close(): void;
}

/** What a script cannot set: framing, routing and what the connection decides. */
const OWN_HEADERS = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "upgrade",
  "te",
  "trailer",
  "expect",
  "proxy-connection",
]);

function outgoingHeaders(url: URL, headers: FlatHeaders): FlatHeaders {
  const result: FlatHeaders = ["host", url.host];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    if (!OWN_HEADERS.has(name)) result.push(name, headers[i + 1] ?? "");
  }
  if (!headers.includes("accept")) result.push("accept", "*/*");
  if (!headers.includes("accept-language")) result.push("accept-language", "*");
  if (!headers.includes("accept-encoding")) result.push("accept-encoding", ACCEPT_ENCODING);
  if (!headers.includes("user-agent")) result.push("user-agent", USER_AGENT);
  return result;
}

function destinationOf(url: URL): Destination {
  const secure = url.protocol === "https:";
  if (!secure && url.protocol !== "http:") {
    throw new HostError(
      "TypeError",
      `Url scheme '${url.protocol.slice(0, -1)}' not supported: use http, https, data or blob`,
    );
  }
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  if (isBadPort(port)) throw new HostError("TypeError", `The port ${port} is blocked for fetch`);
  return { host: url.hostname, port, secure };
}

const pairs = (headers: FlatHeaders): [string, string][] =>
  Array.from({ length: headers.length / 2 }, (_, i) => [
    headers[i * 2] ?? "",
    headers[i * 2 + 1] ?? "",
  ]);

function internalAnswer(response: InternalResponse): Answer {
  const headers = response.headers.flatMap(([name, value]) => [name.toLowerCase(), value]);
  const head = { status: response.status, statusText: "", headers, keepAlive: false };
  return { head, body: response.body, close: response.close };
}

async function dispatch(
  env: FetchEnvironment,
  hop: Hop,
  body: FetchRequest["body"],
): Promise<Answer> {
  const destination = destinationOf(hop.url);
  env.count();
  const route = await env.ports.route(env.context, destination.host, hop.url.href);
  env.signal.throwIfAborted();
  const headers = outgoingHeaders(hop.url, hop.headers);
  if (route.kind === "internal") {
    const url = new URL(hop.url);
    url.hash = "";
    const request = {
      method: hop.method,
      url: url.href,
      headers: pairs(headers),
      body: limited(body, env.maxRequestBytes, "request"),
      signal: env.signal,
    };
    return internalAnswer(await env.ports.internal(env.context, request));
  }
  return send(
    { ports: env.ports, policy: policyOf(route), pool: env.pool },
    {
      destination,
      method: hop.method,
      target: `${hop.url.pathname}${hop.url.search}`,
      headers,
      body: limited(body, env.maxRequestBytes, "request"),
      signal: env.signal,
      idleMs: env.idleMs,
    },
  );
}

function limited<B extends Uint8Array | BodySource | null>(body: B, max: number, what: string): B {
  const tooLarge = (): HostError =>
    new HostError("TypeError", `The ${what} body is larger than the limit of ${max} bytes`);
  if (typeof body !== "function") {
    if (body !== null && body.length > max) throw tooLarge();
    return body;
  }
  let length = 0;
  const read: BodySource = async () => {
    const chunk = await body();
    length += chunk?.length ?? 0;
    if (length > max) throw tooLarge();
    return chunk;
  };
  return read as B;
}

/** Follows redirects up to the final answer. Rejects with a TypeError that says what went wrong. */
export async function runFetch(
  env: FetchEnvironment,
  request: FetchRequest,
): Promise<FetchResponse> {
  let hop: Hop = {
    url: new URL(request.url),
    method: request.method,
    headers: request.headers,
    keepsBody: true,
  };
  for (let redirects = 0; ; redirects++) {
    const answer = await dispatch(env, hop, hop.keepsBody ? request.body : null);
    const location = request.redirect === "manual" ? undefined : locationOf(answer.head, hop.url);
    if (location === undefined) return finalResponse(env, hop, answer, redirects > 0);
    answer.close();
    if (request.redirect === "error") {
      throw new HostError(
        "TypeError",
        "The server redirects, and the request has redirect 'error'",
      );
    }
    if (redirects >= MAX_REDIRECTS)
      throw new HostError("TypeError", `There were more than ${MAX_REDIRECTS} redirects`);
    hop = followRedirect(hop, answer.head.status, location);
    if (hop.keepsBody && typeof request.body === "function") {
      throw new HostError(
        "TypeError",
        "A request with a streamed body cannot be redirected: its body is gone",
      );
    }
  }
}

function finalResponse(
  env: FetchEnvironment,
  hop: Hop,
  answer: Answer,
  redirected: boolean,
): FetchResponse {
  const { head } = answer;
  let { headers } = head;
  let { body, close } = answer;
  const decoded = body === null ? null : decodeBody(body, listOf(headers, "content-encoding"));
  if (decoded !== null) {
    const dropped = new Set(["content-encoding", "content-length"]);
    headers = headers.filter((_, i) => !dropped.has(headers[i - (i % 2)] ?? ""));
    body = decoded.read;
    close = () => {
      decoded.close();
      answer.close();
    };
  }
  const url = new URL(hop.url);
  url.hash = "";
  return {
    status: head.status,
    statusText: head.statusText,
    headers,
    url: url.href,
    redirected,
    body: limited(body, env.maxResponseBytes, "response"),
    close,
  };
}
