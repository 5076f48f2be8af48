import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually, type Instance, startInstance } from "../support/instance.ts";

let cloud: Instance;
beforeAll(async () => {
  cloud = await startInstance();
}, 90_000);
afterAll(() => cloud.dispose());

interface Row {
  id: string;
  [field: string]: unknown;
}

let made = 0;
/** An app of the test's own, with a host; gives its id and host. */
async function newApp(): Promise<{ id: string; host: string; slug: string }> {
  const slug = `app-${++made}`;
  const app = await cloud.api<Row>("POST", "/apps", { slug, name: slug });
  expect(app.status).toBe(201);
  const host = `${slug}.example.com`;
  expect((await cloud.api("POST", `/apps/${slug}/domains`, { host })).status).toBe(201);
  return { id: app.body.id, host, slug };
}

async function newScript(
  appId: string,
  source: string,
  more: Record<string, unknown> = {},
): Promise<Row> {
  const script = await cloud.api<Row>("POST", "/scripts", {
    app_id: appId,
    name: `s${++made}`,
    source,
    ...more,
  });
  expect({ status: script.status, body: script.status === 201 ? null : script.body }).toEqual({
    status: 201,
    body: null,
  });
  return script.body;
}

async function deploy(source: string, path = "/", more: Record<string, unknown> = {}) {
  const app = await newApp();
  const script = await newScript(app.id, source, more);
  const route = await cloud.api("POST", `/scripts/${script.id}/routes`, { path });
  expect(route.status).toBe(201);
  return { ...app, script };
}

const lastRecord = (scriptId: string): Promise<Record<string, unknown>> =>
  eventually(async () => {
    const { body } = await cloud.api<{ items: Record<string, unknown>[] }>(
      "GET",
      `/scripts/${scriptId}/logs?limit=1`,
    );
    return body.items[0];
  });

describe("a fresh install", () => {
  test("answers /hello on localhost", async () => {
    const response = await cloud.ask("localhost", "/hello");
    expect(response.status).toBe(200);
    expect((await response.text()).toLowerCase()).toContain("hello");
  });

  test("is healthy, ready and tells its versions", async () => {
    expect(await (await fetch(`${cloud.url}/healthz`)).text()).toBe("ok");
    expect(await (await fetch(`${cloud.url}/readyz`)).json()).toEqual({
      database: "ok",
      executor: "ok",
      migrations: "ok",
    });
    const version = (await (await fetch(`${cloud.url}/version`)).json()) as object;
    expect(Object.keys(version).sort()).toEqual([
      "api",
      "product",
      "public_base_url",
      "schema",
      "sdk",
      "wire",
    ]);
  });

  test("opens no admin call to a stranger", async () => {
    for (const path of ["/apps", "/scripts", "/users", "/audit", "/auth/me"]) {
      expect((await fetch(`${cloud.url}/api/v1/admin${path}`)).status).toBe(401);
    }
  });
});

