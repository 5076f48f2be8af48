/** Scripts, versions and routes, row by row. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, Lab, type Reply, RFC_3339 } from "../support/contract-lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const NOBODY = "01890000-0000-7000-8000-000000000000";
const ONE = "export default () => 1;";

async function create(body: Record<string, unknown>): Promise<Reply> {
  const tenant = await lab.tenant();
  return lab.api("POST", "/scripts", { app_id: tenant.id, name: lab.name("s"), ...body });
}

describe("POST /scripts", () => {
  test("answers 201 with the whole resource", async () => {
    const tenant = await lab.tenant();
    const made = await lab.api("POST", "/scripts", {
      app_id: tenant.id,
      name: "A.b_c-1",
      source: ONE,
      description: "d",
      limits: { wall_ms: 5000 },
      access: "public",
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      app_id: tenant.id,
      name: "A.b_c-1",
      version: 1,
      latest_version: 1,
      description: "d",
      access: "public",
      limits: { wall_ms: 5000 },
    });
    const got = await lab.api("GET", `/scripts/${made.body.id}`);
    expect(got.body).toMatchObject({ id: made.body.id, source: ONE });
    const listed = await lab.api("GET", `/scripts?app=${tenant.slug}`);
    expect(listed.body.items).toHaveLength(1);
    expect(listed.body.items[0]).not.toHaveProperty("source");
    expect(listed.body.items[0]).not.toHaveProperty("files");
  });

  test("a taken name is 409 name_taken, in this app only", async () => {
    const tenant = await lab.tenant();
    const other = await lab.tenant();
    const body = { name: "same", source: ONE };
    expect((await lab.api("POST", "/scripts", { app_id: tenant.id, ...body })).status).toBe(201);
    expectProblem(
      await lab.api("POST", "/scripts", { app_id: tenant.id, ...body }),
      409,
      "name_taken",
    );
    expect((await lab.api("POST", "/scripts", { app_id: other.id, ...body })).status).toBe(201);
  });

  test.each(["", "a b", "a/b", "ä", "x".repeat(65), 5, null])(
    "the name %p is 422",
    async (name) => {
      expectProblem(await create({ name, source: ONE }), 422, /./u);
    },
  );

  test.each([
    [{}],
    [{ source: 5 }],
    [{ source: ONE, files: { "main.ts": ONE }, entry: "main.ts" }],
    [{ files: {}, entry: "main.ts" }],
    [{ files: { "main.ts": ONE }, entry: "other.ts" }],
    [{ files: { "../main.ts": ONE }, entry: "../main.ts" }],
    [{ files: { "/etc/x.ts": ONE }, entry: "/etc/x.ts" }],
    [{ files: { "main.ts": 5 }, entry: "main.ts" }],
    [{ source: ONE, access: "secret" }],
    [{ source: ONE, limits: { wall_ms: "5" } }],
    [{ source: ONE, limits: { wall_ms: 0 } }],
    [{ source: ONE, limits: { wall_ms: -1 } }],
    [{ source: ONE, limits: { wall_ms: 1.5 } }],
    [{ source: ONE, instance: "warm" }],
    [{ source: ONE, entry: "x.ts" }],
    [{ source: ONE, app_id: "not-an-id" }],
  ])("with %j is 4xx and no 5xx", async (body) => {
    const reply = await create(body);
    expect(reply.status).toBeOneOf("app_id" in body ? [404, 422] : [422]);
    expectProblem(reply, reply.status, /./u);
  });

  test.each([
    ["wall_ms", 300_001, 300_000],
    ["stream_idle_ms", 3_600_001, 3_600_000],
    ["cpu_ms", 30_001, 30_000],
    ["startup_ms", 10_001, 10_000],
    ["memory_mb", 257, 256],
    ["stack_kb", 1_025, 1_024],
    ["subrequests", 1_001, 1_000],
    ["request_mb", 1_025, 1_024],
    ["response_mb", 1_025, 1_024],
    ["log_lines", 10_001, 10_000],
    ["concurrency", 10_001, 10_000],
  ])("the limit %s has its ceiling", async (field, requested, ceiling) => {
    expectProblem(
      await create({ source: ONE, limits: { [field]: requested } }),
      422,
      "limit_above_ceiling",
      { field, requested, ceiling },
    );
    expect((await create({ source: ONE, limits: { [field]: ceiling } })).status).toBe(201);
  });

  test("an unknown limit is named bare", async () => {
    expectProblem(await create({ source: ONE, limits: { gpu_ms: 5 } }), 422, "unknown_limit", {
      field: "gpu_ms",
    });
    expectProblem(await create({ source: ONE, limits: { memoryMb: 5 } }), 422, "unknown_limit", {
      field: "memoryMb",
    });
  });

  test.each([
    ["const a = 1;\nconst b = ;\n", 2, 11],
    ["export default () => {\n  return 1;\n", 2, undefined],
    ["let x: = 5;", 1, 8],
    ["export default () => {\n\n\n  foo bar;\n};", 4, undefined],
    ["import x from './nope.ts'; export default x;", 1, undefined],
    ["import x from '../../etc/passwd'; export default x;", 1, undefined],
    ["import x from '/etc/passwd' with { type: 'text' }; export default x;", 1, undefined],
    ["import x from 'file:///etc/passwd' with { type: 'text' }; export default x;", 1, undefined],
    ["import x from 'https://127.0.0.1:1/x.ts'; export default x;", 1, undefined],
    ["import x from 'node:nonsense'; export default x;", 1, undefined],
    ["export default await;", 1, undefined],
  ])(
    "the source %j is invalid_source with file, line, column and message",
    async (source, line, column) => {
      const reply = await create({ source });
      expectProblem(reply, 422, "invalid_source", {
        file: "main.ts",
        line,
        column: column ?? expect.any(Number),
        message: expect.any(String),
      });
      expect(reply.body.column).toBeGreaterThan(0);
    },
  );

  test("a syntax error in another file names that file", async () => {
    const reply = await create({
      files: {
        "main.ts": "import './lib/b.ts'; export default () => 1;",
        "lib/b.ts": "\n\nlet 5;",
      },
      entry: "main.ts",
    });
    expectProblem(reply, 422, "invalid_source", { file: "lib/b.ts", line: 3 });
  });

  test.each([
    ["throw new Error('x');"],
    ["throw 5;"],
    ["await Promise.reject(new TypeError('x'));"],
    ["null.x; export default () => 1;"],
    ["export const x = 1;"],
    ["export default 5;"],
    ["export default { x: 1 };"],
    [""],
    ["for (;;) {}"],
    ["await new Promise(() => {}); export default () => 1;"],
    ["const a = []; for (;;) a.push(new Uint8Array(1e6)); export default () => 1;"],
    ["const f = () => f() + 1; f(); export default () => 1;"],
  ])("the module %j is evaluation_failed", async (source) => {
    const reply = await create({ source, limits: { startup_ms: 500 } });
    expectProblem(reply, 422, /^(evaluation_failed|invalid_source)$/u, {
      code: "evaluation_failed",
    });
  });

  test("evaluation_failed tells what was thrown and where", async () => {
    const reply = await create({ source: "const a = 1;\n\nthrow new RangeError('boom here');" });
    expect(reply.body).toMatchObject({ code: "evaluation_failed", file: "main.ts", line: 3 });
    expect(reply.text).toContain("boom here");
  });

  test("startup_ms bounds evaluation and a script within it deploys", async () => {
    const spin = "const end = Date.now() + 300; while (Date.now() < end); export default () => 1;";
    expect((await create({ source: spin, limits: { startup_ms: 50 } })).body).toMatchObject({
      code: "evaluation_failed",
    });
    expect((await create({ source: spin, limits: { startup_ms: 5000 } })).status).toBe(201);
  });

  test("a refused upload leaves nothing", async () => {
    const tenant = await lab.tenant();
    await lab.api("POST", "/scripts", { app_id: tenant.id, name: "x", source: "throw 1" });
    expect((await lab.api("GET", `/scripts?app=${tenant.id}`)).body.items).toEqual([]);
  });

  test("files with an entry, of every loader", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.tsx":
          "import d from './data.json' with { type: 'json' }; import t from './a.txt' with { type: 'text' }; import { b } from './lib/b.js'; import { C } from './c.jsx'; export default () => [d.x, t, b, typeof C];",
        "data.json": '{"x": 7}',
        "a.txt": "hello\n",
        "lib/b.js": "export const b = 'bee';",
        "c.jsx": "export const C = () => null;",
      },
      entry: "main.tsx",
    });
    expect((await lab.ask(host, "/")).body).toEqual([7, "hello\n", "bee", "function"]);
  });

  test("a script of files answers with files and entry, not source", async () => {
    const tenant = await lab.tenant();
    const files = {
      "main.ts": "import { x } from './x.ts'; export default () => x;",
      "x.ts": "export const x = 3;",
    };
    const script = await lab.script(tenant, "", { files, entry: "main.ts" });
    const got = await lab.api("GET", `/scripts/${script.id}`);
    expect(got.body).toMatchObject({ files, entry: "main.ts" });
    const version = await lab.api("GET", `/scripts/${script.id}/versions/1`);
    expect(version.body).toMatchObject({ files, entry: "main.ts" });
  });
});

describe("PUT /scripts and versions", () => {
  test("a version is made when code, limits, instance or access change, and not else", async () => {
    const tenant = await lab.tenant();
    const { id } = await lab.script(tenant, ONE, { name: "first" });
    const put = async (body: object) => {
      const reply = await lab.api("PUT", `/scripts/${id}`, body);
      expect({ body, status: reply.status }).toEqual({ body, status: 200 });
      return [reply.body.version, reply.body.latest_version];
    };
    expect(await put({})).toEqual([1, 1]);
    expect(await put({ source: ONE })).toEqual([1, 1]);
    expect(await put({ description: "new", name: "second" })).toEqual([1, 1]);
    expect(await put({ source: "export default () => 2;" })).toEqual([2, 2]);
    expect(await put({ limits: { wall_ms: 1234 } })).toEqual([3, 3]);
    expect(await put({ limits: { wall_ms: 1234 } })).toEqual([3, 3]);
    expect(await put({ access: "principal" })).toEqual([4, 4]);
    expect(await put({ instance: "reuse" })).toEqual([5, 5]);
    expect(
      await put({ instance: "reuse", access: "principal", source: "export default () => 2;" }),
    ).toEqual([5, 5]);
    const got = await lab.api("GET", `/scripts/${id}`);
    expect(got.body).toMatchObject({
      name: "second",
      description: "new",
      access: "principal",
      instance: "reuse",
      version: 5,
    });
    expectProblem(
      await lab.api("PUT", `/scripts/${id}`, { app_id: tenant.id }),
      422,
      "unknown_field",
      { field: "app_id" },
    );
  });

  test("expected_version must be the live version, also for a later activation", async () => {
    const tenant = await lab.tenant();
    const { id } = await lab.script(tenant, ONE);
    const put = (n: number, expected: unknown) =>
      lab.api("PUT", `/scripts/${id}`, {
        source: `export default () => ${n};`,
        expected_version: expected,
      });
    expect((await put(2, 1)).body.version).toBe(2);
    expectProblem(await put(3, 1), 409, "version_conflict");
    expect((await put(3, 2)).body.version).toBe(3);
    await lab.api("POST", `/scripts/${id}/versions/1:activate`);
    expectProblem(await put(4, 3), 409, "version_conflict");
    expect((await put(4, 1)).body).toMatchObject({ version: 4, latest_version: 4 });
    expectProblem(await put(5, "4"), 422, /./u);
  });

  test("of many writers with one expected_version exactly one wins", async () => {
    const tenant = await lab.tenant();
    const { id } = await lab.script(tenant, ONE);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        lab.api("PUT", `/scripts/${id}`, {
          source: `export default () => ${i + 10};`,
          expected_version: 1,
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      200, 409, 409, 409, 409, 409,
    ]);
  });

  test("PUT errs as POST does, and a refused one changes nothing", async () => {
    const tenant = await lab.tenant();
    const { id } = await lab.script(tenant, ONE);
    await lab.script(tenant, ONE, { name: "other" });
    const put = (body: object) => lab.api("PUT", `/scripts/${id}`, body);
    expectProblem(await put({ name: "other" }), 409, "name_taken");
    expectProblem(await put({ source: "let 5;" }), 422, "invalid_source", {
      file: "main.ts",
      line: 1,
    });
    expectProblem(await put({ source: "throw 5;" }), 422, "evaluation_failed");
    expectProblem(await put({ limits: { memory_mb: 9999 } }), 422, "limit_above_ceiling");
    expectProblem(await put({ limits: { nope: 1 } }), 422, "unknown_limit", { field: "nope" });
    expect((await lab.api("GET", `/scripts/${id}`)).body).toMatchObject({
      version: 1,
      latest_version: 1,
      source: ONE,
    });
  });

  test("versions tell who, when, size, checksum and source, newest first", async () => {
    const tenant = await lab.tenant();
    const { id } = await lab.script(tenant, ONE);
    await lab.api("PUT", `/scripts/${id}`, { source: "export default () => 22;" });
    const list = await lab.api("GET", `/scripts/${id}/versions`);
    expect(list.body.items.map((v: { version: number }) => v.version)).toEqual([2, 1]);
    const me = await lab.api("GET", "/auth/me");
    const one = await lab.api("GET", `/scripts/${id}/versions/1`);
    expect(one.body).toMatchObject({
      version: 1,
      source: ONE,
      created_at: expect.stringMatching(RFC_3339),
    });
    expect(one.text).toContain(me.body.id);
    expect(one.body.size ?? one.body.size_bytes).toBeGreaterThan(0);
    expect(one.body.checksum).toBeString();
    const two = await lab.api("GET", `/scripts/${id}/versions/2`);
    expect(two.body.checksum).not.toBe(one.body.checksum);
    for (const bad of ["0", "3", "-1", "1.5", "x", "99999999999999999999"])
      expect({
        bad,
        status: (await lab.api("GET", `/scripts/${id}/versions/${bad}`)).status,
      }).toEqual({ bad, status: 404 });
  });

  test("activate makes a version live at once, and only one that is there", async () => {
    const { host, script } = await lab.deploy(ONE);
    await lab.api("PUT", `/scripts/${script.id}`, { source: "export default () => 2;" });
    for (const n of [1, 2, 1]) {
      const reply = await lab.api("POST", `/scripts/${script.id}/versions/${n}:activate`);
      expect({ status: reply.status, body: reply.body }).toMatchObject({
        status: 200,
        body: { version: n, latest_version: 2, id: script.id },
      });
      expect((await lab.ask(host, "/")).body).toBe(n);
    }
    for (const bad of ["3", "0", "x"])
      expectProblem(
        await lab.api("POST", `/scripts/${script.id}/versions/${bad}:activate`),
        404,
        /./u,
      );
    const third = await lab.api("PUT", `/scripts/${script.id}`, {
      source: "export default () => 3;",
    });
    expect(third.body).toMatchObject({ version: 3, latest_version: 3 });
    expect((await lab.ask(host, "/")).body).toBe(3);
  });

  test("every PUT is live with its answer, under load of readers", async () => {
    const { host, script } = await lab.deploy("export default () => 0;");
    for (let n = 1; n <= 8; n++) {
      await lab.api("PUT", `/scripts/${script.id}`, { source: `export default () => ${n};` });
      expect((await lab.ask(host, "/")).body).toBe(n);
    }
  });

  test("a deleted script is gone with its routes", async () => {
    const { host, slug, script } = await lab.deploy(ONE);
    expect((await lab.api("DELETE", `/scripts/${script.id}`)).status).toBe(204);
    expect((await lab.ask(host, "/")).status).toBe(404);
    expect((await lab.raw("GET", `/api/v1/execute/${script.id}`)).status).toBe(404);
    expectProblem(await lab.api("GET", `/scripts/${script.id}`), 404, /./u);
    expectProblem(await lab.api("DELETE", `/scripts/${script.id}`), 404, /./u);
    expect((await lab.api("DELETE", `/apps/${slug}`)).status).toBeOneOf([204, 409]);
  });
});

describe("routes", () => {
  test("kinds are inferred from the path and the host", async () => {
    const { host, slug, script } = await lab.deploy(ONE, "/base");
    await lab.api("POST", `/apps/${slug}/domains`, { host: `*.${host}` });
    const make = async (body: object) => {
      const reply = await lab.api("POST", `/scripts/${script.id}/routes`, body);
      expect({ body, status: reply.status }).toEqual({ body, status: 201 });
      return reply.body;
    };
    expect(await make({ path: "/a" })).toMatchObject({
      path: "/a",
      path_kind: "exact",
      host_kind: "any",
      method: "*",
    });
    expect(await make({ path: "/u/:id", method: "GET" })).toMatchObject({
      path_kind: "param",
      method: "GET",
    });
    expect(await make({ path: "/p/*" })).toMatchObject({ path_kind: "prefix" });
    expect(await make({ path: "/*" })).toMatchObject({ path_kind: "prefix" });
    expect(await make({ path: "/", host })).toMatchObject({
      path_kind: "exact",
      host_kind: "strict",
      host,
    });
    expect(await make({ path: "/", host: `*.${host}`, host_param_name: "sub" })).toMatchObject({
      host_kind: "wildcard",
      host: `*.${host}`,
      host_param_name: "sub",
    });
    const list = await lab.api("GET", `/scripts/${script.id}/routes`);
    expect(list.body.items).toHaveLength(7);
  });

  test.each([
    "",
    "a",
    "a/b",
    "/a/*/b",
    "/*a",
    "/a*",
    "/a:b",
    "/:",
    "/:id/:id",
    "/{name}",
    "/a/{x}",
    "//a",
    "/a//b",
    "/a?x",
    "/a#x",
    "/a b",
    "/../a",
    "/a/./b",
    "/%2e%2e/a",
    "/%zz",
    "/:1a/**",
    "/a\\b",
    "/a\u0000",
    "/api",
    "/api/",
    "/api/x",
    "/api/*",
    "/API/x",
    "/admin",
    "/admin/x",
    "/healthz",
    "/readyz",
    "/version",
    "/metrics",
    "/.well-known/acme-challenge/x",
    "/.well-known/acme-challenge/*",
    "/%61pi/x",
    "/a/../api",
    "/./metrics",
  ])("the path %p is 422 invalid_path with the reason", async (path) => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, ONE);
    const reply = await lab.api("POST", `/scripts/${script.id}/routes`, { path });
    if (path === "/API/x" && reply.status === 201) return;
    expectProblem(reply, 422, "invalid_path");
    expect(reply.body.detail.length).toBeGreaterThan(10);
  });

  test("hosts must be claimed by the app", async () => {
    const tenant = await lab.tenant();
    const other = await lab.tenant();
    const script = await lab.script(tenant, ONE);
    const post = (body: object) =>
      lab.api("POST", `/scripts/${script.id}/routes`, { path: "/", ...body });
    expectProblem(await post({ host: other.host }), 422, "host_not_claimed");
    expectProblem(await post({ host: "never.example.net" }), 422, "host_not_claimed");
    expectProblem(await post({ host: `*.${tenant.host}` }), 422, "host_not_claimed");
    expect((await post({ host: tenant.host.toUpperCase() })).status).toBe(201);
    expectProblem(await post({ method: "GET POST" }), 422, /./u);
    expectProblem(await post({ method: "" }), 422, /./u);
    expectProblem(await post({ path_kind: "glob" }), 422, /./u);
    expectProblem(await post({ host_kind: "regex" }), 422, /./u);
    expectProblem(await post({ path: "/q", path_kind: "prefix" }), 422, /./u);
  });

  test("conflicts name the other route; what never meets does not conflict", async () => {
    const tenant = await lab.tenant();
    const script = await lab.script(tenant, ONE);
    const post = (path: string, method?: string) =>
      lab.api("POST", `/scripts/${script.id}/routes`, { path, ...(method ? { method } : {}) });
    const first = await post("/users/:id", "GET");
    expect(first.status).toBe(201);
    for (const path of ["/users/:name", "/:x/me"])
      expectProblem(await post(path, "GET"), 409, "route_conflict", {
        conflicting_route: expect.objectContaining({ id: first.body.id, path: "/users/:id" }),
      });
    for (const [path, method] of [
      ["/users/:id", "POST"],
      ["/users/:id", "*"],
      ["/users/me", "GET"],
      ["/users/*", "GET"],
      ["/users/:id/x", "GET"],
      ["/shops/:id", "GET"],
    ] as const)
      expect({ path, method, status: (await post(path, method)).status }).toEqual({
        path,
        method,
        status: 201,
      });
    expectProblem(await post("/users/me", "GET"), 409, "route_conflict");
    expectProblem(await post("/users/*", "GET"), 409, "route_conflict");
    expect((await post("/users/deep/*", "GET")).status).toBe(201);
  });

  test("routes:check says ok or names the route in the way", async () => {
    const { id, host, slug, script } = await lab.deploy(ONE, "/a/:b");
    const check = (body: object) =>
      lab.api("POST", "/routes:check", { app_id: id, method: "*", path: "/a/:c", ...body });
    const conflict = await check({});
    expect({ status: conflict.status, body: conflict.body }).toMatchObject({
      status: 200,
      body: { ok: false, conflicting_route: { path: "/a/:b", script_id: script.id } },
    });
    expect((await check({ path: "/b" })).body).toEqual({ ok: true });
    expect((await check({ method: "GET" })).body).toEqual({ ok: true });
    expect((await check({ host })).body).toEqual({ ok: true });
    expectProblem(await check({ path: "x" }), 422, "invalid_path");
    expectProblem(await check({ host: "never.example.net" }), 422, "host_not_claimed");
    expect((await check({ app_id: slug })).status).toBeOneOf([200, 422, 404]);
    expect((await lab.api("GET", `/scripts/${script.id}/routes`)).body.items).toHaveLength(1);
  });

  test("routes:match tells app, route, script, params and rest, with and without app_id", async () => {
    const { id, slug, host, script } = await lab.deploy(ONE, "/a/:b");
    await lab.api("POST", `/scripts/${script.id}/routes`, { path: "/p/*" });
    for (const more of [{}, { app_id: id }]) {
      const match = (method: string, url: string) =>
        lab.api("POST", "/routes:match", { method, url, ...more });
      const hit = await match("GET", `http://${host}/a/x%20y?q=1`);
      expect(hit.status).toBe(200);
      expect(hit.body).toMatchObject({
        matched: true,
        app: { id, slug },
        script: { id: script.id, name: script["name"] },
        route: { path: "/a/:b" },
        params: { b: "x y" },
      });
      expect((await match("POST", `http://${host}/p/x/y`)).body).toMatchObject({
        matched: true,
        rest: "x/y",
        params: {},
      });
      expect((await match("GET", `http://${host}/nothing`)).body).toMatchObject({ matched: false });
      const nowhere = await match("GET", "http://nobody.example.net/");
      expect(nowhere.body).toMatchObject({ matched: false });
      expectProblem(await match("GET", "not a url"), 422, /./u);
    }
  });

  test("a deleted route answers no more with its 204", async () => {
    const { host, script } = await lab.deploy(ONE, "/x");
    const { body } = await lab.api("GET", `/scripts/${script.id}/routes`);
    expect((await lab.ask(host, "/x")).status).toBe(200);
    expect((await lab.api("DELETE", `/routes/${body.items[0].id}`)).status).toBe(204);
    expect((await lab.ask(host, "/x")).status).toBe(404);
    expectProblem(await lab.api("DELETE", `/routes/${body.items[0].id}`), 404, /./u);
    expectProblem(await lab.api("DELETE", `/routes/${NOBODY}`), 404, /./u);
  });
});
