import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { APP_ROLE_NEEDED, APP_ROLES, SCOPES } from "../../../src/manager/authz/capabilities.ts";
import type { AppCapability, Capability } from "../../../src/manager/authz/capabilities.ts";
import { INSTANCE_ROLES, SCOPE_NEEDED } from "../../../src/manager/authz/capabilities.ts";
import { decide } from "../../../src/manager/authz/decide.ts";
import { endpoints } from "../../../src/manager/http/endpoints.ts";
import type { Endpoint } from "../../../src/manager/http/endpoint.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness, Person } from "../support/harness.ts";
import {
  bearer,
  bodyFor,
  closed,
  makeTenant,
  nameOf,
  pathOf,
  send,
  valuesOf,
  walked,
} from "../support/walk.ts";
import type { Tenant } from "../support/walk.ts";

let h: Harness;
let tenant: Tenant;
let other: Tenant;
beforeAll(async () => {
  h = await createHarness();
  [tenant, other] = [await makeTenant(h), await makeTenant(h)];
}, 30_000);
afterAll(() => h.close());

/** The guard only asks for AppRead, since everybody may leave; removing others is asked for in the handler. */
const ASKS_FURTHER = new Set(["DELETE /apps/{app}/members/{user_id}"]);
/** Answers whatever the scopes are: who one is, and whether a name is free. */
const FOR_ANY_KEY = new Set(["GET /auth/me", "POST /apps/slug:check"]);
const byCapability = endpoints.filter(({ access }) => access.by !== "none");
const ofInstance = closed.filter(({ access }) => access.needs.startsWith("Instance"));
const ofApp = byCapability.filter((endpoint) => !ASKS_FURTHER.has(nameOf(endpoint)));

async function ask(endpoint: Endpoint, at: Tenant, headers: Record<string, string>) {
  const path = pathOf(endpoint, valuesOf(endpoint, at));
  return await send(h, endpoint, path, { headers, body: bodyFor(endpoint, at.app) });
}

const codeOf = ({ body }: { body: unknown }): unknown =>
  typeof body === "object" && body !== null && "code" in body ? body.code : undefined;

describe("the OpenAPI document and the server", () => {
  test("hold the same operations, each with the right that it asks for", async () => {
    const { paths } = await (
      await h.fetch(new Request("http://localhost/api/v1/openapi.json"))
    ).json();
    const documented = Object.entries<Record<string, Record<string, unknown>>>(paths)
      .filter(([path]) => path.startsWith("/api/v1/admin/"))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          name: `${method.toUpperCase()} ${path.slice("/api/v1/admin".length)}`,
          needs: operation["x-picloud-needs"],
          by: operation["x-picloud-by"],
        })),
      );
    const served = endpoints.map((endpoint) => ({
      name: nameOf(endpoint),
      needs: endpoint.access.needs,
      by: endpoint.access.by,
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(documented.toSorted(byName)).toEqual(served.toSorted(byName) as never);
  });

  test("answer on no path that is not an endpoint", () => {
    const own = new Set(
      endpoints.map(({ method, path }) => `${method.toUpperCase()} /api/v1/admin${path}`),
    );
    const further = h.manager
      .controlPlane()
      .routes.filter(({ method, path }) => method !== "ALL" && !own.has(`${method} ${path}`));
    expect(further.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /api/v1/openapi.json",
      "GET /api/v1/problems/:code",
    ]);
  });

  test("leave only the login open", () => {
    const open = endpoints.filter(({ access }) => access.needs === "open");
    expect(open.map(nameOf)).toEqual(["POST /auth/login"]);
  });
});

describe("nobody", () => {
  test.each(walked(closed))("gets 401 for %s", async (_, endpoint) => {
    for (const headers of [
      {},
      { authorization: "Bearer something" },
      { authorization: `Bearer pcs_${"x".repeat(43)}` },
      { authorization: `Bearer pic_${"a".repeat(52)}` },
      { authorization: `Basic ${btoa(`owner:${h.owner.token}`)}` },
    ] as Record<string, string>[]) {
      const answer = await ask(endpoint, tenant, headers);
      expect({ status: answer.status, code: codeOf(answer) }).toEqual({
        status: 401,
        code: "unauthenticated",
      });
    }
  });
});