describe("upload a script, get an endpoint", () => {
  test("a route with a parameter answers on the claimed host, and the record has its logs", async () => {
    const { host, script } = await deploy(
      `Deno.serve((request: Request, info) => {
        console.log("greeting", info.params.name, { n: 1 });
        return Response.json({ hello: info.params.name, path: new URL(request.url).pathname });
      });`,
      "/greet/:name",
    );
    const response = await cloud.ask(host, "/greet/anna?x=1");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ hello: "anna", path: "/greet/anna" });
    const record = await lastRecord(script.id);
    expect(record).toMatchObject({
      outcome: "completed",
      status: 200,
      method: "GET",
      version: 1,
      invocation_type: "http",
    });
    expect(record["logs"]).toMatchObject([
      { level: "info", message: "greeting", data: ["anna", { n: 1 }] },
    ]);
  });

  test("execute by id runs it without a domain", async () => {
    const app = await newApp();
    const script = await newScript(
      app.id,
      "export default { fetch: (request) => new Response(new URL(request.url).pathname + new URL(request.url).search) };",
    );
    const response = await fetch(`${cloud.url}/api/v1/execute/${script.id}/a/b?c=d`);
    expect(await response.text()).toBe("/a/b?c=d");
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
  });

  test("a new version is live with the answer to its upload, and an old one can be activated", async () => {
    const { host, script } = await deploy("export default () => 1;");
    const put = await cloud.api<Row>("PUT", `/scripts/${script.id}`, {
      source: "export default () => 2;",
    });
    expect(put.body).toMatchObject({ version: 2, latest_version: 2 });
    expect(await (await cloud.ask(host, "/")).json()).toBe(2);
    const back = await cloud.api<Row>("POST", `/scripts/${script.id}/versions/1:activate`);
    expect(back.body).toMatchObject({ version: 1, latest_version: 2 });
    expect(await (await cloud.ask(host, "/")).json()).toBe(1);
  });

  test("nothing of one request is left for the next", async () => {
    const { host } = await deploy(
      "let count = 0; globalThis.seen ??= []; export default () => { seen.push(1); Array.prototype.leak = 1; return [++count, seen.length]; };",
    );
    for (let i = 0; i < 5; i++) expect(await (await cloud.ask(host, "/")).json()).toEqual([1, 1]);
  });
});

describe("bad input", () => {
  test("a syntax error is 422 with file, line and column", async () => {
    const app = await newApp();
    const answer = await cloud.api("POST", "/scripts", {
      app_id: app.id,
      name: "x",
      source: "const a = 1;\nconst b = ;\n",
    });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: "invalid_source",
      file: "main.ts",
      line: 2,
      column: 11,
    });
  });

  test("a module that throws is 422 evaluation_failed", async () => {
    const app = await newApp();
    const answer = await cloud.api("POST", "/scripts", {
      app_id: app.id,
      name: "x",
      source: "throw new Error('no good');",
    });
    expect(answer).toMatchObject({ status: 422, body: { code: "evaluation_failed" } });
  });

  test("an unknown field is named", async () => {
    const answer = await cloud.api("POST", "/apps", { slug: "a", name: "a", nonsense: 1 });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: "unknown_field", field: "nonsense" },
    });
  });

  test("a host that nobody claims is a 404 that says so", async () => {
    const response = await cloud.ask("nobody.example.net", "/");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      status: 404,
      detail: expect.stringMatching(/host/i),
    });
  });

  test("a body over the limit is 413 before it is read", async () => {
    const { host } = await deploy(
      "export default { fetch: async (r) => new Response(String((await r.text()).length)) };",
      "/",
      {
        limits: { request_mb: 1 },
      },
    );
    const response = await cloud.ask(host, "/", {
      method: "POST",
      body: new Uint8Array(1_200_000),
    });
    expect(response.status).toBe(413);
    expect(await (await cloud.ask(host, "/", { method: "POST", body: "abc" })).text()).toBe("3");
  });
});

