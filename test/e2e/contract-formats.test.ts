/** Names, formats, lists and errors of the control plane, and the calls that are open to all. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, Lab, RFC_3339, UUID_V7 } from "../support/contract-lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const NOBODY = "01890000-0000-7000-8000-000000000000";

describe("formats", () => {
  test("ids are UUIDv7 and times RFC 3339 UTC in every resource", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    const route = await lab.api("POST", `/scripts/${script.id}/routes`, { path: "/" });
    const user = await lab.person();
    const key = await lab.api("POST", "/api-keys", { name: "k", scopes: ["script:read"] });
    const domains = await lab.api("GET", `/apps/${tenant.id}/domains`);
    const app = await lab.api("GET", `/apps/${tenant.id}`);
    const listed = await lab.api("GET", `/users/${user.id}`);
    expect(route.body.id).toMatch(UUID_V7);
    const resources = [script, key.body, domains.body.items[0], app.body, listed.body];
    for (const resource of resources) {
      expect(resource.id).toMatch(UUID_V7);
      expect(resource.created_at).toMatch(RFC_3339);
    }
  });

  test("a body that is not application/json is 415", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "text/json",
      "application/jsonp",
      "multipart/form-data; boundary=x",
    ]) {
      const reply = await lab.raw("POST", "/api/v1/admin/apps", {
        headers: { authorization: `Bearer ${lab.owner}`, "content-type": type },
        body: '{"slug":"x-1","name":"x"}',
      });
      expectProblem(reply, 415, /./u);
    }
    const none = await lab.raw("POST", "/api/v1/admin/apps", {
      headers: { authorization: `Bearer ${lab.owner}` },
      body: new TextEncoder().encode('{"slug":"x-2","name":"x"}'),
    });
    expectProblem(none, 415, /./u);
    const login = await lab.raw("POST", "/api/v1/admin/auth/login", {
      headers: { "content-type": "text/plain" },
      body: "{}",
    });
    expectProblem(login, 415, /./u);
  });

  test("a charset parameter and odd case in the content type are fine", async () => {
    const reply = await lab.raw("POST", "/api/v1/admin/apps", {
      headers: {
        authorization: `Bearer ${lab.owner}`,
        "content-type": "Application/JSON; charset=utf-8",
      },
      body: JSON.stringify({ slug: lab.name("charset"), name: "x" }),
    });
    expect(reply.status).toBe(201);
  });

  test("a call without a body needs no content type", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    const reply = await lab.raw("POST", `/api/v1/admin/scripts/${script.id}/versions/1:activate`, {
      headers: { authorization: `Bearer ${lab.owner}` },
    });
    expect(reply.status).toBe(200);
    const logout = await lab.person();
    const out = await lab.raw("POST", "/api/v1/admin/auth/logout", {
      headers: { authorization: `Bearer ${logout.token}` },
    });
    expect(out.status).toBe(204);
  });

  test.each([
    ["malformed", '{"slug": '],
    ["empty", ""],
    ["an array", "[]"],
    ["null", "null"],
    ["a string", '"x"'],
    ["a number", "1"],
    ["very deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["deep in a field", `{"slug":"x","name":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`],
    ["not UTF-8", "\u0000"],
    ["with a NUL in the name", '{"slug":"nul-x","name":"a\\u0000b"}'],
    ["with a lone surrogate in the name", '{"slug":"sur-x","name":"a\\ud800b"}'],
  ])("a body that is %s is a 4xx problem", async (_name, body) => {
    const reply = await lab.raw("POST", "/api/v1/admin/apps", {
      headers: { authorization: `Bearer ${lab.owner}`, "content-type": "application/json" },
      body,
    });
    expect([400, 413, 422]).toContain(reply.status);
    expectProblem(reply, reply.status, /./u);
  });

  test("an unknown field is named in every call that takes a body", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    const calls: [string, string, object][] = [
      ["POST", "/auth/login", { username: "a", password: "b" }],
      ["POST", "/auth/password", { current_password: "a", new_password: "b" }],
      ["POST", "/users", { username: "abcd", password: "0123456789ab" }],
      ["PATCH", `/users/${NOBODY}`, {}],
      ["POST", "/api-keys", { name: "a", scopes: [] }],
      ["POST", "/apps", { slug: "a", name: "a" }],
      ["PATCH", `/apps/${tenant.slug}`, {}],
      ["POST", "/apps/slug:check", { slug: "a" }],
      ["POST", `/apps/${tenant.slug}/domains`, { host: "x.example.com" }],
      ["POST", `/apps/${tenant.slug}/members`, { user_id: NOBODY, role: "viewer" }],
      ["POST", "/scripts", { app_id: tenant.id, name: "a", source: "" }],
      ["PUT", `/scripts/${script.id}`, {}],
      ["POST", `/scripts/${script.id}/routes`, { path: "/" }],
      ["POST", "/routes:check", { app_id: tenant.id, method: "GET", path: "/" }],
      ["POST", "/routes:match", { method: "GET", url: "http://x.example.com/" }],
      ["PUT", `/apps/${tenant.slug}/env/A`, { value: "a" }],
      ["PUT", `/apps/${tenant.slug}/egress`, { allow: [], deny: [] }],
    ];
    const answers = await Promise.all(
      calls.map(async ([method, path, body]) => {
        const reply = await lab.api(method, path, { ...body, bogus_field: "zzsecretzz" });
        return {
          call: `${method} ${path}`,
          status: reply.status,
          code: reply.body?.code,
          field: reply.body?.field,
          repeats: reply.text.includes("zzsecretzz"),
        };
      }),
    );
    expect(answers).toEqual(
      calls.map(([method, path]) => ({
        call: `${method} ${path}`,
        status: 422,
        code: "unknown_field",
        field: "bogus_field",
        repeats: false,
      })),
    );
  });

  test("names of the prototype are unknown fields too", async () => {
    for (const field of ["constructor", "toString", "__proto__"]) {
      const reply = await lab.raw("POST", "/api/v1/admin/apps", {
        headers: { authorization: `Bearer ${lab.owner}`, "content-type": "application/json" },
        body: `{"slug":"${lab.name("p")}","name":"p","${field}":{"a":1}}`,
      });
      expectProblem(reply, 422, "unknown_field", { field });
    }
  });

  test("the rejected input is never repeated", async () => {
    const tenant = await lab.tenant();
    const calls: [string, string, object][] = [
      ["POST", "/apps", { slug: "ZZ secret ZZ", name: "a" }],
      ["POST", "/users", { username: "ZZ secret ZZ", password: "ZZ secret ZZ" }],
      [
        "POST",
        "/users",
        { username: "abc", password: "ZZ secret ZZ", instance_role: "ZZ secret ZZ" },
      ],
      ["POST", "/api-keys", { name: "a", scopes: ["ZZ secret ZZ"] }],
      ["POST", `/apps/${tenant.id}/domains`, { host: "ZZ secret ZZ" }],
      ["PUT", `/apps/${tenant.id}/egress`, { allow: ["ZZ secret ZZ"], deny: [] }],
      ["POST", "/auth/login", { username: "ZZ secret ZZ", password: 1 }],
      ["POST", "/scripts", { app_id: "ZZ secret ZZ", name: "ZZ secret ZZ", source: "" }],
    ];
    for (const [method, path, body] of calls) {
      const reply = await lab.api(method, path, body);
      expect({ path, status: reply.status }).toEqual({ path, status: 422 });
      expect(reply.text).not.toContain("secret");
    }
  });

  test("every answer has an x-request-id, and a problem has the same one", async () => {
    const reply = await lab.api("GET", `/apps/${NOBODY}`);
    expectProblem(reply, 404, /./u);
    expect(reply.headers.get("x-request-id")).toBe(reply.body.request_id);
    expect((await lab.api("GET", "/apps")).headers.get("x-request-id")).toBeTruthy();
  });

  test.each([
    "/apps/ID",
    "/apps/ID/domains",
    "/apps/ID/members",
    "/apps/ID/env",
    "/apps/ID/logs",
    "/apps/ID/metrics",
    "/apps/ID/egress",
    "/scripts/ID",
    "/scripts/ID/versions",
    "/scripts/ID/routes",
    "/scripts/ID/logs",
    "/users/ID",
  ])(
    "GET %s: an unknown id is a 404 that does not repeat it, and so is what is no id",
    async (path) => {
      const unknown = await lab.api("GET", path.replace("ID", NOBODY));
      expectProblem(unknown, 404, /./u);
      expect(unknown.text).not.toContain(NOBODY);
      for (const bad of [
        "zzz-none",
        "%00",
        "1",
        "..%2f..%2fapps",
        "%F0%9F%92%A9",
        "a'b",
        "%zz",
        "x".repeat(3000),
      ]) {
        const reply = await lab.api("GET", path.replace("ID", bad));
        expect({ bad, status: reply.status }).toEqual({ bad, status: 404 });
        expect(reply.headers.get("content-type")).toContain("application/problem+json");
      }
    },
  );

  test("what one may not know answers exactly like an unknown id", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    const stranger = await lab.person();
    const pairs: [string, string, string, object?][] = [
      ["GET", `/apps/${tenant.id}`, `/apps/${NOBODY}`],
      ["GET", `/apps/${tenant.slug}`, `/apps/no-such-slug`],
      ["PATCH", `/apps/${tenant.id}`, `/apps/${NOBODY}`, { name: "x" }],
      ["DELETE", `/apps/${tenant.id}`, `/apps/${NOBODY}`],
      ["GET", `/apps/${tenant.id}/members`, `/apps/${NOBODY}/members`],
      ["GET", `/apps/${tenant.id}/logs`, `/apps/${NOBODY}/logs`],
      ["GET", `/apps/${tenant.id}/logs:stream`, `/apps/${NOBODY}/logs:stream`],
      ["PUT", `/apps/${tenant.id}/env/A`, `/apps/${NOBODY}/env/A`, { value: "1" }],
      ["GET", `/scripts/${script.id}`, `/scripts/${NOBODY}`],
      ["PUT", `/scripts/${script.id}`, `/scripts/${NOBODY}`, { source: "x" }],
      ["DELETE", `/scripts/${script.id}`, `/scripts/${NOBODY}`],
      ["GET", `/scripts/${script.id}/versions/1`, `/scripts/${NOBODY}/versions/1`],
      [
        "POST",
        `/scripts/${script.id}/versions/1:activate`,
        `/scripts/${NOBODY}/versions/1:activate`,
      ],
      ["POST", `/scripts/${script.id}/routes`, `/scripts/${NOBODY}/routes`, { path: "/" }],
      ["GET", `/scripts?app=${tenant.id}`, `/scripts?app=${NOBODY}`],
    ];
    const strip = (reply: { status: number; body: Record<string, unknown> }) => ({
      status: reply.status,
      ...reply.body,
      request_id: "",
      instance: "",
    });
    for (const [method, known, unknown, body] of pairs) {
      const a = await lab.call(stranger.token, method, known, body);
      const b = await lab.call(stranger.token, method, unknown, body);
      expect({ method, known, ...strip(a) }).toEqual({ method, known, ...strip(b) });
      expect({ known, status: a.status }).toEqual({ known, status: 404 });
    }
    const bodies: [string, string, (id: string) => object][] = [
      ["POST", "/scripts", (id) => ({ app_id: id, name: "a", source: "export default () => 1" })],
      ["POST", "/routes:check", (id) => ({ app_id: id, method: "GET", path: "/" })],
      [
        "POST",
        "/routes:match",
        (id) => ({ app_id: id, method: "GET", url: "http://a.example.com/" }),
      ],
      ["POST", "/api-keys", (id) => ({ app_id: id, name: "a", scopes: ["script:read"] })],
    ];
    for (const [method, path, body] of bodies) {
      const a = await lab.call(stranger.token, method, path, body(tenant.id));
      const b = await lab.call(stranger.token, method, path, body(NOBODY));
      expect({ path, ...strip(a) }).toEqual({ path, ...strip(b) });
      expect({ path, status: a.status }).toEqual({ path, status: 404 });
    }
  });
});

describe("lists", () => {
  test("go newest first by pages to null, each item once", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    for (let i = 0; i < 7; i++)
      expect(
        (await lab.api("POST", `/scripts/${script.id}/routes`, { path: `/r${i}` })).status,
      ).toBe(201);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 10; page++) {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const reply = await lab.api("GET", `/scripts/${script.id}/routes?limit=3${query}`);
      expect(Object.keys(reply.body).sort()).toEqual(["items", "next_cursor"]);
      seen.push(...reply.body.items.map((item: { path: string }) => item.path));
      cursor = reply.body.next_cursor;
      if (cursor === null) break;
      expect(cursor).toBeString();
    }
    expect(seen).toEqual(["/r6", "/r5", "/r4", "/r3", "/r2", "/r1", "/r0"]);
  });

  const paths = (tenant: string, script: string): string[] => [
    "/apps",
    "/users",
    "/api-keys",
    "/scripts",
    "/auth/sessions",
    "/audit",
    `/apps/${tenant}/domains`,
    `/apps/${tenant}/members`,
    `/apps/${tenant}/env`,
    `/apps/${tenant}/logs`,
    `/scripts/${script}/logs`,
    `/scripts/${script}/routes`,
    `/scripts/${script}/versions`,
  ];

  test("every list has items and next_cursor, takes 1 and 200, and refuses other limits and cursors", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, "export default () => 1;");
    for (const path of paths(tenant.slug, script.id)) {
      for (const query of ["", "?limit=1", "?limit=200"]) {
        const reply = await lab.api("GET", path + query);
        expect({ path: path + query, status: reply.status }).toEqual({
          path: path + query,
          status: 200,
        });
        expect(Array.isArray(reply.body.items)).toBe(true);
        expect(reply.body).toHaveProperty("next_cursor");
      }
      for (const query of [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=abc",
        "limit=1.5",
        "limit=",
        "limit=1e2",
        "cursor=nonsense",
        "cursor=%00",
        "cursor=eyJhIjoxfQ",
        `cursor=${"A".repeat(5000)}`,
      ]) {
        const reply = await lab.api("GET", `${path}?${query}`);
        expect({ path, query, status: reply.status }).toEqual({ path, query, status: 422 });
        expect(reply.body.code).toBeString();
      }
    }
  });

  test("lists of apps, scripts, users and keys are newest first", async () => {
    const first = await lab.tenant();
    const second = await lab.tenant();
    const apps = await lab.api("GET", "/apps?limit=2");
    expect(apps.body.items.map((app: { id: string }) => app.id)).toEqual([second.id, first.id]);
    const a = await lab.script(first, "export default () => 1;");
    const b = await lab.script(first, "export default () => 1;");
    const scripts = await lab.api("GET", `/scripts?app=${first.slug}`);
    expect(scripts.body.items.map((s: { id: string }) => s.id)).toEqual([b.id, a.id]);
    expect(scripts.body.items[0]).not.toHaveProperty("source");
    const u1 = await lab.person();
    const u2 = await lab.person();
    const users = await lab.api("GET", "/users?limit=2");
    expect(users.body.items.map((u: { id: string }) => u.id)).toEqual([u2.id, u1.id]);
  });
});

describe("the open side", () => {
  test("healthz is the text ok, for GET and HEAD", async () => {
    const get = await lab.raw("GET", "/healthz");
    expect(get.text).toBe("ok");
    expect(get.headers.get("content-type")).toContain("text/plain");
    expect((await lab.raw("HEAD", "/healthz")).status).toBe(200);
  });

  test("readyz and version", async () => {
    const ready = await lab.raw("GET", "/readyz");
    expect({ status: ready.status, body: ready.body }).toEqual({
      status: 200,
      body: { database: "ok", executor: "ok", migrations: "ok" },
    });
    const version = await lab.raw("GET", "/version");
    expect(Object.keys(version.body).sort()).toEqual(
      ["api", "product", "public_base_url", "schema", "sdk", "wire"].sort(),
    );
  });

  test("openapi.json is 3.1 and has every path of the contract", async () => {
    const { body, status } = await lab.raw("GET", "/api/v1/openapi.json");
    expect(status).toBe(200);
    expect(body.openapi).toStartWith("3.1");
    const shape = (path: string): string => path.replace(/\{[^}]*\}/gu, "{}");
    const has = new Set(
      Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
        Object.keys(item).map((method) => `${method.toUpperCase()} ${shape(path)}`),
      ),
    );
    const A = "/api/v1/admin";
    const wanted = [
      "GET /healthz",
      "GET /readyz",
      "GET /version",
      "GET /api/v1/openapi.json",
      "GET /metrics",
      `POST ${A}/auth/login`,
      `POST ${A}/auth/logout`,
      `GET ${A}/auth/me`,
      `POST ${A}/auth/password`,
      `GET ${A}/auth/sessions`,
      `DELETE ${A}/auth/sessions/{}`,
      `GET ${A}/users`,
      `GET ${A}/users/{}`,
      `POST ${A}/users`,
      `PATCH ${A}/users/{}`,
      `DELETE ${A}/users/{}`,
      `GET ${A}/api-keys`,
      `POST ${A}/api-keys`,
      `DELETE ${A}/api-keys/{}`,
      `GET ${A}/apps`,
      `POST ${A}/apps`,
      `GET ${A}/apps/{}`,
      `PATCH ${A}/apps/{}`,
      `DELETE ${A}/apps/{}`,
      `POST ${A}/apps/slug:check`,
      `GET ${A}/apps/{}/domains`,
      `POST ${A}/apps/{}/domains`,
      `DELETE ${A}/apps/{}/domains/{}`,
      `GET ${A}/apps/{}/members`,
      `POST ${A}/apps/{}/members`,
      `PATCH ${A}/apps/{}/members/{}`,
      `DELETE ${A}/apps/{}/members/{}`,
      `GET ${A}/scripts`,
      `POST ${A}/scripts`,
      `GET ${A}/scripts/{}`,
      `PUT ${A}/scripts/{}`,
      `DELETE ${A}/scripts/{}`,
      `GET ${A}/scripts/{}/versions`,
      `GET ${A}/scripts/{}/versions/{}`,
      `POST ${A}/scripts/{}/versions/{}:activate`,
      `GET ${A}/scripts/{}/routes`,
      `POST ${A}/scripts/{}/routes`,
      `DELETE ${A}/routes/{}`,
      `POST ${A}/routes:check`,
      `POST ${A}/routes:match`,
      `GET ${A}/scripts/{}/logs`,
      `GET ${A}/apps/{}/logs`,
      `GET ${A}/apps/{}/logs:stream`,
      `GET ${A}/apps/{}/env`,
      `PUT ${A}/apps/{}/env/{}`,
      `DELETE ${A}/apps/{}/env/{}`,
      `GET ${A}/apps/{}/metrics`,
      `GET ${A}/apps/{}/egress`,
      `PUT ${A}/apps/{}/egress`,
      `GET ${A}/audit`,
    ];
    const withServer = (want: string): boolean =>
      has.has(want) ||
      has.has(want.replace("/api/v1/admin", "")) ||
      has.has(want.replace("/api/v1", ""));
    expect(wanted.filter((want) => !withServer(want))).toEqual([]);
  });

  test.each([
    "/api",
    "/api/",
    "/api/v2",
    "/api/v1/nothing",
    "/api/v1",
    "/api/v1/adminx",
    "/api/v1/executex/1",
  ])("%s is a 404 problem", async (path) => {
    for (const method of ["GET", "POST", "DELETE"])
      expectProblem(await lab.raw(method, path), 404, /./u);
  });

  test("an unknown path under admin is 401 for nobody and 404 for the owner", async () => {
    expect((await lab.raw("GET", "/api/v1/admin/nothing")).status).toBeOneOf([401, 404]);
    expectProblem(await lab.api("GET", "/nothing"), 404, /./u);
  });

  test("a wrong method on a known admin path is 405 with Allow", async () => {
    const reply = await lab.api("DELETE", "/apps");
    expectProblem(reply, 405, /./u);
    expect(reply.headers.get("allow")).toContain("POST");
  });

  test("metrics are for loopback without a forwarding header, or a token with instance:admin", async () => {
    const open = await lab.raw("GET", "/metrics");
    expect(open.status).toBe(200);
    expect(open.headers.get("content-type")).toContain("text/plain");
    expect(open.text).toMatch(/^# HELP /mu);
    for (const header of ["x-forwarded-for", "forwarded", "x-real-ip"]) {
      const reply = await lab.raw("GET", "/metrics", { headers: { [header]: "1.2.3.4" } });
      expect({ header, open: reply.status < 400 }).toEqual({ header, open: false });
    }
    const owner = await lab.raw("GET", "/metrics", {
      headers: { "x-forwarded-for": "1.2.3.4", authorization: `Bearer ${lab.owner}` },
    });
    expect(owner.status).toBe(200);
    const stranger = await lab.person();
    const refused = await lab.raw("GET", "/metrics", {
      headers: { "x-forwarded-for": "1.2.3.4", authorization: `Bearer ${stranger.token}` },
    });
    expect(refused.status).toBeOneOf([403, 404]);
  });
});
