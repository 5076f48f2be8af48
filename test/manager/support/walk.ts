/** What a walk over every endpoint needs: real things for the ids of each path, and bodies that fit. */
import { endpoints } from "../../../src/manager/http/endpoints.ts";
import type { Endpoint } from "../../../src/manager/http/endpoint.ts";
import { documentedPath } from "../../../src/manager/http/openapi.ts";
import { newId } from "../../../src/shared/ids.ts";
import type { Harness, Person } from "./harness.ts";

/** One tenant with one of everything that an id of the API can name. */
export interface Tenant {
  admin: Person;
  app: string;
  slug: string;
  host: string;
  script: string;
  route: string;
  domain: string;
  session: string;
  key: string;
  /** A user, who is a viewer of the app. */
  user: string;
  serviceAccount: string;
  serviceKey: string;
}

export async function makeTenant(h: Harness): Promise<Tenant> {
  const app = await h.app();
  const admin = await h.member(app.id, "app_admin");
  const script = await h.script(app.id);
  const by = { as: h.owner };
  const host = `${newId()}.example.com`;
  const made = async (path: string, body: unknown, as: Person = h.owner): Promise<string> =>
    String((await h.call("POST", path, { as, body })).body.id);
  const route = await made(`/scripts/${script.id}/routes`, { path: "/x" });
  const domain = await made(`/apps/${app.id}/domains`, { host });
  const key = await made("/api-keys", { name: "k", scopes: ["script:read"] }, admin);
  const sessions = await h.call("GET", "/auth/sessions", { as: admin });
  await h.call("PUT", `/apps/${app.id}/env/NAME`, { ...by, body: { value: "v" } });
  const viewer = await h.member(app.id, "viewer");
  const account = await made("/service-accounts", { username: `s-${newId().slice(-12)}` });
  const serviceKey = await made(`/service-accounts/${account}/keys`, {
    name: "k",
    scopes: ["script:read"],
  });
  return {
    admin,
    app: app.id,
    slug: app.slug,
    host,
    script: script.id,
    route,
    domain,
    session: sessions.body.items[0].id,
    key,
    user: viewer.id,
    serviceAccount: account,
    serviceKey,
  };
}

/** What `{id}` stands for under the first segment of a path; a new noun must be added here, or the walk fails. */
const IDS: Readonly<Record<string, (tenant: Tenant) => string>> = {
  "/auth/sessions": ({ session }) => session,
  "/users": ({ user }) => user,
  "/api-keys": ({ key }) => key,
  "/apps/:app/domains": ({ domain }) => domain,
  "/scripts": ({ script }) => script,
  "/routes": ({ route }) => route,
  "/service-accounts": ({ serviceAccount }) => serviceAccount,
};

const NAMED: Readonly<Record<string, (tenant: Tenant) => string>> = {
  app: ({ app }) => app,
  user_id: ({ user }) => user,
  key_id: ({ serviceKey }) => serviceKey,
  n: () => "1",
  name: () => "NAME",
};

/** Parameters whose values name a thing of one tenant. */
export const ID_PARAMETERS = new Set(["app", "id", "user_id", "key_id"]);

export const nameOf = ({ method, path }: Endpoint): string =>
  `${method.toUpperCase()} ${documentedPath(path)}`;

export const parametersOf = ({ path }: Endpoint): string[] =>
  [...documentedPath(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");

/** @throws Error for a parameter that nobody told this walk about */
export function valuesOf(endpoint: Endpoint, tenant: Tenant): Record<string, string> {
  const prefix = endpoint.path.slice(0, Math.max(0, endpoint.path.indexOf("/:id")));
  const value = (name: string): string => {
    const known = name === "id" ? IDS[prefix] : NAMED[name];
    if (known === undefined)
      throw new Error(`Tell the walk what {${name}} of ${nameOf(endpoint)} stands for`);
    return known(tenant);
  };
  return Object.fromEntries(parametersOf(endpoint).map((name) => [name, value(name)]));
}

export const pathOf = (endpoint: Endpoint, values: Record<string, string>): string =>
  documentedPath(endpoint.path).replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");

/** Where the app stands in the body, it must be valid up to there; elsewhere the guard comes first. */
export function bodyFor(endpoint: Endpoint, app: string): string {
  if (endpoint.access.by !== "body") return "{}";
  const bodies: Record<string, object> = {
    "/scripts": { app_id: app, name: `n-${newId().slice(-12)}`, source: "1" },
    "/routes:check": { app_id: app, method: "GET", path: "/free" },
    "/routes:match": { app_id: app, method: "GET", url: "http://localhost/" },
  };
  const body = bodies[endpoint.path];
  if (body === undefined) throw new Error(`Tell the walk a body for ${nameOf(endpoint)}`);
  return JSON.stringify(body);
}

export interface WalkAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** One call; streams are not read to their end. What tells one request from the next is left out. */
export async function send(
  h: Harness,
  endpoint: Endpoint,
  path: string,
  options: { headers?: Record<string, string>; body?: string } = {},
): Promise<WalkAnswer> {
  const request = new Request(`http://localhost/api/v1/admin${path}`, {
    method: endpoint.method.toUpperCase(),
    headers: {
      ...(endpoint.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(endpoint.body === undefined ? {} : { body: options.body ?? "{}" }),
  });
  const response = await h.fetch(request);
  const { "x-request-id": _, ...headers } = Object.fromEntries(response.headers);
  if (headers["content-type"]?.startsWith("text/event-stream") === true) {
    await response.body?.cancel();
    return { status: response.status, headers, body: null };
  }
  const text = await response.text();
  const body = text === "" ? null : { ...JSON.parse(text), request_id: "" };
  return { status: response.status, headers, body };
}

export const bearer = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });

export const closed = endpoints.filter(({ access }) => access.needs !== "open");
export const walked = (list: readonly Endpoint[]) =>
  list.map((endpoint) => [nameOf(endpoint), endpoint] as const);
