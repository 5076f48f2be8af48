/** Running scripts over HTTP: execute, access, records, the stream of records, metrics, reserved paths, methods. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, Lab, type Reply, RFC_3339, UUID_V7 } from "../support/contract-lab.ts";
import { eventually } from "../support/instance.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const NOBODY = "01890000-0000-7000-8000-000000000000";
const ECHO =
  "export default { async fetch(req) { const u = new URL(req.url); return Response.json({ method: req.method, path: u.pathname, search: u.search, body: await req.text() }); } };";
const execute = (id: string, rest = "", init: RequestInit = {}): Promise<Reply> =>
  lab.raw(init.method ?? "GET", `/api/v1/execute/${id}${rest}`, init);

describe("execute", () => {
  test("passes path, query, method and body on; / without a path", async () => {
    const script = await lab.script(await lab.tenant(), ECHO);
    for (const [rest, path, search] of [
      ["", "/", ""],
      ["/", "/", ""],
      ["?a=b", "/", "?a=b"],
      ["/x/y%20z?q=1&q=2", "/x/y%20z", "?q=1&q=2"],
      ["/a//b", "/a//b", ""],
      ["/api/v1/admin/apps", "/api/v1/admin/apps", ""],
      ["/healthz", "/healthz", ""],
    ] as const)
      expect({ rest, ...(await execute(script.id, rest)).body }).toMatchObject({
        rest,
        path,
        search,
      });
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
      const reply = await execute(script.id, "/m", {
        method,
        ...(method === "OPTIONS" ? {} : { body: "bb" }),
      });
      expect(reply.body).toMatchObject({ method, path: "/m" });
    }
    const head = await execute(script.id, "", { method: "HEAD" });
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: "" });
  });

  test("an unknown, malformed or missing id is a 404 problem", async () => {
    for (const id of [NOBODY, "x", "%00", ""]) expectProblem(await execute(id), 404, /./u);
    expectProblem(await lab.raw("GET", "/api/v1/execute"), 404, /./u);
  });

  test("an answer carries the sandbox policy and may not set what is the platform's", async () => {
    const script = await lab.script(
      await lab.tenant(),
      `export default () => new Response("<script>1</script>", { headers: [["content-type", "text/html"], ["content-security-policy", "default-src *"], ["set-cookie", "picloud_session=stolen; Path=/api/v1"], ["set-cookie", "mine=1"], ["service-worker-allowed", "/"], ["clear-site-data", "*"], ["strict-transport-security", "max-age=1"], ["alt-svc", "x"], ["x-own", "1"]] });`,
    );
    const reply = await execute(script.id);
    expect(reply.headers.get("content-security-policy")).toContain(
      "sandbox allow-scripts allow-forms",
    );
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    expect(reply.headers.get("x-own")).toBe("1");
    for (const name of [
      "service-worker-allowed",
      "clear-site-data",
      "strict-transport-security",
      "alt-svc",
    ])
      expect({ name, value: reply.headers.get(name) }).toEqual({ name, value: null });
  });

  test("platform credentials never reach a script", async () => {
    const script = await lab.script(
      await lab.tenant(),
      "export default (req) => Object.fromEntries(req.headers);",
    );
    for (const authorization of [
      `Bearer ${lab.owner}`,
      "Bearer pcs_dead",
      "Bearer pic_dead",
      "bearer  pcs_x",
      "Bearer PCS_x",
    ]) {
      const { body } = await execute(script.id, "", { headers: { authorization } });
      expect({ authorization, seen: body.authorization }).toEqual({
        authorization,
        seen: authorization.includes("PCS") ? body.authorization : undefined,
      });
    }
    expect(
      (await execute(script.id, "", { headers: { authorization: "Bearer own-token" } })).body
        .authorization,
    ).toBe("Bearer own-token");
    const login = await lab.raw("POST", "/api/v1/admin/auth/login", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "owner", password: "correct horse battery" }),
    });
    const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect(
      (await execute(script.id, "", { headers: { cookie: `a=1; ${cookie}; b=2` } })).body.cookie,
    ).toBe("a=1; b=2");
  });
});

describe("access", () => {
  test("principal: 401 without a caller, 403 without the capability, 200 with the caller in info", async () => {
    const { id, slug, host, script } = await lab.deploy(
      "export default (req, info) => info.principal;",
      "/*",
      { access: "principal" },
    );
    const viewer = await lab.member({ id, slug, host }, "viewer");
    const stranger = await lab.person();
    const bound = await lab.api("POST", "/api-keys", { name: "k", scopes: ["log:read"] });
    for (const go of [
      (init: RequestInit) => lab.ask(host, "/", init),
      (init: RequestInit) => execute(script.id, "", init),
    ]) {
      const as = (token: string) => go({ headers: { authorization: `Bearer ${token}` } });
      expectProblem(await go({}), 401, /./u);
      expectProblem(await as("pcs_dead"), 401, /./u);
      expect((await as(stranger.token)).status).toBe(403);
      expect((await as(bound.body.raw_token)).status).toBe(403);
      const ok = await as(viewer.token);
      expect({ status: ok.status, body: ok.body }).toMatchObject({
        status: 200,
        body: { id: viewer.id, username: viewer.username, kind: expect.any(String) },
      });
      expect(ok.body).toHaveProperty("role");
    }
  });

  test("public: principal is null without a valid credential, and the caller with one", async () => {
    const { host, script } = await lab.deploy(
      "export default (req, info) => ({ p: info.principal });",
    );
    expect((await lab.ask(host, "/")).body).toEqual({ p: null });
    expect(
      (await lab.ask(host, "/", { headers: { authorization: "Bearer pcs_dead" } })).body,
    ).toEqual({ p: null });
    expect(
      (await lab.ask(host, "/", { headers: { authorization: `Bearer ${lab.owner}` } })).body.p,
    ).toMatchObject({ username: "owner" });
    expect((await lab.record(script.id, 3))["principal"]).toMatchObject({ username: "owner" });
  });

  test("internal: 404 over HTTP, for anyone, as if it were not there", async () => {
    const { host, script } = await lab.deploy("export default () => 1;", "/*", {
      access: "internal",
    });
    const hidden = await execute(script.id, "", {
      headers: { authorization: `Bearer ${lab.owner}` },
    });
    expectProblem(hidden, 404, /./u);
    const unknown = await execute(NOBODY);
    expect({ ...hidden.body, request_id: "" }).toEqual({ ...unknown.body, request_id: "" });
    expect((await lab.ask(host, "/")).status).toBe(404);
  });
});

describe("records", () => {
  test("have all their fields, within a second", async () => {
    const { id, host, script } = await lab.deploy(
      `export default { async fetch(req) { await req.text(); console.log("m", 1); return new Response("out", { status: 201, headers: { "x-a": "b", "set-cookie": "s=hush" } }); } };`,
    );
    await lab.ask(host, "/p?q=1", {
      method: "POST",
      body: "in",
      headers: {
        "x-in": "y",
        authorization: "Bearer hush-hush",
        cookie: "c=hush",
        "x-api-key": "hush",
      },
    });
    const record = await eventually(
      async () => (await lab.api("GET", `/scripts/${script.id}/logs`)).body.items[0],
      1_000,
    );
    expect(Object.keys(record)).toEqual(
      expect.arrayContaining([
        "id",
        "script_id",
        "version",
        "invocation_type",
        "outcome",
        "status",
        "method",
        "path",
        "started_at",
        "duration_ms",
        "cpu_ms",
        "memory_peak_bytes",
        "principal",
        "root_execution_id",
        "trigger_depth",
        "request",
        "response",
        "error",
        "logs",
      ]),
    );
    expect(record).toMatchObject({
      script_id: script.id,
      version: 1,
      invocation_type: "http",
      outcome: "completed",
      status: 201,
      method: "POST",
      started_at: expect.stringMatching(RFC_3339),
      root_execution_id: record.id,
      trigger_depth: 0,
      error: null,
    });
    expect(record.path).toStartWith("/p");
    expect(record.id).toMatch(UUID_V7);
    expect(record.duration_ms).toBeGreaterThan(0);
    expect(record.cpu_ms).toBeGreaterThan(0);
    expect(record.memory_peak_bytes).toBeGreaterThan(0);
    expect(record.logs[0].at).toMatch(RFC_3339);
    expect(JSON.stringify(record)).not.toContain("hush");
    const app = await lab.api("GET", `/apps/${id}/logs`);
    expect(app.body.items).toEqual([record]);
  });

  test("a console call's first argument is message, the rest data", async () => {
    const { host, script } = await lab.deploy(`export default () => {
      console.log(); console.log("only"); console.info("one", 1); console.warn("two", 1, { a: [2] }); console.error("err", null);
      console.debug("obj", { a: 1 }); console.log({ first: "object" }, "x"); console.log(42); console.log("s", undefined); console.log("n", 1n, new Error("boom"), new Map([[1, 2]]), Symbol("y"), () => 1, NaN, new Date(0));
      const loop = {}; loop.self = loop; console.log("loop", loop); console.log("%s is %d", "a", 5); console.trace("t"); console.assert(false, "assert"); console.table([1]); console.dir({ a: 1 }); console.count(); console.time("a"); console.timeEnd("a"); console.group("g"); console.groupEnd();
      return 1; };`);
    expect((await lab.ask(host, "/")).status).toBe(200);
    const { logs } = (await lab.record(script.id)) as unknown as {
      logs: { level: string; message: string; data: unknown }[];
    };
    const find = (message: string) => logs.find((line) => line.message === message);
    expect(find("only")).toMatchObject({ level: "info" });
    expect(find("only")?.data ?? null).toBeNull();
    expect(find("one")).toMatchObject({ level: "info", data: 1 });
    expect(find("two")).toMatchObject({ level: "warn", data: [1, { a: [2] }] });
    expect(find("err")).toMatchObject({ level: "error" });
    expect(find("obj")).toMatchObject({ level: "debug", data: { a: 1 } });
    expect(find("42")).toBeDefined();
    expect(find("n")).toBeDefined();
    expect(find("loop")).toBeDefined();
  });

  test("log.* of picloud has five levels, a message and data", async () => {
    const { host, script } = await lab.deploy(
      `import { log } from "picloud"; export default () => { for (const level of ["trace", "debug", "info", "warn", "error"]) log[level]("m-" + level, { level }); log.info("alone"); return 1; };`,
    );
    await lab.ask(host, "/");
    const { logs } = (await lab.record(script.id)) as unknown as { logs: unknown[] };
    expect(logs).toMatchObject(
      ["trace", "debug", "info", "warn", "error"]
        .map((level) => ({ level, message: `m-${level}`, data: { level } }))
        .concat([{ level: "info", message: "alone" } as never]),
    );
  });

  test("filters: outcome, since, until, root_execution_id; pages newest first; nonsense is 422", async () => {
    const { id, host, script } = await lab.deploy(
      `export default (req) => { console.log(req.url); if (req.url.includes("bad")) throw new Error("x"); return 1; };`,
    );
    for (const path of ["/1", "/bad", "/3"]) await lab.ask(host, path);
    await lab.record(script.id, 3);
    const get = async (query: string) => (await lab.api("GET", `/apps/${id}/logs?${query}`)).body;
    const paths = (body: { items: { path: string }[] }) => body.items.map(({ path }) => path);
    const all = await get("");
    expect(paths(all)).toEqual(["/3", "/bad", "/1"]);
    expect(paths(await get("outcome=threw"))).toEqual(["/bad"]);
    expect(paths(await get("outcome=completed"))).toEqual(["/3", "/1"]);
    const middle = all.items[1];
    expect(paths(await get(`since=${encodeURIComponent(middle.started_at)}`))).toEqual([
      "/3",
      "/bad",
    ]);
    expect(paths(await get(`until=${encodeURIComponent(middle.started_at)}`))).not.toContain("/3");
    expect(paths(await get("since=2020-01-01T00:00:00Z"))).toHaveLength(3);
    expect(paths(await get("since=2020-01-01T02:00:00%2B02:00"))).toHaveLength(3);
    expect(paths(await get("until=2020-01-01T00:00:00Z"))).toHaveLength(0);
    expect(paths(await get(`root_execution_id=${middle.id}`))).toEqual(["/bad"]);
    expect(paths(await get(`root_execution_id=${NOBODY}`))).toEqual([]);
    const first = await get("limit=2");
    expect(paths(first)).toEqual(["/3", "/bad"]);
    expect(paths(await get(`limit=2&cursor=${first.next_cursor}`))).toEqual(["/1"]);
    for (const query of [
      "outcome=nonsense",
      "since=yesterday",
      "until=1",
      "root_execution_id=x",
      "since=2020-13-01T00:00:00Z",
    ])
      expect({ query, status: (await lab.api("GET", `/apps/${id}/logs?${query}`)).status }).toEqual(
        { query, status: 422 },
      );
  });

  test.each([
    ["throw new Error('e')", "threw", 502],
    ["return undefined", "invalid_response", 502],
    ["return { statusCode: 700 }", "invalid_response", 502],
    ["for (;;);", "cpu_exceeded", 507],
    ["return new Promise(() => setTimeout(() => {}, 1e6))", "timed_out", 504],
    ["return new Promise(() => {})", /./u, /50[24]/u],
  ] as const)(
    "the failure %j is seen from outside and in the record",
    async (body, outcome, status) => {
      const { host, script } = await lab.deploy(`export default () => { ${body} };`, "/*", {
        limits: { cpu_ms: 60, wall_ms: 300 },
      });
      const reply = await lab.ask(host, "/");
      expect(String(reply.status)).toMatch(typeof status === "number" ? String(status) : status);
      expect(reply.headers.get("x-picloud-error")).toBe("script");
      expect(reply.headers.get("x-request-id")).toBeTruthy();
      const record = await lab.record(script.id);
      expect(record).toMatchObject({
        outcome: typeof outcome === "string" ? outcome : expect.any(String),
        status: reply.status,
      });
      expect(record["error"]).toBeTruthy();
    },
  );

  test("a platform error says so, and a script's own 5xx says nothing", async () => {
    const missing = await lab.ask("nobody.example.net", "/");
    expect(missing.headers.get("x-picloud-error")).toBe("platform");
    const own = await lab.run("export default () => new Response('x', { status: 502 });");
    expect({ status: own.status, side: own.headers.get("x-picloud-error") }).toEqual({
      status: 502,
      side: null,
    });
    const forged = await lab.run(
      "export default () => new Response('x', { headers: { 'x-picloud-error': 'platform' } });",
    );
    expect(forged.headers.get("x-picloud-error")).toBeNull();
  });
});

describe("the stream of records", () => {
  async function* events(path: string, headers: Record<string, string>, signal: AbortSignal) {
    const response = await fetch(`${lab.cloud.url}/api/v1/admin${path}`, { headers, signal });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      for (let at = text.indexOf("\n\n"); at >= 0; at = text.indexOf("\n\n")) {
        const lines = text.slice(0, at).split("\n");
        text = text.slice(at + 2);
        const field = (name: string) =>
          lines
            .find((line) => line.startsWith(`${name}:`))
            ?.slice(name.length + 1)
            .trim();
        const data = field("data");
        if (data) yield { id: field("id"), record: JSON.parse(data) as Record<string, unknown> };
      }
    }
  }

  test("gives one execution each, and Last-Event-ID goes on after it", async () => {
    const { id, host, script } = await lab.deploy(
      "export default (req) => { console.log('x'); return 1; };",
    );
    const stop = new AbortController();
    const stream = events(
      `/apps/${id}/logs:stream`,
      { authorization: `Bearer ${lab.owner}` },
      stop.signal,
    );
    const next = stream.next();
    await Bun.sleep(200);
    await lab.ask(host, "/a");
    const first = await next;
    if (first.done) throw new Error("The stream ended");
    expect(first.value.record).toMatchObject({
      path: "/a",
      script_id: script.id,
      outcome: "completed",
      logs: [{ message: "x" }],
    });
    expect(first.value.id).toBeTruthy();
    stop.abort();
    await stream.return(undefined).catch(() => {});
    await lab.ask(host, "/b");
    await lab.ask(host, "/c");
    await lab.record(script.id, 3);
    const again = new AbortController();
    const resumed = events(
      `/apps/${id}/logs:stream`,
      { authorization: `Bearer ${lab.owner}`, "last-event-id": first.value.id ?? "" },
      again.signal,
    );
    const got = [
      (await resumed.next()).value?.record["path"],
      (await resumed.next()).value?.record["path"],
    ];
    expect(got).toEqual(["/b", "/c"]);
    again.abort();
    await resumed.return(undefined).catch(() => {});
  });

  test("takes no token in the URL, and ends when the right ends", async () => {
    const tenant = await lab.tenant();
    expect(
      (
        await lab.raw(
          "GET",
          `/api/v1/admin/apps/${tenant.id}/logs:stream?token=${lab.owner}&access_token=${lab.owner}`,
        )
      ).status,
    ).toBe(401);
    const viewer = await lab.member(tenant, "viewer");
    const stream = events(
      `/apps/${tenant.id}/logs:stream`,
      { authorization: `Bearer ${viewer.token}` },
      AbortSignal.timeout(12_000),
    );
    const next = stream.next();
    await Bun.sleep(200);
    await lab.api("DELETE", `/apps/${tenant.id}/members/${viewer.id}`);
    expect((await next).done).toBe(true);
    const other = await lab.member(tenant, "viewer");
    const second = events(
      `/apps/${tenant.id}/logs:stream`,
      { authorization: `Bearer ${other.token}` },
      AbortSignal.timeout(12_000),
    ).next();
    await Bun.sleep(200);
    await lab.call(other.token, "POST", "/auth/logout");
    expect((await second).done).toBe(true);
  });
});

describe("metrics of an app", () => {
  test("count every execution within two seconds, the running step included", async () => {
    const { id, host } = await lab.deploy(
      "export default (req) => { if (req.url.endsWith('/bad')) throw new Error('x'); return 1; };",
    );
    for (const path of ["/", "/", "/bad"]) await lab.ask(host, path);
    const total = await eventually(async () => {
      const { body } = await lab.api("GET", `/apps/${id}/metrics`);
      const sum = body.items.reduce((n: number, item: { count: number }) => n + item.count, 0);
      return sum === 3 ? body.items : null;
    }, 2_000);
    const item = total.find(({ count }: { count: number }) => count > 0);
    expect(Object.keys(item).sort()).toEqual(
      [
        "at",
        "by_outcome",
        "count",
        "cpu_ms",
        "duration_p50_ms",
        "duration_p95_ms",
        "duration_p99_ms",
      ].sort(),
    );
    expect(item.at).toMatch(RFC_3339);
    expect(item.by_outcome).toMatchObject({ completed: 2, threw: 1 });
    expect(item.duration_p50_ms).toBeGreaterThan(0);
    expect(item.duration_p99_ms).toBeGreaterThanOrEqual(item.duration_p50_ms);
    const day = await lab.api(
      "GET",
      `/apps/${id}/metrics?step=3600&since=${new Date(Date.now() - 86_400_000).toISOString()}&until=${new Date(Date.now() + 1000).toISOString()}`,
    );
    expect(day.body.items.reduce((n: number, i: { count: number }) => n + i.count, 0)).toBe(3);
    for (const query of ["step=0", "step=x", "step=-1", "since=x", "until=x"])
      expect({
        query,
        status: (await lab.api("GET", `/apps/${id}/metrics?${query}`)).status,
      }).toEqual({ query, status: 422 });
  });
});

describe("reserved paths and methods", () => {
  test.each([
    "/api/x",
    "/api",
    "/api/",
    "/%61pi/x",
    "/%61%70%69/v9",
    "/x/../api/y",
    "/./api/y",
    "/api/../api/z",
    "/x/%2e%2e/api/y",
    "//api/x",
    "/api//x",
    "/api;x/y",
    "/a\\..\\api\\x",
    "/API/x",
    "/.well-known/acme-challenge/tok",
    "/%2ewell-known/acme-challenge/tok",
    "/metrics/",
    "/healthz/",
    "/admin/nothing.js",
    "/%2561pi/x",
  ])("%s does not let a user route shadow the platform", async (target) => {
    const { host } = await lab.deploy(
      "export default { fetch: (req) => new Response('SCRIPT ' + new URL(req.url).pathname) };",
    );
    const text = await lab.http("GET", target, host);
    const path = /SCRIPT (\S+)/u.exec(text)?.[1];
    if (path === undefined) return;
    let decoded = path;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      // Stays as it is.
    }
    const normal = new URL(decoded.replace(/\/+/gu, "/"), "http://x").pathname;
    expect(normal).not.toMatch(
      /^\/(api|admin)(\/|$)|^\/(healthz|readyz|version|metrics)$|^\/\.well-known\/acme-challenge\//u,
    );
  });

  test("healthz, readyz and version answer for the platform on a tenant's host too", async () => {
    const { host } = await lab.deploy("export default { fetch: () => new Response('SCRIPT') };");
    expect((await lab.ask(host, "/healthz")).text).toBe("ok");
    expect((await lab.ask(host, "/version")).body.product).toBeDefined();
    expect((await lab.ask(host, "/metricsx")).text).toBe("SCRIPT");
    expect((await lab.ask(host, "/apix")).text).toBe("SCRIPT");
  });

  test("HEAD uses GET without a body; OPTIONS only when routed; 405 has Allow", async () => {
    const tenant = await lab.tenant();
    const get = await lab.script(
      tenant,
      "export default { fetch: (req) => new Response('body', { headers: { 'x-m': req.method } }) };",
    );
    await lab.api("POST", `/scripts/${get.id}/routes`, { path: "/x", method: "GET" });
    await lab.api("POST", `/scripts/${get.id}/routes`, { path: "/x", method: "PUT" });
    const head = await lab.ask(tenant.host, "/x", { method: "HEAD" });
    expect({ status: head.status, text: head.text, m: head.headers.get("x-m") }).toEqual({
      status: 200,
      text: "",
      m: "HEAD",
    });
    const raw = await lab.http("HEAD", "/x", tenant.host);
    expect(raw.split("\r\n\r\n")[1]).toBe("");
    const wrong = await lab.ask(tenant.host, "/x", { method: "DELETE" });
    expectProblem(wrong, 405, /./u);
    const allow = (wrong.headers.get("allow") ?? "").split(/,\s*/u).toSorted();
    expect(allow).toEqual(expect.arrayContaining(["GET", "HEAD", "PUT"]));
    await lab.api("POST", `/scripts/${get.id}/routes`, { path: "/*", method: "DELETE" });
    expect((await lab.ask(tenant.host, "/x", { method: "DELETE" })).status).toBe(200);
    expectProblem(await lab.ask(tenant.host, "/nothing"), 405, /./u);
  });

  test("a host in odd spellings is the same host", async () => {
    const { host } = await lab.deploy("export default { fetch: () => new Response('SCRIPT') };");
    for (const spelled of [host.toUpperCase(), `${host}.`, `${host}:8080`, `${host}:80`])
      expect({ spelled, got: (await lab.http("GET", "/", spelled)).includes("SCRIPT") }).toEqual({
        spelled,
        got: true,
      });
    expect(await lab.socket("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1.1 4/u,
    );
    expect(
      await lab.socket(
        `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: other.example.com\r\nConnection: close\r\n\r\n`,
      ),
    ).not.toContain("SCRIPT other");
  });
});
