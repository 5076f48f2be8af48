/** Session, users, API keys and capabilities, row by row. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, Lab, PASSWORD, RFC_3339 } from "../support/contract-lab.ts";
import { OWNER } from "../support/instance.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const NOBODY = "01890000-0000-7000-8000-000000000000";
const login = (body: object, headers: Record<string, string> = {}) =>
  lab.raw("POST", "/api/v1/admin/auth/login", {
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

describe("session", () => {
  test("a login gives token, expires_at, user and a strict cookie", async () => {
    const reply = await login(OWNER);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      token: expect.stringMatching(/^pcs_/u),
      expires_at: expect.stringMatching(RFC_3339),
      user: { username: "owner", instance_role: "owner" },
    });
    const cookie = reply.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly/iu);
    expect(cookie).toMatch(/SameSite=Strict/iu);
    expect(cookie).toMatch(/Path=\/api\/v1(;|$)/iu);
    expect(cookie).not.toMatch(/Domain=/iu);
  });

  test("every kind of wrong is the same 401", async () => {
    const person = await lab.person();
    const inactive = await lab.person();
    await lab.api("PATCH", `/users/${inactive.id}`, { is_active: false });
    const answers = await Promise.all(
      [
        { username: person.username, password: "wrong password 1" },
        { username: "nobody-at-all", password: "wrong password 1" },
        { username: inactive.username, password: PASSWORD },
        { username: person.username, password: "" },
        { username: "", password: "x" },
        { username: "a b\u0000c", password: "x" },
        { username: "x".repeat(500), password: "x".repeat(5000) },
      ].map((body) => login(body)),
    );
    const shapes = answers.map(({ status, body }) => ({ status, ...body, request_id: "" }));
    for (const shape of shapes) expect(shape).toEqual(shapes[0] ?? {});
    expect(shapes[0]?.status).toBe(401);
  });

  test("repeated failures are 429 with Retry-After in seconds", async () => {
    const person = await lab.person();
    let last = await login({ username: person.username, password: "wrong 0" });
    for (let i = 1; i < 30 && last.status === 401; i++)
      last = await login({ username: person.username, password: `wrong ${i}` });
    expectProblem(last, 429, /./u);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("the username is looked up ignoring case", async () => {
    const person = await lab.person();
    expect(
      (await login({ username: person.username.toUpperCase(), password: PASSWORD })).status,
    ).toBe(200);
  });

  test("me has exactly id, username, instance_role and email", async () => {
    const me = await lab.api("GET", "/auth/me");
    expect(me.body).toMatchObject({ username: "owner", instance_role: "owner", email: null });
    expect(me.body.id).toBeString();
  });

  test("a logout ends the token at once", async () => {
    const person = await lab.person();
    expect((await lab.call(person.token, "GET", "/auth/me")).status).toBe(200);
    const out = await lab.call(person.token, "POST", "/auth/logout");
    expect({ status: out.status, text: out.text }).toEqual({ status: 204, text: "" });
    expect((await lab.call(person.token, "GET", "/auth/me")).status).toBe(401);
  });

  test("a change of password ends the other sessions, not this one", async () => {
    const person = await lab.person();
    const other = await login({ username: person.username, password: PASSWORD });
    const wrong = await lab.call(person.token, "POST", "/auth/password", {
      current_password: "wrong",
      new_password: "another long phrase 2",
    });
    expect(wrong.status).toBeOneOf([401, 403, 422]);
    const reply = await lab.call(person.token, "POST", "/auth/password", {
      current_password: PASSWORD,
      new_password: "another long phrase 2",
    });
    expect(reply.status).toBe(204);
    expect((await lab.call(person.token, "GET", "/auth/me")).status).toBe(200);
    expect((await lab.call(other.body.token, "GET", "/auth/me")).status).toBe(401);
    expect((await login({ username: person.username, password: PASSWORD })).status).toBe(401);
    expect(
      (await login({ username: person.username, password: "another long phrase 2" })).status,
    ).toBe(200);
  });

  test("sessions list one's own and can be ended one by one", async () => {
    const person = await lab.person();
    const other = await login({ username: person.username, password: PASSWORD });
    const list = await lab.call(person.token, "GET", "/auth/sessions");
    expect(list.body.items).toHaveLength(2);
    expect(list.text).not.toContain("pcs_");
    const stranger = await lab.person();
    for (const { id } of list.body.items)
      expect((await lab.call(stranger.token, "DELETE", `/auth/sessions/${id}`)).status).toBe(404);
    const newest = list.body.items[0];
    expect((await lab.call(person.token, "DELETE", `/auth/sessions/${newest.id}`)).status).toBe(
      204,
    );
    expect((await lab.call(other.body.token, "GET", "/auth/me")).status).toBe(401);
    expect((await lab.call(person.token, "GET", "/auth/me")).status).toBe(200);
  });

  test("a cookie-borne write needs an Origin of the host; a read does not", async () => {
    const reply = await login(OWNER);
    const cookie = (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const write = (headers: Record<string, string>) =>
      lab.raw("POST", "/api/v1/admin/apps/slug:check", {
        headers: { cookie, "content-type": "application/json", ...headers },
        body: '{"slug":"x"}',
      });
    expectProblem(await write({}), 403, "origin_mismatch");
    expectProblem(await write({ origin: "http://evil.example" }), 403, "origin_mismatch");
    expectProblem(await write({ origin: "null" }), 403, "origin_mismatch");
    expectProblem(await write({ origin: `https://127.0.0.1:1` }), 403, "origin_mismatch");
    expect((await write({ origin: lab.cloud.url })).status).toBe(200);
    expect((await lab.raw("GET", "/api/v1/admin/auth/me", { headers: { cookie } })).status).toBe(
      200,
    );
    const bearer = await lab.raw("POST", "/api/v1/admin/apps/slug:check", {
      headers: { authorization: `Bearer ${lab.owner}`, "content-type": "application/json" },
      body: '{"slug":"x"}',
    });
    expect(bearer.status).toBe(200);
    expect(
      (await lab.raw("DELETE", `/api/v1/admin/apps/${NOBODY}`, { headers: { cookie } })).status,
    ).toBe(403);
  });

  test("a login with a foreign Origin is 403, with its own 200", async () => {
    expectProblem(await login(OWNER, { origin: "http://evil.example" }), 403, "origin_mismatch");
    expect((await login(OWNER, { origin: lab.cloud.url })).status).toBe(200);
  });

  test("there is no CORS on the control plane", async () => {
    const reply = await lab.raw("OPTIONS", "/api/v1/admin/apps", {
      headers: { origin: "http://evil.example", "access-control-request-method": "POST" },
    });
    expect(reply.headers.get("access-control-allow-origin")).toBeNull();
    const get = await lab.raw("GET", "/api/v1/admin/apps", {
      headers: { origin: "http://evil.example", authorization: `Bearer ${lab.owner}` },
    });
    expect(get.headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each([
    ["Bearer"],
    ["Bearer "],
    ["Bearer pcs_x"],
    ["Bearer pic_x"],
    ["Bearer pcs_" + "A".repeat(10_000)],
    ["Basic b3duZXI6eA=="],
    ["bearer"],
  ])("an Authorization of %p is 401", async (authorization) => {
    const reply = await lab.raw("GET", "/api/v1/admin/auth/me", { headers: { authorization } });
    expectProblem(reply, 401, /./u);
  });
});

describe("users", () => {
  const fields = [
    "id",
    "username",
    "email",
    "instance_role",
    "is_active",
    "created_at",
    "last_login_at",
  ];

  test("a user has its fields and nothing of its password", async () => {
    const username = lab.name("u");
    const made = await lab.api("POST", "/users", {
      username,
      password: PASSWORD,
      email: "  a@example.com ",
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      username,
      email: "a@example.com",
      instance_role: "member",
      is_active: true,
      last_login_at: null,
    });
    for (const field of fields) expect(made.body).toHaveProperty(field);
    const got = await lab.api("GET", `/users/${made.body.id}`);
    expect(got.body).toEqual(made.body);
    expect(got.text).not.toMatch(/argon|hash|password/iu);
    await login({ username, password: PASSWORD });
    expect((await lab.api("GET", `/users/${made.body.id}`)).body.last_login_at).toMatch(RFC_3339);
  });

  test("usernames and emails are unique, usernames ignoring case", async () => {
    const username = lab.name("Uniq");
    const email = `${username}@example.com`;
    expect((await lab.api("POST", "/users", { username, password: PASSWORD, email })).status).toBe(
      201,
    );
    expectProblem(
      await lab.api("POST", "/users", { username: username.toUpperCase(), password: PASSWORD }),
      409,
      "username_taken",
    );
    expectProblem(
      await lab.api("POST", "/users", {
        username: `${username}2`,
        password: PASSWORD,
        email: ` ${email} `,
      }),
      409,
      "email_taken",
    );
    const third = await lab.person();
    expectProblem(await lab.api("PATCH", `/users/${third.id}`, { email }), 409, "email_taken");
  });

  test.each([
    [{ username: "ab", password: PASSWORD }],
    [{ username: "a".repeat(65), password: PASSWORD }],
    [{ username: "a b c", password: PASSWORD }],
    [{ username: "äöü", password: PASSWORD }],
    [{ username: "abc\n", password: PASSWORD }],
    [{ username: 1, password: PASSWORD }],
    [{ password: PASSWORD }],
    [{ username: "abcd" }],
    [{ username: "abcd", password: "" }],
    [{ username: "abcd", password: 5 }],
    [{ username: "abcd", password: PASSWORD, instance_role: "root" }],
    [{ username: "abcd", password: PASSWORD, instance_role: null }],
    [{ username: "abcd", password: PASSWORD, email: "no-at" }],
    [{ username: "abcd", password: PASSWORD, email: `${"a".repeat(251)}@b.c` }],
    [{ username: "abcd", password: PASSWORD, email: 5 }],
  ])("POST /users with %j is 422", async (body) => {
    expectProblem(await lab.api("POST", "/users", body), 422, /./u);
  });

  test("the edges of a username and a blank e-mail are fine", async () => {
    const short = await lab.api("POST", "/users", {
      username: "a.b",
      password: PASSWORD,
      email: "   ",
    });
    expect({ status: short.status, email: short.body.email }).toEqual({ status: 201, email: null });
    expect(
      (await lab.api("POST", "/users", { username: "x".repeat(64), password: PASSWORD })).status,
    ).toBe(201);
    const edge = `${"a".repeat(252)}@b`;
    expect(
      (
        await lab.api("POST", "/users", {
          username: lab.name("u"),
          password: PASSWORD,
          email: edge,
        })
      ).status,
    ).toBe(201);
  });

  test("PATCH: null clears an e-mail, absent keeps it", async () => {
    const made = await lab.api("POST", "/users", {
      username: lab.name("u"),
      password: PASSWORD,
      email: `${lab.name("m")}@x.org`,
    });
    const kept = await lab.api("PATCH", `/users/${made.body.id}`, { is_active: true });
    expect(kept.body.email).toBe(made.body.email);
    const cleared = await lab.api("PATCH", `/users/${made.body.id}`, { email: null });
    expect({ status: cleared.status, email: cleared.body.email }).toEqual({
      status: 200,
      email: null,
    });
    expect((await lab.api("PATCH", `/users/${made.body.id}`, {})).status).toBe(200);
  });

  test("deactivation ends sessions and keys", async () => {
    const person = await lab.person();
    const key = await lab.call(person.token, "POST", "/api-keys", {
      name: "k",
      scopes: ["script:read"],
    });
    const raw = key.body.raw_token;
    expect((await lab.call(raw, "GET", "/apps")).status).toBe(200);
    expect(
      (await lab.api("PATCH", `/users/${person.id}`, { is_active: false })).body.is_active,
    ).toBe(false);
    expect((await lab.call(person.token, "GET", "/auth/me")).status).toBe(401);
    expect((await lab.call(raw, "GET", "/apps")).status).toBe(401);
    await lab.api("PATCH", `/users/${person.id}`, { is_active: true });
    expect((await lab.call(person.token, "GET", "/auth/me")).status).toBe(401);
    expect((await lab.call(raw, "GET", "/apps")).status).toBe(401);
  });

  test("the last owner cannot be deleted, demoted or deactivated", async () => {
    const me = await lab.api("GET", "/auth/me");
    const path = `/users/${me.body.id}`;
    expectProblem(await lab.api("DELETE", path), 422, "last_owner");
    expectProblem(await lab.api("PATCH", path, { instance_role: "admin" }), 422, "last_owner");
    expectProblem(await lab.api("PATCH", path, { is_active: false }), 422, "last_owner");
  });

  test("nobody touches or makes what is above them: cannot_escalate", async () => {
    const admin = await lab.person("admin");
    const me = await lab.api("GET", "/auth/me");
    const member = await lab.person();
    const by = (method: string, path: string, body?: object) =>
      lab.call(admin.token, method, path, body);
    expectProblem(
      await by("POST", "/users", {
        username: lab.name("u"),
        password: PASSWORD,
        instance_role: "owner",
      }),
      422,
      "cannot_escalate",
    );
    expectProblem(
      await by("PATCH", `/users/${member.id}`, { instance_role: "owner" }),
      422,
      "cannot_escalate",
    );
    expectProblem(
      await by("PATCH", `/users/${admin.id}`, { instance_role: "owner" }),
      422,
      "cannot_escalate",
    );
    expectProblem(
      await by("PATCH", `/users/${me.body.id}`, { password: "stolen password 1" }),
      422,
      "cannot_escalate",
    );
    expectProblem(
      await by("PATCH", `/users/${me.body.id}`, { email: "x@y.z" }),
      422,
      "cannot_escalate",
    );
    expectProblem(
      await by("PATCH", `/users/${me.body.id}`, { is_active: false }),
      422,
      "cannot_escalate",
    );
    expectProblem(await by("DELETE", `/users/${me.body.id}`), 422, "cannot_escalate");
    expect(
      (
        await by("POST", "/users", {
          username: lab.name("u"),
          password: PASSWORD,
          instance_role: "admin",
        })
      ).status,
    ).toBe(201);
    expect((await by("DELETE", `/users/${member.id}`)).status).toBe(204);
    expectProblem(await by("GET", `/users/${member.id}`), 404, /./u);
  });

  test("a member is no manager of users, creates no app, reads no audit", async () => {
    const member = await lab.person();
    for (const [method, path, body] of [
      ["GET", "/users"],
      ["POST", "/users", { username: "abcd", password: PASSWORD }],
      ["PATCH", `/users/${member.id}`, { instance_role: "admin" }],
      ["DELETE", `/users/${member.id}`],
      ["POST", "/apps", { slug: "mine", name: "mine" }],
      ["GET", "/audit"],
    ] as const) {
      const reply = await lab.call(member.token, method, path, body);
      expect({ method, path, status: reply.status }).toEqual({ method, path, status: 403 });
    }
  });
});

describe("api keys", () => {
  test("a key is shown once and listed without token or hash", async () => {
    const person = await lab.person();
    const made = await lab.call(person.token, "POST", "/api-keys", {
      name: "ci",
      scopes: ["script:read", "log:read"],
    });
    expect(made.status).toBe(201);
    const raw: string = made.body.raw_token;
    expect(raw).toMatch(/^pic_[a-z2-7]+$/iu);
    const list = await lab.call(person.token, "GET", "/api-keys");
    expect(Object.keys(list.body.items[0]).sort()).toEqual(
      [
        "app_id",
        "created_at",
        "expires_at",
        "id",
        "last_used_at",
        "name",
        "prefix",
        "scopes",
      ].sort(),
    );
    expect(list.text).not.toContain(raw);
    expect(list.text).not.toMatch(/argon|hash/iu);
    expect(raw).toContain(list.body.items[0].prefix);
  });

  test("a key may not manage passwords, sessions or keys: session_required", async () => {
    const key = await lab.api("POST", "/api-keys", {
      name: "all",
      scopes: ["app:admin", "instance:admin"],
    });
    expect(key.status).toBe(201);
    const raw = key.body.raw_token;
    for (const [method, path, body] of [
      ["POST", "/auth/password", { current_password: "a", new_password: "b" }],
      ["GET", "/auth/sessions"],
      ["DELETE", `/auth/sessions/${NOBODY}`],
      ["GET", "/api-keys"],
      ["POST", "/api-keys", { name: "a", scopes: ["script:read"] }],
      ["DELETE", `/api-keys/${key.body.id}`],
    ] as const)
      expectProblem(await lab.call(raw, method, path, body), 403, "session_required");
    expect((await lab.call(raw, "GET", "/auth/me")).status).toBe(200);
    expect((await lab.call(raw, "GET", "/users")).status).toBe(200);
  });

  test("wrong keys are 422; another user's key is 404", async () => {
    const tenant = await lab.tenant();
    for (const body of [
      { name: "a", scopes: ["instance:admin"], app_id: tenant.id },
      { name: "a", scopes: ["nonsense"] },
      { name: "a", scopes: [] },
      { name: "a", scopes: "script:read" },
      { name: "", scopes: ["script:read"] },
      { scopes: ["script:read"] },
      { name: "a", scopes: ["script:read"], expires_at: "tomorrow" },
      { name: "a", scopes: ["script:read"], expires_at: "2001-01-01T00:00:00Z" },
      { name: "a", scopes: ["script:read"], app_id: "not-an-id" },
    ]) {
      const reply = await lab.api("POST", "/api-keys", body);
      expect({ body, status: reply.status }).toEqual({
        body,
        status: reply.status === 404 ? 404 : 422,
      });
    }
    const person = await lab.person();
    const key = await lab.call(person.token, "POST", "/api-keys", {
      name: "a",
      scopes: ["script:read"],
    });
    expectProblem(await lab.api("DELETE", `/api-keys/${key.body.id}`), 404, /./u);
    expect((await lab.call(person.token, "DELETE", `/api-keys/${key.body.id}`)).status).toBe(204);
    expect((await lab.call(key.body.raw_token, "GET", "/apps")).status).toBe(401);
    expect((await lab.call(person.token, "DELETE", `/api-keys/${key.body.id}`)).status).toBe(404);
  });

  test("a bound key sees its app alone", async () => {
    const mine = await lab.tenant();
    const other = await lab.tenant();
    const key = await lab.api("POST", "/api-keys", {
      name: "b",
      scopes: ["app:admin"],
      app_id: mine.id,
    });
    const raw = key.body.raw_token;
    expect((await lab.call(raw, "GET", `/apps/${mine.slug}`)).status).toBe(200);
    expect((await lab.call(raw, "GET", `/apps/${other.slug}`)).status).toBe(404);
    const list = await lab.call(raw, "GET", "/apps");
    expect(list.body.items.map((app: { id: string }) => app.id)).toEqual([mine.id]);
    expect((await lab.call(raw, "GET", "/users")).status).toBe(403);
  });

  test("each scope opens its own calls and no others", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    const route = await lab.api("POST", `/scripts/${script.id}/routes`, { path: "/x" });
    const calls: Record<string, [string, string, object?][]> = {
      "script:read": [
        ["GET", `/scripts/${script.id}`],
        ["GET", `/scripts/${script.id}/routes`],
        ["GET", `/apps/${tenant.id}/domains`],
        [
          "POST",
          "/routes:match",
          { app_id: tenant.id, method: "GET", url: "http://a.example.com/" },
        ],
      ],
      "log:read": [
        ["GET", `/apps/${tenant.id}/logs`],
        ["GET", `/scripts/${script.id}/logs`],
        ["GET", `/apps/${tenant.id}/metrics`],
      ],
      "script:write": [
        ["PUT", `/scripts/${script.id}`, { description: "d" }],
        ["PUT", `/apps/${tenant.id}/env/A`, { value: "1" }],
      ],
      "route:write": [
        ["POST", `/scripts/${script.id}/routes`, { path: "/y" }],
        ["DELETE", `/routes/${route.body.id}`],
      ],
      "domain:manage": [
        ["POST", `/apps/${tenant.id}/domains`, { host: `${lab.name("d")}.example.org` }],
      ],
      "app:admin": [
        ["GET", `/apps/${tenant.id}/members`],
        ["PUT", `/apps/${tenant.id}/egress`, { allow: [], deny: [] }],
        ["PUT", `/apps/${tenant.id}/env/S`, { value: "1", secret: true }],
      ],
    };
    const scopes = Object.keys(calls);
    const wrong: string[] = [];
    for (const scope of scopes) {
      const key = await lab.api("POST", "/api-keys", { name: scope, scopes: [scope] });
      for (const other of scopes) {
        if (other === scope) continue;
        for (const [method, path, body] of calls[other] ?? []) {
          if (scope === "app:admin") continue;
          const { status } = await lab.call(key.body.raw_token, method, path, body);
          if (status !== 403 && status !== 404)
            wrong.push(`${scope} may ${method} ${path}: ${status}`);
        }
      }
      for (const [method, path, body] of calls[scope] ?? []) {
        const { status } = await lab.call(key.body.raw_token, method, path, body);
        if (status >= 300) wrong.push(`${scope} may not ${method} ${path}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("roles", () => {
  test("viewer, editor and app_admin may what the table says: 403 otherwise", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    const table: [number, string, string, object?][] = [
      [0, "GET", `/apps/${tenant.id}`],
      [0, "GET", `/scripts/${script.id}`],
      [0, "GET", `/scripts/${script.id}/versions/1`],
      [0, "GET", `/apps/${tenant.id}/domains`],
      [0, "GET", `/apps/${tenant.id}/logs`],
      [0, "GET", `/apps/${tenant.id}/metrics`],
      [0, "POST", "/routes:check", { app_id: tenant.id, method: "GET", path: "/q" }],
      [1, "PUT", `/scripts/${script.id}`, { description: "x" }],
      [
        1,
        "POST",
        "/scripts",
        { app_id: tenant.id, name: "SCRIPT", source: "export default () => 1" },
      ],
      [1, "POST", `/scripts/${script.id}/versions/1:activate`],
      [1, "POST", `/scripts/${script.id}/routes`, { path: "/ROUTE" }],
      [1, "PUT", `/apps/${tenant.id}/env/PLAIN`, { value: "1" }],
      [2, "PUT", `/apps/${tenant.id}/env/HIDDEN`, { value: "1", secret: true }],
      [2, "POST", `/apps/${tenant.id}/domains`, { host: "HOST" }],
      [2, "GET", `/apps/${tenant.id}/members`],
      [2, "PUT", `/apps/${tenant.id}/egress`, { allow: [], deny: [] }],
      [2, "PATCH", `/apps/${tenant.id}`, { description: "x" }],
    ];
    const roles = ["viewer", "editor", "app_admin"];
    const wrong: string[] = [];
    for (const [rank, role] of roles.entries()) {
      const person = await lab.member(tenant, role);
      expect((await lab.call(person.token, "GET", `/apps/${tenant.id}`)).body.my_role).toBe(role);
      for (const [needed, method, path, body] of table) {
        const unique = body
          ? (JSON.parse(
              JSON.stringify(body)
                .replace(/SCRIPT|ROUTE/u, lab.name("v"))
                .replace("HOST", `${lab.name("h")}.example.net`),
            ) as object)
          : undefined;
        const { status, text } = await lab.call(person.token, method, path, unique);
        const allowed = rank >= needed;
        if (allowed ? status >= 300 : status !== 403)
          wrong.push(`${role}: ${method} ${path} ${status} ${text}`);
      }
    }
    expect(wrong).toEqual([]);
    const editor = await lab.member(tenant, "editor");
    expect((await lab.call(editor.token, "DELETE", `/scripts/${script.id}`)).status).toBe(403);
    expect((await lab.call(editor.token, "DELETE", `/apps/${tenant.id}`)).status).toBe(403);
    const admin = await lab.member(tenant, "app_admin");
    expect((await lab.call(admin.token, "DELETE", `/scripts/${script.id}`)).status).toBe(204);
  });
});
