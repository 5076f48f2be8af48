import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
let person: Person;
let app: { id: string; slug: string };
beforeAll(async () => {
  h = await createHarness();
  app = await h.app();
  person = await h.member(app.id, "app_admin");
});
afterAll(() => h.close());

const create = (as: Person, body: object) => h.call("POST", "/api-keys", { as, body });

describe("an API key", () => {
  test("is shown once, works, and is listed without anything that proves it", async () => {
    const { status, body } = await create(person, { name: "ci", scopes: ["script:read"] });
    expect(status).toBe(201);
    expect(body.raw_token).toMatch(/^pic_[a-z2-7]{52}$/);
    expect(body.raw_token.slice(4, 12)).toBe(body.prefix);
    expect((await h.call("GET", "/auth/me", { as: body.raw_token })).body.id).toBe(person.id);
    const { body: list } = await h.call("GET", "/api-keys", { as: person });
    const listed = list.items.find(({ id }: { id: string }) => id === body.id);
    expect(Object.keys(listed).toSorted()).toEqual([
      "app_id",
      "created_at",
      "expires_at",
      "id",
      "last_used_at",
      "name",
      "prefix",
      "scopes",
    ]);
    expect(JSON.stringify(list)).not.toContain(body.raw_token);
  });

  test("is dead with the answer to its revocation", async () => {
    const { body: key } = await create(person, { name: "ci", scopes: ["script:read"] });
    const me = () => h.call("GET", "/auth/me", { as: key.raw_token });
    expect((await me()).status).toBe(200);
    expect((await h.call("DELETE", `/api-keys/${key.id}`, { as: person })).status).toBe(204);
    expect((await me()).status).toBe(401);
    expect((await h.call("DELETE", `/api-keys/${key.id}`, { as: person })).status).toBe(404);
  });

  test("of another user is neither seen nor revoked", async () => {
    const { body: key } = await create(person, { name: "ci", scopes: ["script:read"] });
    expect((await h.call("DELETE", `/api-keys/${key.id}`, { as: h.owner })).status).toBe(404);
    const { body: list } = await h.call("GET", "/api-keys", { as: h.owner });
    expect(list.items).toEqual([]);
    expect((await h.call("GET", "/auth/me", { as: key.raw_token })).status).toBe(200);
  });

  test("manages no passwords, sessions and keys", async () => {
    const { body: key } = await create(person, {
      name: "all",
      scopes: ["app:admin", "script:read"],
    });
    const calls: [string, string, object?][] = [
      ["GET", "/api-keys"],
      ["POST", "/api-keys", { name: "x", scopes: ["script:read"] }],
      ["DELETE", `/api-keys/${key.id}`],
      ["GET", "/auth/sessions"],
      ["POST", "/auth/logout"],
      ["POST", "/auth/password", { current_password: "a", new_password: "b".repeat(12) }],
    ];
    for (const [method, path, body] of calls) {
      const answer = await h.call(method, path, { as: key.raw_token, body });
      expect(answer.body).toMatchObject({ status: 403, code: "session_required" });
    }
  });

  test("does what its scopes say and nothing else", async () => {
    const { body: key } = await create(person, { name: "r", scopes: ["script:read"] });
    const as = key.raw_token;
    expect((await h.call("GET", `/scripts?app=${app.slug}`, { as })).status).toBe(200);
    const made = await h.call("POST", "/scripts", {
      as,
      body: { app_id: app.id, name: "s", source: "export default 1" },
    });
    expect(made.status).toBe(403);
    expect((await h.call("GET", `/apps/${app.slug}/logs`, { as })).status).toBe(403);
  });

  test("bound to an app does not know of others", async () => {
    const other = await h.app();
    const { body: key } = await create(h.owner, {
      name: "b",
      scopes: ["app:admin"],
      app_id: app.slug,
    });
    expect(key.app_id).toBe(app.id);
    expect((await h.call("GET", `/apps/${app.slug}`, { as: key.raw_token })).status).toBe(200);
    expect((await h.call("GET", `/apps/${other.slug}`, { as: key.raw_token })).status).toBe(404);
    expect((await h.call("GET", "/users", { as: key.raw_token })).status).toBe(403);
  });

  test("has an end", async () => {
    const expires_at = new Date(h.clock.now() + 60_000).toISOString();
    const { body: key } = await create(person, { name: "e", scopes: ["script:read"], expires_at });
    expect((await h.call("GET", "/auth/me", { as: key.raw_token })).status).toBe(200);
    h.clock.advance(61_000);
    expect((await h.call("GET", "/auth/me", { as: key.raw_token })).status).toBe(401);
  });

  test.each([
    [{ name: "", scopes: ["script:read"] }, "name"],
    [{ name: "x", scopes: [] }, "scopes"],
    [{ name: "x", scopes: ["everything"] }, "scopes"],
    [{ name: "x", scopes: ["script:read"], expires_at: "2001-01-01T00:00:00Z" }, "expires_at"],
    [{ name: "x", scopes: ["script:read"], expires_at: "soon" }, "expires_at"],
  ])("is refused with %j", async (body, field) => {
    const answer = await create(person, body);
    expect(answer.status).toBe(422);
    expect(String(answer.body.field)).toStartWith(field);
  });

  test("that is bound has no scope over the instance", async () => {
    const answer = await create(h.owner, { name: "x", scopes: ["instance:admin"], app_id: app.id });
    expect(answer.body).toMatchObject({ status: 422, field: "scopes" });
  });

  test("is not bound to what its maker may not know", async () => {
    const secret = await h.app();
    const hidden = await create(person, { name: "x", scopes: ["script:read"], app_id: secret.id });
    const unknown = await create(person, {
      name: "x",
      scopes: ["script:read"],
      app_id: crypto.randomUUID(),
    });
    expect(hidden.status).toBe(404);
    expect({ ...hidden.body, request_id: "" }).toEqual({ ...unknown.body, request_id: "" });
  });
});
