/** Every id of the API, asked for by who may not know it: the answer is that of an id nobody ever had. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SCOPES } from "../../../src/manager/authz/capabilities.ts";
import { endpoints } from "../../../src/manager/http/endpoints.ts";
import type { Endpoint } from "../../../src/manager/http/endpoint.ts";
import { newId } from "../../../src/shared/ids.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";
import {
  bearer,
  bodyFor,
  ID_PARAMETERS,
  makeTenant,
  parametersOf,
  pathOf,
  send,
  valuesOf,
  walked,
} from "../support/walk.ts";
import type { Tenant } from "../support/walk.ts";

let h: Harness;
let victim: Tenant;
let thief: Tenant;
let thieves: Record<string, Record<string, string>>;
let before: unknown;

beforeAll(async () => {
  h = await createHarness();
  [victim, thief] = [await makeTenant(h), await makeTenant(h)];
  thieves = {
    "app admin of another app": bearer(thief.admin),
    "viewer of another app": bearer({ token: (await h.member(thief.app, "viewer")).token }),
    "member of nothing": bearer(await h.person("member")),
    "key of another app's admin": bearer(await h.key(thief.admin, [...SCOPES])),
    "owner's key, bound to another app": bearer(await h.key(h.owner, [...SCOPES], thief.app)),
  };
  before = await possessions(victim);
}, 30_000);
afterAll(() => h.close());

/** Everything that a tenant has, as the owner reads it. */
async function possessions(tenant: Tenant): Promise<unknown> {
  const read = async (path: string, as = h.owner) => (await h.call("GET", path, { as })).body;
  const lists = ["", "/domains", "/members", "/env", "/egress"].map((path) =>
    read(`/apps/${tenant.app}${path}`),
  );
  const routes = read(`/scripts/${tenant.script}/routes`);
  const own = ["/api-keys", "/auth/sessions"].map((path) => read(path, tenant.admin));
  const script = read(`/scripts/${tenant.script}`);
  return await Promise.all([...lists, routes, script, ...own]);
}

const withIds = endpoints.filter((endpoint) =>
  parametersOf(endpoint).some((name) => ID_PARAMETERS.has(name)),
);

const unknownFor = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      ID_PARAMETERS.has(name) ? newId() : value,
    ]),
  );

async function ask(
  endpoint: Endpoint,
  values: Record<string, string>,
  headers: Record<string, string>,
  app: string,
) {
  return await send(h, endpoint, pathOf(endpoint, values), {
    headers,
    body: bodyFor(endpoint, app),
  });
}

describe("an id of another tenant", () => {
  test.each(walked(withIds))("answers like an unknown one to %s", async (_, endpoint) => {
    const values = valuesOf(endpoint, victim);
    for (const [who, headers] of Object.entries(thieves)) {
      const real = await ask(endpoint, values, headers, victim.app);
      const unknown = await ask(endpoint, unknownFor(values), headers, newId());
      expect({ who, ...real }).toEqual({ who, ...unknown });
      expect([403, 404]).toContain(real.status);
    }
  });

  // Under the thief's own app stands an id of the victim's.
  const nested = endpoints.filter(
    (endpoint) =>
      endpoint.path.startsWith("/apps/:app/") &&
      parametersOf(endpoint).some((name) => name.endsWith("id")),
  );
  test.each(walked(nested))(
    "under one's own app answers like an unknown one to %s",
    async (_, endpoint) => {
      const values = { ...valuesOf(endpoint, victim), app: thief.app };
      const headers = bearer(thief.admin);
      const body = endpoint.method === "patch" ? '{"role":"viewer"}' : "{}";
      const unknown = { ...unknownFor(values), app: thief.app };
      const real = await send(h, endpoint, pathOf(endpoint, values), { headers, body });
      expect(real).toEqual(await send(h, endpoint, pathOf(endpoint, unknown), { headers, body }));
    },
  );

  test.each([
    ["POST", "/scripts", (app: string) => ({ app_id: app, name: "stolen", source: "1" })],
    [
      "POST",
      "/api-keys",
      (app: string) => ({ name: "stolen", scopes: ["app:admin"], app_id: app }),
    ],
    ["POST", "/routes:check", (app: string) => ({ app_id: app, method: "GET", path: "/x" })],
    [
      "POST",
      "/routes:match",
      (app: string) => ({ app_id: app, method: "GET", url: "http://localhost/x" }),
    ],
  ] as const)("in the body of %s %s answers like an unknown one", async (method, path, body) => {
    const by = async (app: string, as: { token: string }) => {
      const answer = await h.call(method, path, { as, body: body(app) });
      return { status: answer.status, body: { ...answer.body, request_id: "" } };
    };
    for (const name of ["app", "slug"] as const) {
      const real = await by(victim[name], thief.admin);
      expect(real).toEqual(await by(name === "app" ? newId() : "no-such-app", thief.admin));
      expect(real.status).toBe(404);
    }
  });

  test("in the query of a list answers like an unknown one", async () => {
    const by = async (app: string) => {
      const answer = await h.call("GET", `/scripts?app=${app}`, { as: thief.admin });
      return { status: answer.status, body: { ...answer.body, request_id: "" } };
    };
    expect(await by(victim.app)).toEqual(await by(newId()));
    expect(await by(victim.slug)).toEqual(await by("no-such-app"));
  });

  test("is in no list that the thief may read", async () => {
    const lists = ["/apps", "/scripts", "/api-keys", "/auth/sessions"];
    for (const path of lists) {
      const { body } = await h.call("GET", `${path}?limit=200`, { as: thief.admin });
      const text = JSON.stringify(body);
      for (const id of [victim.app, victim.script, victim.key, victim.session])
        expect(text).not.toContain(id);
      expect(text).toContain(
        path === "/scripts" ? thief.script : path === "/apps" ? thief.app : '"items":[{',
      );
    }
  });

  test("behind a host answers like a host that nobody claims", async () => {
    const match = async (host: string) =>
      (
        await h.call("POST", "/routes:match", {
          as: thief.admin,
          body: { method: "GET", url: `http://${host}/x` },
        })
      ).body;
    expect(await match(victim.host)).toEqual(await match(`${newId()}.example.com`));
    expect(await match(thief.host)).toMatchObject({ matched: true });
  });

  test("is untouched by all of this", async () => {
    expect(await possessions(victim)).toEqual(before);
  });
});
