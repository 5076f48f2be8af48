import { describe, expect, test } from "bun:test";
import { completed, startPlane, text, until } from "./harness.ts";
import type { ExecResult } from "../../src/shared/execution.ts";

const hello = { run: () => text("hello") };

describe("routing to a script", () => {
  test("an exact route answers, with a request id and without a sandbox on a host of the tenant's own", async () => {
    using h = startPlane({ scripts: { hello }, routes: ["GET any /greet -> hello"] });
    const response = await h.fetch("x.test", "/greet?a=b");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("hello");
    expect(response.headers.get("x-request-id")).toBe(h.seen().requestId);
    expect(response.headers.get("content-security-policy")).toBeNull();
    expect(h.seen()).toMatchObject({
      method: "GET",
      url: "http://x.test/greet?a=b",
      params: {},
      rest: "",
      host: {},
      triggerDepth: 0,
    });
    expect(h.seen().rootExecutionId).toBe(h.seen().executionId);
    expect(h.seen().remoteAddr.hostname).toBe("127.0.0.1");
  });

  test("params are decoded once, the rest is not, and a wildcard says what it captured", async () => {
    using h = startPlane({
      scripts: { hello },
      routes: ["* *.w.test /users/:id -> hello", "* *.w.test /files/* -> hello"],
    });
    await h.fetch("a.b.w.test", "/users/a%2Fb%2520");
    expect(h.seen()).toMatchObject({ params: { id: "a/b%20" }, host: { tenant: "a.b" } });
    await h.fetch("a.w.test", "/files/x%20y//z?q=1");
    expect(h.seen()).toMatchObject({ rest: "x%20y//z", url: "http://a.w.test/files/x%20y//z?q=1" });
  });

  test.each([
    ["nobody.test", "/greet", "GET", 404, "host_not_found"],
    ["x.test", "/other", "GET", 404, "route_not_found"],
    ["x.test", "/greet", "POST", 405, "method_not_allowed"],
    ["x.test", "/api/v2/x", "GET", 404, "not_found"],
    ["x.test", "/%61dmin/x", "GET", 404, "not_found"],
    ["x.test", "/gone", "GET", 404, "script_not_found"],
    ["x.test", "/inner", "GET", 404, "script_not_found"],
  ])("%s %s %s: %d %s", async (host, path, method, status, code) => {
    using h = startPlane({
      scripts: { hello, inner: { ...hello, access: "internal" } },
      routes: ["GET any /greet -> hello", "* any /gone -> gone", "* any /inner -> inner"],
    });
    const response = await h.fetch(host, path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("x-picloud-error")).toBe("platform");
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({
      status,
      code,
      request_id: response.headers.get("x-request-id"),
    });
    if (status === 405) expect(response.headers.get("allow")).toBe("GET, HEAD");
    expect(h.records).toEqual([]);
  });

  test("a swapped table is in force with the next request, and the one before keeps its own", async () => {
    const waiting = Promise.withResolvers<void>();
    using h = startPlane({
      scripts: { old: { run: () => waiting.promise.then(() => text("old")) }, hello },
      routes: ["GET any /a -> old"],
    });
    const before = h.fetch("x.test", "/a");
    await until(() => h.plane.metrics.render().includes("picloud_executions_running 1"));
    h.setRoutes(["GET any /a -> hello"]);
    expect(await (await h.fetch("x.test", "/a")).text()).toBe("hello");
    waiting.resolve();
    expect(await (await before).text()).toBe("old");
  });

  test("HEAD runs the GET route and answers without a body, with its length", async () => {
    using h = startPlane({ scripts: { hello }, routes: ["GET any /greet -> hello"] });
    const response = await h.fetch("x.test", "/greet", { method: "HEAD" });
    expect(h.seen().method).toBe("HEAD");
    expect(response.headers.get("content-length")).toBe("5");
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toBe("");
  });
});

