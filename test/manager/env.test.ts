import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createHarness } from "./support/harness.ts";
import type { Harness } from "./support/harness.ts";

let h: Harness;
let app: { id: string; slug: string };
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.close());
beforeEach(async () => {
  app = await h.app();
});

const put = (name: string, body: object, as: { token: string } = h.owner) =>
  h.call("PUT", `/apps/${app.slug}/env/${name}`, { as, body });
const list = async () => (await h.call("GET", `/apps/${app.slug}/env`, { as: h.owner })).body.items;

describe("a variable", () => {
  test("is read back; a secret is not, and lies encrypted in the database", async () => {
    expect((await put("PLAIN", { value: "plain-value" })).body).toMatchObject({
      name: "PLAIN",
      secret: false,
      value: "plain-value",
    });
    const { body } = await put("SECRET", { value: "hidden-value", secret: true });
    expect(body).toMatchObject({ name: "SECRET", secret: true });
    expect(body.value).toBeUndefined();
    expect(await list()).toMatchObject([
      { name: "PLAIN", value: "plain-value" },
      { name: "SECRET", secret: true },
    ]);
    expect(JSON.stringify(await list())).not.toContain("hidden-value");
    const rows = await h.database.sql`select encode(sealed, 'escape') as text from env_vars`;
    const everything = JSON.stringify([
      rows,
      await h.database.sql`select * from audit where app_id = ${app.id}`,
    ]);
    expect(everything).not.toContain("hidden-value");
    expect(everything).not.toContain("plain-value");
  });

  test("is in force when the answer comes, and makes new images", async () => {
    const script = await h.script(app.id);
    const before = await h.manager.publisher.scripts.resolve(script.id);
    await put("TOKEN", { value: "hidden-value", secret: true });
    const after = await h.manager.publisher.scripts.resolve(script.id);
    expect(after).toMatchObject({ env: { TOKEN: "hidden-value" }, secretValues: ["hidden-value"] });
    expect(after?.envRevision).toBeGreaterThan(before?.envRevision ?? Number.POSITIVE_INFINITY);
    await h.call("DELETE", `/apps/${app.slug}/env/TOKEN`, { as: h.owner });
    expect((await h.manager.publisher.scripts.resolve(script.id))?.env).toEqual({});
  });

  test("set by several at once keeps one data key and every value", async () => {
    const names = ["A", "B", "C", "D", "E"];
    const answers = await Promise.all(names.map((name) => put(name, { value: `value-${name}` })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await list()).map(({ value }: { value: string }) => value)).toEqual(
      names.map((name) => `value-${name}`),
    );
  });

  test.each(["1A", "A-B", "A%20B", "a".repeat(129)])("has no name %p", async (name) => {
    expect((await put(name, { value: "x" })).status).toBe(422);
  });

  test("that is secret is for app_admin; the rest is for editors; a viewer sees none", async () => {
    const [viewer, editor, admin] = [
      await h.member(app.id, "viewer"),
      await h.member(app.id, "editor"),
      await h.member(app.id, "app_admin"),
    ];
    expect((await put("A", { value: "1" }, editor)).status).toBe(200);
    expect((await put("B", { value: "1", secret: true }, editor)).status).toBe(403);
    expect((await put("B", { value: "1", secret: true }, admin)).status).toBe(200);
    expect((await put("B", { value: "1" }, editor)).status).toBe(403);
    expect((await h.call("DELETE", `/apps/${app.slug}/env/B`, { as: editor })).status).toBe(403);
    expect((await h.call("DELETE", `/apps/${app.slug}/env/A`, { as: editor })).status).toBe(204);
    expect((await h.call("DELETE", `/apps/${app.slug}/env/A`, { as: editor })).status).toBe(404);
    expect((await h.call("GET", `/apps/${app.slug}/env`, { as: viewer })).status).toBe(403);
  });
});

describe("the egress policy", () => {
  const set = (body: object, as: { token: string } = h.owner) =>
    h.call("PUT", `/apps/${app.slug}/egress`, { as, body });

  test("is empty at first, and answers as it was set", async () => {
    expect((await h.call("GET", `/apps/${app.slug}/egress`, { as: h.owner })).body).toEqual({
      allow: [],
      deny: [],
    });
    const policy = {
      allow: ["10.0.0.0/8", "2001:db8::/32", "api.example.com"],
      deny: ["*.evil.example", "192.0.2.1"],
    };
    expect((await set(policy)).body).toEqual(policy);
    expect((await h.call("GET", `/apps/${app.slug}/egress`, { as: h.owner })).body).toEqual(policy);
  });

  test.each(["10.0.0.0/33", "10.0.0.0/8/8", "a b", "http://a.example", "a.example/8", "[::1]:80"])(
    "refuses %p",
    async (pattern) => {
      expect((await set({ allow: [pattern], deny: [] })).body).toMatchObject({
        status: 422,
        code: "invalid",
        field: "allow.0",
      });
    },
  );

  test("is for app_admin", async () => {
    expect((await set({ allow: [], deny: [] }, await h.member(app.id, "editor"))).status).toBe(403);
  });
});

describe("the audit log", () => {
  test("tells who did what from where, and is for owners and admins", async () => {
    const editor = await h.member(app.id, "editor");
    await put("A", { value: "1" }, editor);
    const { body } = await h.call("GET", `/audit?app=${app.slug}`, { as: await h.person("admin") });
    expect(body.items).toMatchObject([
      {
        actor: { kind: "user", id: editor.id, name: editor.username },
        action: "env.set",
        target: "A",
        app_id: app.id,
        address: "203.0.113.9",
      },
      { action: "app.create" },
    ]);
    expect((await h.call("GET", "/audit", { as: editor })).body.code).toBe("forbidden");
    const byName = await h.call("GET", `/audit?actor=${editor.username}`, { as: h.owner });
    expect(byName.body.items.map(({ action }: { action: string }) => action)).toEqual([
      "env.set",
      "session.login",
    ]);
    const key = await h.key(h.owner, ["app:admin"]);
    await put("B", { value: "1" }, key);
    const byKey = await h.call("GET", `/audit?actor=${key.id}`, { as: h.owner });
    expect(byKey.body.items).toMatchObject([
      { actor: { kind: "api_key", id: key.id }, action: "env.set" },
    ]);
    expect(
      (await h.call("GET", "/audit?since=2999-01-01T00:00:00Z", { as: h.owner })).body.items,
    ).toEqual([]);
  });
});
