/** The way of a request through an endpoint: caller, origin, right, input, handler. */
import type { Context } from "hono";
import { slugRedirect, type FoundApp } from "../apps/find-app.ts";
import { readCredential } from "../authz/tokens.ts";
import type { ManagerDeps, RequestContext } from "../context.ts";
import { requireOrigin } from "./origin.ts";
import type { Endpoint } from "./endpoint.ts";
import { readJsonBody } from "./json-body.ts";
import { parseInput } from "./validate.ts";

/** What the server tells of a request, as Hono's bindings. */
export interface ControlPlaneBindings {
  /** The client's address, proxies taken into account. */
  address?: string;
}

export interface ControlPlaneEnv {
  Bindings: ControlPlaneBindings;
  Variables: { requestId: string };
}

const BODY_BYTES_MAX = 12 * 1024 * 1024;
export const LOGIN_PATH = "/auth/login";

export async function runEndpoint(
  deps: ManagerDeps,
  endpoint: Endpoint,
  c: Context<ControlPlaneEnv>,
): Promise<Response> {
  const request = c.req.raw;
  const context = await readContext(deps, endpoint, c);
  const params = c.req.param();
  const { ctx, target } = await endpoint.access.enter(context, params);
  const query =
    endpoint.query === undefined ? undefined : parseInput(endpoint.query, c.req.query());
  const body =
    endpoint.body === undefined
      ? undefined
      : parseInput(endpoint.body, await readJsonBody(request, BODY_BYTES_MAX));
  const answer = await endpoint.handle({ ctx, target, params, body, query, request });
  if (answer instanceof Response) return answer;
  if (endpoint.status === 204) return c.body(null, 204);
  // Targets are what `access` found: an app, something of an app, or nothing.
  const redirect = slugRedirect((target ?? undefined) as FoundApp | undefined);
  const isRedirected = redirect.slug_redirect !== undefined;
  const full = isRedirected ? { ...redirect, ...(answer as object) } : (answer as object);
  return c.json(full, endpoint.status);
}

async function readContext(
  deps: ManagerDeps,
  endpoint: Endpoint,
  c: Context<ControlPlaneEnv>,
): Promise<RequestContext> {
  const request = c.req.raw;
  const isLogin = endpoint.path === LOGIN_PATH;
  const found = isLogin ? null : readCredential(request.headers);
  requireOrigin({
    request,
    publicBaseUrl: deps.config.publicBaseUrl,
    byCookie: found?.fromCookie === true,
    isLogin,
  });
  return {
    deps,
    requestId: c.get("requestId"),
    address: c.env?.address ?? null,
    userAgent: request.headers.get("user-agent"),
    principal: found === null ? null : await deps.credentials.resolve(found.credential),
  };
}