describe("execute by id", () => {
  test("the script sees the path after the id, or '/', on any host, in a sandbox", async () => {
    using h = startPlane({ scripts: { hello } });
    const response = await h.fetch("nobody.test", "/api/v1/execute/hello/a/b?x=1", {
      method: "PUT",
    });
    expect(response.status).toBe(200);
    expect(h.seen().url).toBe("http://nobody.test/a/b?x=1");
    expect(response.headers.get("content-security-policy")).toBe(
      "sandbox allow-scripts allow-forms",
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    await h.fetch("nobody.test", "/api/v1/execute/hello?x=1");
    expect(h.seen().url).toBe("http://nobody.test/?x=1");
    expect((await h.fetch("nobody.test", "/api/v1/execute/unknown")).status).toBe(404);
  });

  test("a path of the tenant's that looks like the platform's is the script's here", async () => {
    using h = startPlane({ scripts: { hello } });
    expect((await h.fetch("nobody.test", "/api/v1/execute/hello/api/v1/admin")).status).toBe(200);
  });
});

describe("what a script answers", () => {
  const withHeaders = (headers: [string, string][]) => ({ run: () => text("x", headers) });

  test("on a host that serves the control plane, headers that would hold for it are taken out", async () => {
    const headers: [string, string][] = [
      ["Content-Security-Policy", "default-src 'self'"],
      ["X-Content-Type-Options", "none"],
      ["Strict-Transport-Security", "max-age=1"],
      ["Clear-Site-Data", '"*"'],
      ["Service-Worker-Allowed", "/"],
      ["Alt-Svc", "h3"],
      ["x-own", "1"],
    ];
    using shared = startPlane({
      scripts: { s: withHeaders(headers) },
      routes: ["* any / -> s"],
      config: { sharesControlPlane: () => true },
    });
    const response = await shared.fetch("x.test", "/");
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'self', sandbox allow-scripts allow-forms",
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    for (const name of [
      "strict-transport-security",
      "clear-site-data",
      "service-worker-allowed",
      "alt-svc",
    ])
      expect(response.headers.get(name)).toBeNull();
    expect(response.headers.get("x-own")).toBe("1");
    using own = startPlane({ scripts: { s: withHeaders(headers) }, routes: ["* any / -> s"] });
    expect((await own.fetch("x.test", "/")).headers.get("strict-transport-security")).toBe(
      "max-age=1",
    );
  });

  test("no script sets the platform's cookie, its error header, or the connection's headers", async () => {
    const cookies = [
      "a=1",
      "picloud_session=evil",
      " picloud_session = evil",
      "=picloud_session=evil",
      "b=2",
    ];
    const headers: [string, string][] = [
      ...cookies.map((value): [string, string] => ["set-cookie", value]),
      ["x-picloud-error", "platform"],
      ["x-request-id", "mine"],
      ["content-length", "500"],
      ["transfer-encoding", "chunked"],
      ["connection", "close"],
    ];
    using h = startPlane({ scripts: { s: withHeaders(headers) }, routes: ["* any / -> s"] });
    const response = await h.fetch("x.test", "/");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("x-picloud-error")).toBeNull();
    expect(response.headers.get("x-request-id")).toBe(h.seen().requestId);
    expect(await response.text()).toBe("x");
  });

  test("a body without a type stays without one", async () => {
    using h = startPlane({
      scripts: { s: withHeaders([]), empty: { run: () => text("", []) } },
      routes: ["* any / -> s", "* any /empty -> empty"],
    });
    const response = await h.fetch("x.test", "/");
    expect([response.headers.get("content-type"), await response.text()]).toEqual([null, "x"]);
    const empty = await h.fetch("x.test", "/empty");
    expect([empty.headers.get("content-type"), await empty.text()]).toEqual([null, ""]);
  });

  test.each([
    ["threw", 502, "script_threw", "script"],
    ["invalid_response", 502, "invalid_response", "script"],
    ["timed_out", 504, "timed_out", "script"],
    ["cpu_exceeded", 507, "cpu_exceeded", "script"],
    ["memory_exceeded", 507, "memory_exceeded", "script"],
    ["overloaded", 503, "overloaded", "platform"],
  ] as const)(
    "outcome %s is %d, and the message stays in the record",
    async (outcome, status, code, side) => {
      const error = { name: "Error", message: "inner detail" };
      using h = startPlane({
        scripts: { s: { run: () => ({ response: null, end: { ...completed, outcome, error } }) } },
        routes: ["* any / -> s"],
      });
      const response = await h.fetch("x.test", "/");
      const body = await response.text();
      expect([response.status, response.headers.get("x-picloud-error")]).toEqual([status, side]);
      expect(JSON.parse(body)).toMatchObject({ code, execution_id: h.seen().executionId });
      expect(body).not.toContain("inner detail");
      expect(h.records).toMatchObject([{ outcome, status, error }]);
      if (status === 503) expect(response.headers.get("retry-after")).toBe("1");
    },
  );

  test.each([
    ["a status that HTTP has not", { status: 42, headers: [], body: null }],
    ["a header with a line break", { status: 200, headers: [["x-a", "a\r\nb: c"]], body: null }],
    ["a header name that is none", { status: 200, headers: [["x a", "b"]], body: null }],
    ["101 without a socket", { status: 101, headers: [], body: null }],
    ["100, which is the listener's to say", { status: 100, headers: [], body: null }],
    ["103, which is no answer", { status: 103, headers: [["link", "</a>"]], body: null }],
    ["a lone carriage return", { status: 200, headers: [["x-a", "a\rb: c"]], body: null }],
    ["a lone line feed", { status: 200, headers: [["x-a", "a\nb: c"]], body: null }],
    ["a NUL", { status: 200, headers: [["x-a", "a\0"]], body: null }],
    // Cut to a byte each they would be a line's end.
    [
      "characters beyond a byte",
      { status: 200, headers: [["x-a", "a\u010d\u010ab: c"]], body: null },
    ],
    ["a line's end in a name", { status: 200, headers: [["x-a\r\nb", "c"]], body: null }],
  ] as [string, NonNullable<ExecResult["response"]>][])(
    "%s is invalid_response",
    async (_, response) => {
      using h = startPlane({
        scripts: { s: { run: () => ({ response, end: completed }) } },
        routes: ["* any / -> s"],
      });
      const answer = await h.fetch("x.test", "/");
      expect(answer.status).toBe(502);
      expect(h.records).toMatchObject([{ outcome: "invalid_response", status: 502 }]);
    },
  );

  test("an executor that fails is 503, and the next request works", async () => {
    let fails = true;
    using h = startPlane({
      scripts: {
        s: {
          run: () => {
            if (fails) throw new Error("gone");
            return text("ok");
          },
        },
      },
      routes: ["* any / -> s"],
    });
    expect((await h.fetch("x.test", "/")).status).toBe(503);
    fails = false;
    expect((await h.fetch("x.test", "/")).status).toBe(200);
    expect(h.records.map((record) => record.outcome)).toEqual(["aborted", "completed"]);
  });

  test("a resolver or an executor that throws at once fails one request and holds no slot", async () => {
    let broken: "resolver" | "executor" | null = "resolver";
    using h = startPlane({
      scripts: {
        s: {
          run: () => text("ok"),
          limits: { concurrency: 1 },
        },
      },
      routes: ["* any / -> s"],
      resolveCaller: () => {
        if (broken === "resolver") throw new Error("fault");
        return { caller: null, fault: false };
      },
      onExecute: () => {
        if (broken === "executor") throw new Error("fault");
      },
    });
    expect((await h.fetch("x.test", "/")).status).toBe(503);
    broken = "executor";
    expect((await h.fetch("x.test", "/")).status).toBe(503);
    broken = null;
    expect((await h.fetch("x.test", "/")).status).toBe(200);
  });

  test.each([204, 205, 304])("%d never has a body", async (status) => {
    using h = startPlane({
      scripts: { s: { run: () => text("x", [], status) } },
      routes: ["* any / -> s"],
    });
    const response = await h.fetch("x.test", "/");
    expect([response.status, await response.text()]).toEqual([status, ""]);
  });
});

