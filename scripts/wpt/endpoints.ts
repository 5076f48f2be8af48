/** What the tests' server-side scripts answer, those that tests without a browser ask most. */
import type { Call } from "./call.ts";
import { EVENT_ENDPOINTS } from "./event-endpoints.ts";

type Endpoint = (call: Call) => Response | Promise<Response>;

const stash = new Map<string, unknown>();

function take(key: string): unknown {
  const value = stash.get(key);
  stash.delete(key);
  return value;
}

const list = (text: string | null): string[] => (text === null ? [] : text.split("|"));

function allowOrigin(headers: Headers, request: Request): void {
  headers.set("access-control-allow-origin", request.headers.get("origin") ?? "*");
  headers.set("access-control-allow-credentials", "true");
}

function inspectHeaders({ request, query }: Call): Response {
  const names = list(query.get("headers"));
  const headers = new Headers({ "content-type": "text/plain" });
  for (const name of names) {
    const value = request.headers.get(name);
    if (value !== null) headers.append(`x-request-${name}`, value);
  }
  if (query.has("cors")) {
    allowOrigin(headers, request);
    headers.set("access-control-allow-methods", "GET, POST, HEAD");
    headers.set("access-control-expose-headers", names.map((name) => `x-request-${name}`).join());
    const all = [...request.headers.keys()].join(", ");
    headers.set("access-control-allow-headers", query.get("allow_headers") ?? all);
  }
  return new Response(null, { headers });
}

/** What the request said of its body, "NO" where it said nothing. */
function echoedHeaders(request: Request, names: readonly string[]): [string, string][] {
  return names.map((name) => [`x-request-${name}`, request.headers.get(name) ?? "NO"]);
}

const echoContent: Endpoint = ({ request, body }) =>
  new Response(body, {
    headers: [
      ["x-request-method", request.method],
      ["content-type", "text/plain"],
      ...echoedHeaders(request, ["content-length", "content-type"]),
    ],
  });

function method({ request, query, body }: Call): Response {
  const names = ["type", "length", "encoding", "language", "location"];
  const headers = new Headers([
    ["x-request-method", request.method],
    ...echoedHeaders(
      request,
      names.map((name) => `content-${name}`),
    ),
  ]);
  if (query.has("cors")) {
    headers.set("access-control-allow-origin", "*");
    headers.set("access-control-allow-methods", "GET, POST, PUT, FOO");
    headers.set("access-control-allow-headers", "x-test, x-foo");
    headers.set("access-control-expose-headers", "x-request-method");
  }
  return new Response(body, { headers });
}

function status({ request, query }: Call): Response {
  const code = Number(query.get("code") ?? 200);
  const empty = code === 204 || code === 205 || code === 304;
  return new Response(empty ? null : (query.get("content") ?? ""), {
    status: code,
    statusText: query.get("text") ?? "OMG",
    headers: { "content-type": query.get("type") ?? "", "x-request-method": request.method },
  });
}

/** Sends the chunk as often as told, with pauses. */
function slowly(count: number, pauseMs: number, chunk: string, headers: HeadersInit): Response {
  const encoder = new TextEncoder();
  const body = async function* () {
    for (let sent = 0; sent < count; sent += 1) {
      yield encoder.encode(chunk);
      await Bun.sleep(pauseMs);
    }
  };
  return new Response(body as unknown as BodyInit, { headers });
}

async function trickle({ query }: Call): Promise<Response> {
  const pause = Number(query.get("ms") ?? 500);
  await Bun.sleep(2 * pause);
  const headers = query.has("notype") ? {} : { "content-type": "text/plain" };
  return slowly(Number(query.get("count") ?? 50), pause, "TEST_TRICKLE\n", headers);
}

function infinite({ query, request }: Call): Response {
  const state = query.get("stateKey");
  const abort = query.get("abortKey");
  if (state !== null) stash.set(state, "open");
  const closed = (): void => {
    if (state !== null) stash.set(state, "closed");
  };
  const { signal } = request;
  signal.addEventListener("abort", closed);
  const encoder = new TextEncoder();
  const body = async function* () {
    yield encoder.encode(".".repeat(2048));
    for (;;) {
      if (signal.aborted || (abort !== null && take(abort) !== undefined)) break;
      yield encoder.encode(".");
      await Bun.sleep(10);
    }
    closed();
  };
  return new Response(body as unknown as BodyInit, { headers: { "content-type": "text/plain" } });
}

interface Redirects {
  count: number;
  preflight: string;
}

/** Where a redirect leads: the query goes along, and a count keeps a loop from looking like one. */
function redirectTarget(query: URLSearchParams, count: number): string | null {
  const location = query.get("location");
  if (location === null || query.has("simple")) return location;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) return location;
  return `${location}${location.includes("?") ? "&" : "?"}${query}&count=${count}`;
}

async function redirect({ request, query }: Call): Promise<Response> {
  const headers = new Headers({ "content-type": "text/plain", "cache-control": "no-cache" });
  allowOrigin(headers, request);
  const token = query.get("token");
  const known = token === null ? undefined : (take(token) as Redirects | undefined);
  const state = known ?? { count: 0, preflight: "0" };
  if (request.method === "OPTIONS" && !query.has("redirect_preflight")) {
    const allowed = query.get("allow_headers");
    if (allowed !== null) headers.set("access-control-allow-headers", allowed);
    if (token !== null) stash.set(token, { ...state, preflight: "1" });
    return new Response("", { headers });
  }
  state.count += 1;
  const target = redirectTarget(query, state.count);
  if (target !== null) headers.set("location", target);
  const policy = query.get("redirect_referrerpolicy");
  if (policy !== null) headers.set("referrer-policy", policy);
  await Bun.sleep(Number(query.get("delay") ?? 0));
  if (token !== null) stash.set(token, state);
  if (token !== null && state.count > Number(query.get("max_count") ?? Infinity))
    return new Response(String(state.count - 1));
  return new Response("", { status: Number(query.get("redirect_status") ?? 302), headers });
}