describe("a cookie", () => {
  const writes = closed.filter(({ method }) => method !== "get");
  test.each(walked(writes))("without an own Origin is 403 for %s", async (_, endpoint) => {
    const cookie = `picloud_session=${h.owner.token}`;
    for (const origin of [
      undefined,
      "null",
      "https://evil.example",
      "http://localhost.evil.example",
      "http://localhost:81",
    ]) {
      const headers = { cookie, ...(origin === undefined ? {} : { origin }) };
      const answer = await ask(endpoint, tenant, headers);
      expect({ origin, status: answer.status, code: codeOf(answer) }).toEqual({
        origin,
        status: 403,
        code: "origin_mismatch",
      });
    }
  });
});

describe("a role of the instance", () => {
  test.each(walked(ofInstance))(
    "may %s as the matrix says",
    async (_, endpoint) => {
      for (const role of INSTANCE_ROLES) {
        const person = await h.person(role);
        const fresh = endpoint.method === "delete" ? await makeTenant(h) : tenant;
        const { status } = await ask(endpoint, fresh, bearer(person));
        const { allow } = decide(
          principalOf(person, role),
          null,
          endpoint.access.needs as Capability,
        );
        expect({ role, refused: status === 403 }).toEqual({ role, refused: !allow });
      }
    },
    30_000,
  );
});

const principalOf = (person: Person, instanceRole: (typeof INSTANCE_ROLES)[number]) =>
  ({
    kind: "user",
    userId: person.id,
    username: person.username,
    instanceRole,
    sessionId: "",
    lacksSecondFactor: false,
  }) as const;

describe("a member of an app", () => {
  test.each(walked(ofApp))(
    "may %s from the role on that the table says",
    async (_, endpoint) => {
      const needed = APP_ROLE_NEEDED[endpoint.access.needs as AppCapability];
      for (const role of APP_ROLES) {
        const allowed = APP_ROLES.indexOf(role) >= APP_ROLES.indexOf(needed);
        const fresh = allowed && endpoint.method === "delete" ? await makeTenant(h) : tenant;
        const { status } = await ask(endpoint, fresh, bearer(await h.member(fresh.app, role)));
        if (allowed) expect([401, 403]).not.toContain(status);
        else expect(status).toBe(403);
      }
    },
    30_000,
  );
});

describe("an API key of an owner", () => {
  const needing = closed.filter(
    ({ access }) => access.needs !== "session" && access.needs !== "caller",
  );
  const alone = needing.filter(
    (endpoint) => !endpoint.problems.includes("session_required") || endpoint.method === "patch",
  );

  test.each(walked(needing))(
    "with every scope but the one it takes is 403 for %s",
    async (_, endpoint) => {
      const needed = SCOPE_NEEDED[endpoint.access.needs as Capability];
      const held = SCOPES.filter(
        (scope) => scope !== needed && (needed === "instance:admin" || scope !== "app:admin"),
      );
      const answer = await ask(endpoint, tenant, bearer(await h.key(h.owner, held)));
      expect({
        status: answer.status,
        isKnown: codeOf(answer) === "forbidden" || codeOf(answer) === "session_required",
      }).toEqual({
        status: 403,
        isKnown: true,
      });
    },
  );

  test.each(walked(alone))(
    "with that scope alone is let in for %s",
    async (name, endpoint) => {
      const needed = SCOPE_NEEDED[endpoint.access.needs as Capability];
      const fresh = endpoint.method === "delete" ? await makeTenant(h) : tenant;
      const { status } = await ask(endpoint, fresh, bearer(await h.key(h.owner, [needed])));
      if (ASKS_FURTHER.has(name)) expect(status).toBe(403);
      else expect([401, 403]).not.toContain(status);
    },
    30_000,
  );

  test.each(walked(closed.filter(({ access }) => access.needs === "session")))(
    "with all scopes is 403 session_required for %s",
    async (_, endpoint) => {
      const answer = await ask(endpoint, tenant, bearer(await h.key(h.owner, [...SCOPES])));
      expect({ status: answer.status, code: codeOf(answer) }).toEqual({
        status: 403,
        code: "session_required",
      });
    },
  );

  test.each(walked(closed.filter(({ access }) => access.needs === "caller")))(
    "without a scope for reading is 403 for %s, but for what everybody may ask",
    async (name, endpoint) => {
      const { status } = await ask(endpoint, tenant, bearer(await h.key(h.owner, ["log:read"])));
      expect(status === 403).toBe(!FOR_ANY_KEY.has(name));
    },
  );

  test.each(walked(needing))("bound to another app has no way to %s", async (_, endpoint) => {
    const key = await h.key(h.owner, [...SCOPES], other.app);
    const answer = await ask(endpoint, tenant, bearer(key));
    expect(answer.status).toBe(endpoint.access.by === "none" ? 403 : 404);
  });
});
