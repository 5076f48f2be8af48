/** What a caller with some right, or none, sends in the hope of more. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newSessionToken } from "../../src/manager/authz/tokens.ts";
import { newId } from "../../src/shared/ids.ts";
import { createHarness, PASSWORD } from "./support/harness.ts";
import type { Harness, Person } from "./support/harness.ts";

let h: Harness;
let admin: Person;
let member: Person;
beforeAll(async () => {
  h = await createHarness();
  [admin, member] = [await h.person("admin"), await h.person("member")];
});
afterAll(() => h.close());

describe("session fixation", () => {
  const login = async (headers: Record<string, string>) =>
    await h.call("POST", "/auth/login", {
      body: { username: member.username, password: PASSWORD },
      headers,
    });

  test("does not work: a login makes a token of its own, whatever the caller brought along", async () => {
    const planted = newSessionToken();
    const attackers = (await login({})).body.token;
    for (const token of [planted, attackers]) {
      for (const headers of [
        { cookie: `picloud_session=${token}` },
        { authorization: `Bearer ${token}` },
      ] as Record<string, string>[]) {
        const { body, headers: answered } = await login(headers);
        expect(body.token).not.toBe(token);
        expect(answered.get("set-cookie")).toStartWith(`picloud_session=${body.token};`);
      }
    }
    expect((await h.call("GET", "/auth/me", { as: planted })).status).toBe(401);
  });

  test("does not work by a second cookie: two of the name prove nobody", async () => {
    const other = (await login({})).body.token;
    const ask = async (cookie: string) =>
      (await h.call("GET", "/auth/me", { headers: { cookie } })).status;
    expect(await ask(`picloud_session=${member.token}`)).toBe(200);
    expect(await ask(`a=b; picloud_session=${member.token}; picloud_session=${member.token}`)).toBe(
      200,
    );
    expect(await ask(`picloud_session=${other}; picloud_session=${member.token}`)).toBe(401);
    expect(await ask(`picloud_session=x; picloud_session=${member.token}`)).toBe(401);
    expect(await ask(`picloud_session =${member.token};picloud_session=`)).toBe(401);
  });

  test("ends nobody else's: a session cannot be ended by its token or another's id", async () => {
    const victim = await h.person("member");
    const { body } = await h.call("GET", "/auth/sessions", { as: victim });
    for (const id of [body.items[0].id, victim.token, "..", "%2e%2e"])
      expect((await h.call("DELETE", `/auth/sessions/${id}`, { as: member })).status).toBe(404);
    expect((await h.call("GET", "/auth/me", { as: victim })).status).toBe(200);
  });
});

describe("mass assignment", () => {
  test.each([
    ["POST", "/users", { username: "mass-1", password: PASSWORD, kind: "service" }],
    ["POST", "/users", { username: "mass-2", password: PASSWORD, id: newId() }],
    ["POST", "/users", { username: "mass-3", password: PASSWORD, password_hash: "x" }],
    ["POST", "/users", { username: "mass-4", password: PASSWORD, instanceRole: "owner" }],
    ["POST", "/users", { username: "mass-5", password: PASSWORD, is_active: false }],
    [
      "POST",
      "/users",
      { username: "mass-6", password: PASSWORD, created_at: "2001-01-01T00:00:00Z" },
    ],
    ["POST", "/service-accounts", { username: "mass-7", password: PASSWORD }],
    ["POST", "/service-accounts", { username: "mass-8", kind: "person" }],
    ["POST", "/api-keys", { name: "k", scopes: ["log:read"], user_id: newId() }],
    ["POST", "/api-keys", { name: "k", scopes: ["log:read"], token_hash: "x", prefix: "aaaaaaaa" }],
    ["POST", "/apps", { slug: "mass", name: "m", owner_id: newId() }],
    ["POST", "/auth/login", { username: "x", password: "y", instance_role: "owner" }],
    [
      "POST",
      "/auth/password",
      { current_password: PASSWORD, new_password: PASSWORD, user_id: newId() },
    ],
    ["PATCH", "/settings", { instance_data_key: { master_key_id: "x", wrapped: "y" } }],
    ["PATCH", "/settings", { defaults_seeded: false }],
  ])(
    "by a field that is not known is 422 and does nothing: %s %s %j",
    async (method, path, body) => {
      const before = await h.database.sql`select count(*)::int as n from users`;
      const answer = await h.call(method, path, { as: h.owner, body });
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 422,
        code: "unknown_field",
      });
      expect(await h.database.sql`select count(*)::int as n from users`).toEqual(before);
    },
  );

  test("of a right that one does not have is refused, for oneself, too", async () => {
    const patch = async (as: Person, id: string, body: object) =>
      (await h.call("PATCH", `/users/${id}`, { as, body })).body.code;
    expect(await patch(member, member.id, { instance_role: "owner" })).toBe("forbidden");
    expect(await patch(admin, admin.id, { instance_role: "owner" })).toBe("cannot_escalate");
    expect(await patch(admin, h.owner.id, { password: "a password of mine" })).toBe(
      "cannot_escalate",
    );
    expect(await patch(admin, h.owner.id, { totp_enabled: false })).toBe("cannot_escalate");
    expect(await patch(admin, h.owner.id, { is_active: false })).toBe("cannot_escalate");
    const app = await h.app();
    const editor = await h.member(app.id, "editor");
    for (const [method, path, body] of [
      ["PATCH", `/apps/${app.id}/members/${editor.id}`, { role: "app_admin" }],
      ["POST", `/apps/${app.id}/members`, { user_id: editor.id, role: "app_admin" }],
      ["PATCH", `/apps/${app.id}`, { name: "mine" }],
    ] as const)
      expect((await h.call(method, path, { as: editor, body })).body.code).toBe("forbidden");
    const { body: key } = await h.call("POST", "/api-keys", {
      as: editor,
      body: { name: "k", scopes: ["app:admin", "instance:admin"] },
    });
    expect((await h.call("GET", "/users", { as: key.raw_token })).status).toBe(403);
    expect(
      (await h.call("PATCH", `/apps/${app.id}`, { as: key.raw_token, body: { name: "mine" } }))
        .status,
    ).toBe(403);
  });
});

describe("a path", () => {
  const get = async (path: string, headers: Record<string, string> = {}) =>
    await h.fetch(
      new Request(`http://localhost${path}`, {
        headers: { authorization: `Bearer ${member.token}`, ...headers },
      }),
    );

  test.each([
    "/api/v1/admin/../admin/users",
    "/api/v1/admin/%2e%2e/admin/users",
    "/api/v1/admin//users",
    "/api/v1/admin/users/",
    "/api/v1/admin/users%2f",
    "/api/v1/admin/users%00",
    "/api/v1/admin/users;x=1",
    "/api/v1/admin/Users",
    "/api/v1/admin/users%3fx",
    "/api/v1/admin/auth/login/../../users",
    "/api/v1/admin/auth/me%2f..%2f..%2fusers",
    "//localhost/api/v1/admin/users",
    "/api//v1/admin/users",
  ])("that is written otherwise opens nothing: %s", async (path) => {
    expect([403, 404]).toContain((await get(path)).status);
  });

  test.each([
    "..",
    "%2e%2e",
    "%00",
    "a%0d%0ax-injected:1",
    "%ff",
    "%",
    "'",
    "*",
    "%2fetc%2fpasswd",
    "\u{1f4a9}",
    "1'%20or%20'1'='1",
  ])("with %j for an id is 404 and reflected nowhere", async (id) => {
    for (const path of [`/users/${id}`, `/apps/${id}`, `/scripts/${id}`, `/apps/${id}/members`]) {
      const answer = await h.fetch(
        new Request(`http://localhost/api/v1/admin${path}`, {
          headers: { authorization: `Bearer ${h.owner.token}` },
        }),
      );
      // `..` ends at a list that the owner may read.
      expect([200, 404]).toContain(answer.status);
      expect(answer.headers.get("x-injected")).toBeNull();
      if (answer.status === 404)
        expect(await answer.text()).not.toContain(
          decodeURIComponent(id.replace(/%(?![0-9a-f]{2})|%ff/g, "")) || "\0",
        );
    }
  });
});

describe("a header", () => {
  test("of a user's making ends in no header of the answer", async () => {
    for (const value of ["a\r\nset-cookie: picloud_session=x", "x-injected: 1", "\u0001"]) {
      const answer = await h.call("POST", "/auth/login", {
        body: { username: value, password: value },
      });
      expect([...answer.headers.keys()]).not.toContain("x-injected");
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
  });

  test("that names another method, path or host is not listened to", async () => {
    for (const name of [
      "x-http-method-override",
      "x-http-method",
      "x-method-override",
      "x-original-url",
      "x-rewrite-url",
      "x-forwarded-host",
      "x-forwarded-prefix",
    ]) {
      const answer = await h.call("GET", "/users", {
        as: member,
        headers: { [name]: name.includes("url") ? "/api/v1/admin/auth/me" : "POST" },
      });
      expect(answer.body.code).toBe("forbidden");
    }
    const cookie = `picloud_session=${h.owner.token}`;
    const spoofed = {
      cookie,
      origin: "https://evil.example",
      "x-forwarded-host": "evil.example",
      forwarded: "host=evil.example",
    };
    expect(
      (await h.call("POST", "/apps", { headers: spoofed, body: { slug: "spoof", name: "s" } })).body
        .code,
    ).toBe("origin_mismatch");
  });

  test("Authorization of an odd form proves nobody", async () => {
    const { token } = h.owner;
    for (const authorization of [
      `Bearer ${token} x`,
      `Bearer ${token},`,
      `bearer\t${token}`,
      token,
      `Bearer  `,
      `Bearer ${token}\u00a0`,
      `Bearer Bearer ${token}`,
      `Bearer ${token.toUpperCase()}`,
      `Token ${token}`,
    ])
      expect((await h.call("GET", "/auth/me", { headers: { authorization } })).status).toBe(401);
    // A bad one is not helped by a good cookie: it is the one that counts.
    const both = { authorization: "Bearer x", cookie: `picloud_session=${token}` };
    expect((await h.call("GET", "/auth/me", { headers: both })).status).toBe(401);
  });
});

describe("JSON", () => {
  const post = async (text: string) => await h.call("POST", "/users", { as: h.owner, body: text });
  const user = () => `"username":"json-${newId().slice(-8)}","password":"${PASSWORD}"`;

  test.each([
    ["deep in arrays", () => "[".repeat(200_000)],
    ["deep in objects", () => '{"a":'.repeat(100_000)],
    ["deep and closed", () => `{${user()},"x":${"[".repeat(65)}${"]".repeat(65)}}`],
    ["with a key twice", () => `{${user()},"instance_role":"member","instance_role":"owner"}`],
    [
      "with a key twice, once escaped",
      () => `{${user()},"instance_role":"member","instance\\u005frole":"owner"}`,
    ],
  ])("that is a bomb is 400: %s", async (_, text) => {
    expect((await post(text())).body).toMatchObject({ status: 400, code: "invalid_json" });
    expect(({} as Record<string, unknown>)["instance_role"]).toBeUndefined();
  });

  test.each([
    ["with __proto__", () => `{${user()},"__proto__":{"instance_role":"owner"}}`],
    ["with __proto__ escaped", () => `{${user()},"\\u005f_proto__":{"instance_role":"owner"}}`],
    ["with __proto__ further down", () => `{${user()},"x":[{"__proto__":{}}]}`],
  ])("%s is 422, and changes nothing", async (_, text) => {
    expect((await post(text())).body).toMatchObject({
      status: 422,
      code: "unknown_field",
      field: "__proto__",
    });
    expect(({} as Record<string, unknown>)["instance_role"]).toBeUndefined();
  });

  test("with constructor and prototype is as unknown as any other field, and changes nothing", async () => {
    for (const name of ["constructor", "prototype", "toString", "hasOwnProperty"])
      expect(
        (await post(`{${user()},"${name}":{"prototype":{"polluted":true}}}`)).body,
      ).toMatchObject({ code: "unknown_field", field: name });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("of many keys, long keys and long numbers is answered at once", async () => {
    const many = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":1`).join(",")}}`;
    const from = performance.now();
    expect((await post(many)).status).toBe(422);
    expect((await post(`{"${"k".repeat(1_000_000)}":1}`)).body.field.length).toBeLessThanOrEqual(
      128,
    );
    expect((await post(`{"is_active":${"9".repeat(1_000_000)}}`)).status).toBe(422);
    expect((await post(`"${"\\\\".repeat(1_000_000)}"`)).status).toBe(422);
    // Quadratic reading would take minutes here.
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});