describe("scripts that misbehave", () => {
  const serve = (body: string): string =>
    `export default { fetch(request) { if (request.url.endsWith("/ok")) return new Response("ok"); ${body} } };`;

  test.each([
    ["loops for ever", "for (;;) {}", { limits: { cpu_ms: 50 } }, "cpu_exceeded", 507],
    [
      "loops in a native builtin",
      "const a = []; a.length = 2 ** 32 - 2; return a.indexOf(5);",
      { limits: { cpu_ms: 50 } },
      "cpu_exceeded",
      507,
    ],
    ["recurses for ever", "const f = () => f() + 1; return f();", {}, "threw", 502],
    [
      "allocates for ever",
      "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));",
      { limits: { memory_mb: 32, cpu_ms: 5000 } },
      "memory_exceeded",
      507,
    ],
    ["throws a non-Error", "throw 42;", {}, "threw", 502],
    ["rejects", "return Promise.reject(new TypeError('later'));", {}, "threw", 502],
    ["returns nothing", "", {}, "invalid_response", 502],
    ["returns a symbol", "return Symbol('x');", {}, "invalid_response", 502],
    [
      "waits for ever",
      "return new Promise(() => setTimeout(() => {}, 1e9));",
      { limits: { wall_ms: 200 } },
      "timed_out",
      504,
    ],
  ] as const)(
    "one that %s gets its outcome, and the next request works",
    async (_name, body, more, outcome, status) => {
      const { host, script } = await deploy(serve(body), "/*", more);
      const response = await cloud.ask(host, "/bad");
      expect({ status: response.status, side: response.headers.get("x-picloud-error") }).toEqual({
        status,
        side: "script",
      });
      expect(await lastRecord(script.id)).toMatchObject({ outcome, status });
      expect(await (await cloud.ask(host, "/ok")).text()).toBe("ok");
    },
  );

  test("a number is a plain value: 200 JSON", async () => {
    const { host } = await deploy("export default () => 42;");
    expect(await (await cloud.ask(host, "/")).json()).toBe(42);
  });

  test("what a script throws is in the record and not in the answer", async () => {
    const { host, script } = await deploy(
      "export default () => { throw new Error('secret detail'); };",
    );
    expect(await (await cloud.ask(host, "/")).text()).not.toContain("secret detail");
    expect(await lastRecord(script.id)).toMatchObject({ error: { message: "secret detail" } });
  });
});

describe("outgoing requests", () => {
  const asking = (target: string): string =>
    `export default { async fetch() { try { const r = await fetch(${JSON.stringify(target)}, { headers: { "x-from": "script" } }); return Response.json({ status: r.status, body: await r.text() }); } catch (error) { return Response.json({ name: error.name, message: error.message }); } } };`;

  test("to a claimed host are answered inside, and count as one chain", async () => {
    const inner = await deploy(
      `export default (request, info) => ({ from: request.headers.get("x-from"), url: request.url, depth: info.execution.triggerDepth, root: info.execution.rootExecutionId });`,
      "/*",
    );
    const outer = await deploy(asking(`http://${inner.host}/a?b=c`));
    const { status, body } = (await (await cloud.ask(outer.host, "/")).json()) as {
      status: number;
      body: string;
    };
    const record = await lastRecord(outer.script.id);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      from: "script",
      url: `http://${inner.host}/a?b=c`,
      depth: 1,
      root: record["id"],
    });
  });

  test.each([
    "http://127.0.0.1:1/",
    "http://localhost.example.invalid/",
    "http://169.254.169.254/latest/",
    "http://[::ffff:10.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
  ])("to %s are refused with a TypeError", async (target) => {
    const { host } = await deploy(asking(target));
    expect(await (await cloud.ask(host, "/")).json()).toMatchObject({ name: "TypeError" });
  });

  test("reach neither the control plane nor execute through a claimed host", async () => {
    const { host } = await deploy(asking("http://localhost/api/v1/admin/apps"));
    const { status } = (await (await cloud.ask(host, "/")).json()) as { status: number };
    expect(status).toBe(404);
  });

  test("to a private address work once instance and app allow it", async () => {
    const target = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("private"),
    });
    try {
      const { host, slug } = await deploy(asking(`http://127.0.0.1:${target.port}/`));
      const rules = { allow: ["127.0.0.1"], deny: [] };
      expect((await cloud.api("PUT", `/apps/${slug}/egress`, rules)).status).toBe(200);
      expect(await (await cloud.ask(host, "/")).json()).toMatchObject({ name: "TypeError" });
      expect((await cloud.api("PATCH", "/settings", { egress: rules })).status).toBe(200);
      expect(await (await cloud.ask(host, "/")).json()).toEqual({ status: 200, body: "private" });
      await cloud.api("PATCH", "/settings", { egress: { allow: [], deny: [] } });
    } finally {
      await target.stop(true);
    }
  });
});