function plainRedirect({ query }: Call): Response {
  const headers = { location: query.get("location") ?? "" };
  return new Response("", { status: Number(query.get("status") ?? 302), headers });
}

const NO_PREFLIGHT = { preflight: "0", requested: "", referrer: "", agent: "" };

function preflight({ request, query }: Call): Response {
  const headers = new Headers({ "content-type": "text/plain" });
  const token = query.get("token") ?? "";
  for (const origin of (query.get("origin") ?? "*").split(", "))
    headers.append("access-control-allow-origin", origin);
  if (query.has("clear-stash"))
    return new Response(take(token) === undefined ? "0" : "1", { headers });
  if (query.has("credentials")) headers.set("access-control-allow-credentials", "true");
  if (request.method === "OPTIONS") {
    for (const name of ["max_age", "allow_headers", "allow_methods"]) {
      const value = query.get(name);
      if (value !== null) headers.set(`access-control-${name.replace("_", "-")}`, value);
    }
    const requested = request.headers.get("access-control-request-headers") ?? "";
    stash.set(token, { ...NO_PREFLIGHT, preflight: "1", requested });
    return new Response("", { status: Number(query.get("preflight_status") ?? 200), headers });
  }
  const state = (take(token) as typeof NO_PREFLIGHT | undefined) ?? NO_PREFLIGHT;
  const shown =
    "x-did-preflight, x-control-request-headers, x-referrer, x-preflight-referrer, x-origin";
  headers.set("access-control-expose-headers", shown);
  headers.set("x-did-preflight", state.preflight);
  headers.set("x-control-request-headers", state.requested);
  headers.set("x-preflight-referrer", state.referrer);
  headers.set("x-referrer", request.headers.get("referer") ?? "");
  headers.set("x-origin", request.headers.get("origin") ?? "");
  if (token !== "") stash.set(token, state);
  return new Response("", { headers });
}

function authentication({ request, query }: Call): Response {
  if (request.headers.get("authorization") === `Basic ${btoa("user:password")}`)
    return new Response("Authentication done");
  const realm = query.get("realm") ?? "test";
  return new Response("Please login with credentials 'user' and 'password'", {
    status: 401,
    headers: { "www-authenticate": `Basic realm="${realm}"` },
  });
}

function dumpAuthorization({ request, query }: Call): Response {
  const headers = new Headers({ "content-type": "text/html", "cache-control": "no-cache" });
  allowOrigin(headers, request);
  headers.set("access-control-allow-headers", "Authorization");
  const asked = request.headers.get("access-control-request-headers") ?? "";
  if (query.has("strip_auth_header") && asked.toLowerCase().includes("authorization"))
    return new Response("fail", { status: 500, headers });
  return new Response(request.headers.get("authorization") ?? "none", { headers });
}

function cache({ request }: Call): Response {
  const etag = '"123abc"';
  if (request.headers.get("if-none-match") === etag)
    return new Response(null, { status: 304, headers: { "x-http-status": "304" } });
  return new Response("lorem ipsum dolor sit amet", {
    headers: { etag, "content-type": "text/plain" },
  });
}

function stashPut({ query }: Call): Response {
  stash.set(query.get("key") ?? "", query.get("value") ?? "");
  return new Response("done", { headers: { "access-control-allow-origin": "*" } });
}

const stashTake: Endpoint = ({ query }) =>
  Response.json(take(query.get("key") ?? "") ?? null, {
    headers: { "access-control-allow-origin": "*" },
  });

const encoded =
  (encoding: string): Endpoint =>
  () =>
    new Response(`not actually ${encoding}`, { headers: { "content-encoding": encoding } });

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "inspect-headers.py": inspectHeaders,
  "echo-content.py": echoContent,
  "method.py": method,
  "status.py": status,
  "trickle.py": trickle,
  "infinite-slow-response.py": infinite,
  "redirect.py": redirect,
  "redirect-empty-location.py": () => new Response("", { status: 302, headers: { location: "" } }),
  "preflight.py": preflight,
  "clean-stash.py": ({ query }) =>
    new Response(take(query.get("token") ?? "") === undefined ? "0" : "1"),
  "authentication.py": authentication,
  "dump-authorization-header.py": dumpAuthorization,
  "cache.py": cache,
  "stash-put.py": stashPut,
  "stash-take.py": stashTake,
  ...EVENT_ENDPOINTS,
  "bad-br-body.py": encoded("br"),
  "bad-gzip-body.py": encoded("gzip"),
  "bad-zstd-body.py": encoded("zstd"),
  "script-with-header.py": ({ query }) =>
    new Response("console.log('Script loaded')", {
      headers: { "content-type": query.get("mime") ?? "" },
    }),
  "echo-as-json.py": ({ request }) => Response.json(request.headers.toJSON()),
};

/** Undefined for what is a plain file. */
export function endpointFor(pathname: string): Endpoint | undefined {
  if (!pathname.endsWith(".py")) return undefined;
  if (pathname === "/common/redirect.py") return plainRedirect;
  const name = pathname.split("/").at(-1) ?? "";
  return (
    ENDPOINTS[name] ??
    (() => new Response(`This server does not answer for ${name}`, { status: 501 }))
  );
}