describe("the record", () => {
  test("is written when the execution has ended, without credentials and secrets", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const secret = "s3cr3t value";
    const end = promise.then(() => ({
      ...completed,
      logs: [
        {
          at: "",
          level: "info" as const,
          message: `key ${secret}`,
          data: { [secret]: [secret, 1] },
        },
      ],
      error: { name: "Error", message: secret, cause: { name: "E", message: "c" } },
    }));
    const headers: [string, string][] = [
      ["set-cookie", "a=1"],
      ["x-echo", `is ${secret}`],
    ];
    using h = startPlane({
      scripts: {
        s: {
          run: () => ({ response: { status: 200, headers, body: "x" }, end }),
          secretValues: [secret],
        },
      },
      routes: ["* any /p -> s"],
    });
    await h.fetch("x.test", `/p?k=${encodeURIComponent(secret)}`, {
      headers: { authorization: "Bearer own", "x-api-key": "k", cookie: "a=b", "x-ok": "fine" },
    });
    expect(h.records).toEqual([]);
    resolve();
    await until(() => h.records.length === 1);
    const [record] = h.records;
    const written = JSON.stringify(record);
    expect(written).not.toContain(secret);
    expect(written).not.toContain(encodeURIComponent(secret));
    expect(record?.request.url).toBe("http://x.test/p?k=[redacted]");
    const sent = new Map(record?.request.headers);
    expect([
      sent.get("authorization"),
      sent.get("x-api-key"),
      sent.get("cookie"),
      sent.get("x-ok"),
    ]).toEqual(["[redacted]", "[redacted]", "[redacted]", "fine"]);
    expect(new Map(record?.response?.headers).get("set-cookie")).toBe("[redacted]");
    expect(record).toMatchObject({
      path: "/p",
      method: "GET",
      status: 200,
      invocationType: "http",
      logs: [{ message: "key [redacted]", data: { "[redacted]": ["[redacted]", 1] } }],
    });
  });
});
