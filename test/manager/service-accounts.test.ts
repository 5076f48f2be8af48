import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "../../src/shared/ids.ts";
import { createHarness, PASSWORD } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
let admin: Person;
beforeAll(async () => {
  h = await createHarness();
  admin = await h.person("admin");
});
afterAll(() => h.close());

const account = async (role = "member", as: Person = admin) => {
  const username = `bot-${newId().slice(-12)}`;
  return await h.call("POST", "/service-accounts", { as, body: { username, instance_role: role } });
};
const keyOf = async (
  id: string,
  body: object = { name: "ci", scopes: ["script:read"] },
  as: Person = admin,
) => await h.call("POST", `/service-accounts/${id}/keys`, { as, body });

describe("a service account", () => {
  test("is made and changed by an admin, and is no user to log in as or to manage as one", async () => {
    const { status, body } = await account();
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      username: expect.stringMatching(/^bot-/),
      instance_role: "member",
      is_active: true,
      created_at: expect.any(String),
    });
    for (const password of ["", PASSWORD, "null"]) {
      const login = await h.call("POST", "/auth/login", {
        body: { username: body.username, password },
      });
      expect(login.body.code).toBe("unauthenticated");
    }
    expect((await h.call("GET", `/users/${body.id}`, { as: admin })).status).toBe(404);
    const withPassword = { as: h.owner, body: { password: PASSWORD } };
    expect((await h.call("PATCH", `/users/${body.id}`, withPassword)).status).toBe(404);
    expect((await h.call("PATCH", `/service-accounts/${body.id}`, withPassword)).body.code).toBe(
      "unknown_field",
    );
    expect((await h.call("GET", `/service-accounts/${admin.id}`, { as: admin })).status).toBe(404);
    expect((await h.call("DELETE", `/service-accounts/${admin.id}`, { as: h.owner })).status).toBe(
      404,
    );
    const users = JSON.stringify((await h.call("GET", "/users", { as: admin })).body);
    expect(users).not.toContain(body.id);
    const { items } = (await h.call("GET", "/service-accounts", { as: admin })).body;
    expect(items).toContainEqual(body);
  });

  test("has keys that outlive the one who made them", async () => {
    const maker = await h.person("admin");
    const { body: made } = await account("member", maker);
    const { status, body } = await keyOf(made.id, undefined, maker);
    expect(status).toBe(201);
    await h.call("DELETE", `/users/${maker.id}`, { as: h.owner });
    const me = await h.call("GET", "/auth/me", { as: body.raw_token });
    expect(me.body).toMatchObject({ id: made.id, username: made.username });
    const { items } = (await h.call("GET", `/service-accounts/${made.id}/keys`, { as: admin }))
      .body;
    expect(items.map(({ id }: { id: string }) => id)).toEqual([body.id]);
    expect(JSON.stringify(items)).not.toContain(body.raw_token);
  });

  test("may do in an app what its membership says", async () => {
    const app = await h.app();
    const { body: made } = await account();
    const { body: key } = await keyOf(made.id, { name: "ci", scopes: ["app:admin"] });
    const save = async () =>
      (
        await h.call("POST", "/scripts", {
          as: key.raw_token,
          body: { app_id: app.id, name: `n-${newId().slice(-8)}`, source: "1" },
        })
      ).status;
    expect(await save()).toBe(404);
    const member = { as: h.owner, body: { user_id: made.id, role: "viewer" } };
    expect((await h.call("POST", `/apps/${app.id}/members`, member)).status).toBe(201);
    expect(await save()).toBe(403);
    await h.call("PATCH", `/apps/${app.id}/members/${made.id}`, {
      as: h.owner,
      body: { role: "editor" },
    });
    expect(await save()).toBe(201);
  });

  test("that is deactivated has no key any more, and a key that is revoked is dead at once", async () => {
    const { body: made } = await account();
    const [first, second] = [(await keyOf(made.id)).body, (await keyOf(made.id)).body];
    const works = async (token: string) =>
      (await h.call("GET", "/auth/me", { as: token })).status === 200;
    expect([await works(first.raw_token), await works(second.raw_token)]).toEqual([true, true]);
    const revoked = await h.call("DELETE", `/service-accounts/${made.id}/keys/${first.id}`, {
      as: admin,
    });
    expect(revoked.status).toBe(204);
    expect([await works(first.raw_token), await works(second.raw_token)]).toEqual([false, true]);
    const set = (is_active: boolean) =>
      h.call("PATCH", `/service-accounts/${made.id}`, { as: admin, body: { is_active } });
    await set(false);
    expect(await works(second.raw_token)).toBe(false);
    expect((await keyOf(made.id)).status).toBe(404);
    await set(true);
    expect(await works(second.raw_token)).toBe(false);
  });

  test("lifts nobody: an admin makes none above themself, and no key of one", async () => {
    expect((await account("owner")).body.code).toBe("cannot_escalate");
    const { body: own } = await account("owner", h.owner);
    for (const [method, path, body] of [
      ["POST", "/keys", { name: "x", scopes: ["instance:admin"] }],
      ["DELETE", `/keys/${newId()}`, undefined],
      ["PATCH", "", { is_active: false }],
      ["PATCH", "", { instance_role: "member" }],
      ["DELETE", "", undefined],
    ] as const) {
      const answer = await h.call(method, `/service-accounts/${own.id}${path}`, {
        as: admin,
        body,
      });
      expect({ method, path, code: answer.body?.code }).toEqual({
        method,
        path,
        code: "cannot_escalate",
      });
    }
    const { body: low } = await account();
    const raise = { as: admin, body: { instance_role: "owner" } };
    expect((await h.call("PATCH", `/service-accounts/${low.id}`, raise)).body.code).toBe(
      "cannot_escalate",
    );
  });

  test("has keys that only a session manages: a key that was stolen makes no further ones", async () => {
    const { body: made } = await account();
    const thief = await h.key(h.owner, ["instance:admin", "app:admin"]);
    for (const [method, path] of [
      ["GET", "/keys"],
      ["POST", "/keys"],
      ["DELETE", `/keys/${newId()}`],
    ] as const) {
      const answer = await h.call(method, `/service-accounts/${made.id}${path}`, {
        as: thief,
        body: {},
      });
      expect(answer.body.code).toBe("session_required");
    }
  });

  test("does not count as the owner who must remain", async () => {
    await account("owner", h.owner);
    const demote = { as: h.owner, body: { instance_role: "member" } };
    expect((await h.call("PATCH", `/users/${h.owner.id}`, demote)).body.code).toBe("last_owner");
  });

  test("has a name that no user has", async () => {
    const body = { username: admin.username.toUpperCase() };
    expect((await h.call("POST", "/service-accounts", { as: admin, body })).body.code).toBe(
      "username_taken",
    );
  });
});
