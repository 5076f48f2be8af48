import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { APP_ROLE_NEEDED, APP_ROLES } from "../../../src/manager/authz/capabilities.ts";
import type { AppCapability, AppRole } from "../../../src/manager/authz/capabilities.ts";
import { endpoints } from "../../../src/manager/http/endpoints.ts";
import type { Endpoint } from "../../../src/manager/http/endpoint.ts";
import { documentedPath } from "../../../src/manager/http/openapi.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness, Person } from "../support/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());

interface Fixture {
  appId: string;
  params: Record<string, string>;
}

async function fixture(endpoint: Endpoint): Promise<Fixture> {
  const app = await h.app();
  const script = await h.script(app.id);
  const route = await h.call("POST", `/scripts/${script.id}/routes`, {
    as: h.owner,
    body: { path: "/x" },
  });
  const id = endpoint.access.by === "route" ? route.body.id : script.id;
  return {
    appId: app.id,
    params: { app: app.id, id, n: "1", name: "NAME", user_id: Bun.randomUUIDv7() },
  };
}

const pathOf = (endpoint: Endpoint, { params }: Fixture) =>
  documentedPath(endpoint.path).replace(
    /\{(\w+)\}/g,
    (_, name: string) => params[name] ?? Bun.randomUUIDv7(),
  );

/** What the guard lets through fails later, on the empty body; streams are not read to their end. */
async function call(
  endpoint: Endpoint,
  made: Fixture,
  as: Person | undefined,
): Promise<{ status: number; body: unknown }> {
  const request = new Request(`http://localhost/api/v1/admin${pathOf(endpoint, made)}`, {
    method: endpoint.method.toUpperCase(),
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as.token}` }),
      ...(endpoint.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(endpoint.body === undefined
      ? {}
      : { body: endpoint.access.by === "body" ? bodyFor(endpoint, made) : "{}" }),
  });
  const response = await h.fetch(request);
  if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
    await response.body?.cancel();
    return { status: response.status, body: null };
  }
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? null : { ...JSON.parse(text), request_id: "" },
  };
}

/** Valid up to the app, so that the question of the app's access comes up. */
function bodyFor(endpoint: Endpoint, { appId }: Fixture): string {
  const named = { app_id: appId, method: "GET" };
  if (endpoint.path === "/scripts")
    return JSON.stringify({
      app_id: appId,
      name: `n-${Bun.randomUUIDv7().slice(-8)}`,
      source: "1",
    });
  return JSON.stringify(
    endpoint.path === "/routes:match"
      ? { ...named, url: "http://localhost/" }
      : { ...named, path: "/free" },
  );
}

const byCapability = endpoints.filter(({ access }) => access.by !== "none");
const closed = endpoints.filter(({ access }) => access.needs !== "open");
/** The guard only asks for AppRead, since everybody may leave; removing others is asked for in the handler. */
const ASKS_FURTHER = new Set(["DELETE /apps/{app}/members/{user_id}"]);
const nameOf = ({ method, path }: Endpoint) => `${method.toUpperCase()} ${documentedPath(path)}`;

describe("without a caller", () => {
  test.each(closed.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    "%s is 401",
    async (_, endpoint) => {
      const { status, body } = await call(endpoint, { appId: "x", params: {} }, undefined);
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: "unauthenticated" });
    },
  );

  test("only the login is open", () => {
    expect(endpoints.filter(({ access }) => access.needs === "open").map(nameOf)).toEqual([
      "POST /auth/login",
    ]);
  });
});

let shared: Promise<Fixture> | undefined;
/** What is not deleted serves every endpoint. */
const fixtureFor = async (endpoint: Endpoint): Promise<Fixture> => {
  if (endpoint.method === "delete") return await fixture(endpoint);
  shared ??= fixture(endpoint);
  return await shared;
};

let stranger: Promise<Person> | undefined;

describe("a stranger", () => {
  test.each(byCapability.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    "to whom %s exists as little as an unknown id",
    async (_, endpoint) => {
      const made = await fixtureFor(endpoint);
      stranger ??= h.person("member");
      const unknown = Bun.randomUUIDv7();
      const nowhere = { appId: unknown, params: { ...made.params, app: unknown, id: unknown } };
      const real = await call(endpoint, made, await stranger);
      expect(real.status).toBe(404);
      expect(real).toEqual(await call(endpoint, nowhere, await stranger));
    },
  );
});

const members = new Map<string, Promise<Person>>();
function memberOf(appId: string, role: AppRole): Promise<Person> {
  const key = `${appId} ${role}`;
  const made = members.get(key) ?? h.member(appId, role);
  members.set(key, made);
  return made;
}

describe("a member", () => {
  const asked = byCapability.map((endpoint) => [nameOf(endpoint), endpoint] as const);
  test.each(asked.filter(([name]) => !ASKS_FURTHER.has(name)))(
    "may %s from the role on that the table says",
    async (_, endpoint) => {
      const needed = APP_ROLE_NEEDED[endpoint.access.needs as AppCapability];
      for (const role of APP_ROLES) {
        const made = await fixtureFor(endpoint);
        const { status } = await call(endpoint, made, await memberOf(made.appId, role));
        const allowed = APP_ROLES.indexOf(role) >= APP_ROLES.indexOf(needed);
        if (allowed) expect([401, 403]).not.toContain(status);
        else expect(status).toBe(403);
      }
    },
  );
});
