/** Tenants and the platform behind one port: who answers on which host, whom the platform believes, and HTTP as bytes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { smugglingShapes } from "../support/http-shapes.ts";
import { freePort, type Instance, OWNER, startInstance } from "../support/instance.ts";
import { rawRequest, statusOf } from "../support/raw-http.ts";

const PROXY = "127.0.0.2";
const PLATFORM = "cloud.platform.example";
const TENANT = "shop.tenant.example";
const ECHO = `export default async (request) => Response.json({
  url: request.url, body: await request.text(), remote: request.headers.get("x-forwarded-for"),
});`;
const lines = (...parts: string[]): string => parts.join("\r\n");
const get = (path: string, host: string, ...headers: string[]): string =>
  lines(`GET ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers, "", "");

let cloud: Instance;
let separate: Instance;
let adminPort = 0;
const ask = (bytes: string, from?: string) =>
  rawRequest({ port: cloud.port, bytes, ...(from === undefined ? {} : { from }) });

async function deploy(at: Instance, host: string, source: string): Promise<void> {
  const app = await at.api<{ id: string }>("POST", "/apps", { slug: "tenant", name: "Tenant" });
  expect((await at.api("POST", "/apps/tenant/domains", { host })).status).toBe(201);
  const script = await at.api<{ id: string }>("POST", "/scripts", {
    app_id: app.body.id,
    name: "echo",
    source,
  });
  await at.api("POST", `/scripts/${script.body.id}/routes`, { path: "/*" });
}

beforeAll(async () => {
  adminPort = await freePort();
  cloud = await startInstance({
    env: {
      PICLOUD_PUBLIC_BASE_URL: `https://${PLATFORM}`,
      PICLOUD_TRUSTED_PROXIES: PROXY,
    },
  });
  separate = await startInstance({ env: { PICLOUD_ADMIN_BIND: `127.0.0.1:${adminPort}` } });
  await deploy(cloud, TENANT, ECHO);
}, 90_000);
afterAll(async () => {
  await cloud.dispose();
  await separate.dispose();
});

const CONTROL_PATHS = [
  "/admin",
  "/admin/",
  "/admin/style.css",
  "/api/v1/openapi.json",
  "/api/v1/admin/auth/me",
  "/%61dmin/",
  "/x/../admin/",
  "//admin/",
];

describe("once the platform has a host of its own", () => {
  test.each(CONTROL_PATHS)("%s shows nothing of it on a tenant's domain", async (path) => {
    for (const host of [
      TENANT,
      `${TENANT}:443`,
      `${TENANT.toUpperCase()}.`,
      "nobody.example",
      "localhost",
    ]) {
      const answer = await ask(get(path, host));
      expect({ host, status: statusOf(answer) }).toEqual({ host, status: 404 });
      expect(answer.received).not.toContain("PiCloud");
      expect(answer.received).not.toContain("unauthenticated");
    }
    const absolute = get(`http://${PLATFORM}${path}`, TENANT);
    expect(statusOf(await ask(absolute))).toBe(404);
  });

  test("it answers there, with port and trailing dot, and on an address that no app was given", async () => {
    for (const host of [
      PLATFORM,
      `${PLATFORM}:8443`,
      `${PLATFORM.toUpperCase()}.`,
      "127.0.0.1",
      "[::1]",
    ]) {
      expect({ host, status: statusOf(await ask(get("/admin", host))) }).toEqual({
        host,
        status: 200,
      });
      expect(statusOf(await ask(get("/api/v1/admin/auth/me", host)))).toBe(401);
    }
    expect((await cloud.api("POST", "/apps/tenant/domains", { host: "127.9.9.9" })).status).toBe(
      201,
    );
    expect(statusOf(await ask(get("/admin", "127.9.9.9")))).toBe(404);
    expect(statusOf(await ask(get("/", "127.9.9.9")))).toBe(200);
  });

  test("two Host headers are 400 on both sides", async () => {
    for (const path of ["/", "/admin", "/api/v1/admin/auth/me"])
      for (const second of [PLATFORM, TENANT]) {
        const bytes = lines(`GET ${path} HTTP/1.1`, `Host: ${TENANT}`, `Host: ${second}`, "", "");
        const answer = await rawRequest({
          port: cloud.port,
          bytes,
          until: (so) => so.includes("}"),
        });
        expect(statusOf(answer)).toBe(400);
      }
  });

  test("a tenant's answer on its own host is not sandboxed, and on a shared one it is", async () => {
    expect((await ask(get("/", TENANT))).received).not.toContain("sandbox");
    const scripts = await cloud.api<{ items: { id: string }[] }>("GET", "/scripts?app=tenant");
    const path = `/api/v1/execute/${scripts.body.items[0]?.id}`;
    expect((await ask(get(path, TENANT))).received).toContain("sandbox allow-scripts");
  });
});

describe("a listener of the control plane's own", () => {
  test("has it alone: the public one shows it on no host", async () => {
    for (const path of CONTROL_PATHS)
      for (const host of ["localhost", "127.0.0.1"]) {
        const answer = await rawRequest({ port: separate.port, bytes: get(path, host) });
        expect({ path, status: statusOf(answer) }).toEqual({ path, status: 404 });
      }
    expect(statusOf(await rawRequest({ port: adminPort, bytes: get("/admin", "localhost") }))).toBe(
      200,
    );
    const login = await fetch(`http://127.0.0.1:${adminPort}/api/v1/admin/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(OWNER),
    });
    expect(login.status).toBe(200);
  });

  test("serves no tenant", async () => {
    expect((await separate.ask("localhost", "/hello")).status).toBe(200);
    const answer = await rawRequest({ port: adminPort, bytes: get("/hello", "localhost") });
    expect(statusOf(answer)).toBe(404);
  });
});

describe("forwarding headers", () => {
  test("of a configured proxy choose host and scheme, and give the client's address", async () => {
    const headers = [
      "X-Forwarded-For: 198.51.100.9, 203.0.113.7",
      "X-Forwarded-Proto: https",
      `X-Forwarded-Host: ${TENANT}`,
    ];
    const answer = await ask(get("/a", "inner", ...headers), PROXY);
    expect(answer.received).toContain(`"url":"https://${TENANT}/a"`);
    expect(statusOf(await ask(get("/admin", TENANT, `X-Forwarded-Host: ${PLATFORM}`), PROXY))).toBe(
      200,
    );
    expect(statusOf(await ask(get("/admin", PLATFORM, `X-Forwarded-Host: ${TENANT}`), PROXY))).toBe(
      404,
    );
  });

  test("of anyone else choose nothing", async () => {
    const answer = await ask(
      get(
        "/a",
        TENANT,
        `X-Forwarded-Host: ${PLATFORM}`,
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 203.0.113.7",
      ),
    );
    expect(answer.received).toContain(`"url":"http://${TENANT}/a"`);
    expect(answer.received).toContain('"remote":null');
    expect(statusOf(await ask(get("/admin", TENANT, `X-Forwarded-Host: ${PLATFORM}`)))).toBe(404);
    expect(statusOf(await ask(get("/admin", TENANT, `Forwarded: host=${PLATFORM}`)))).toBe(404);
  });

  test("say who logs in, to the audit log and the list of sessions, only when a proxy of ours says so", async () => {
    const body = JSON.stringify(OWNER);
    const login = (from: string) =>
      ask(
        lines(
          "POST /api/v1/admin/auth/login HTTP/1.1",
          `Host: ${PLATFORM}`,
          "Content-Type: application/json",
          "X-Forwarded-For: 203.0.113.77",
          `Content-Length: ${body.length}`,
          "Connection: close",
          "",
          body,
        ),
        from,
      );
    expect(statusOf(await login(PROXY))).toBe(200);
    expect(statusOf(await login("127.0.0.3"))).toBe(200);
    const { body: audit } = await cloud.api<{ items: { action: string; address: string }[] }>(
      "GET",
      "/audit",
    );
    const addresses = audit.items.map(({ address }) => address);
    expect(addresses).toContain("203.0.113.77");
    expect(addresses).toContain("127.0.0.3");
    expect(addresses.filter((address) => address === "203.0.113.77")).toHaveLength(1);
  });

  test("one client's failed logins behind a proxy do not lock out another from where the user logged in before", async () => {
    const attempt = (client: string, password: string) => {
      const body = JSON.stringify({ username: OWNER.username, password });
      return ask(
        lines(
          "POST /api/v1/admin/auth/login HTTP/1.1",
          `Host: ${PLATFORM}`,
          "Content-Type: application/json",
          `X-Forwarded-For: ${client}`,
          `Content-Length: ${body.length}`,
          "Connection: close",
          "",
          body,
        ),
        PROXY,
      );
    };
    expect(statusOf(await attempt("203.0.113.201", OWNER.password))).toBe(200);
    let last = 0;
    for (let turn = 0; turn < 40 && last !== 429; turn++)
      last = statusOf(await attempt("203.0.113.200", "wrong password"));
    expect(last).toBe(429);
    expect(statusOf(await attempt("203.0.113.201", OWNER.password))).toBe(200);
  });

  test("keep the metrics from a client that a local proxy passed on", async () => {
    expect(statusOf(await ask(get("/metrics", PLATFORM)))).toBe(200);
    expect(
      statusOf(await ask(get("/metrics", PLATFORM, "X-Forwarded-For: 127.0.0.1"), PROXY)),
    ).toBe(404);
    expect(statusOf(await ask(get("/metrics", PLATFORM, "X-Forwarded-Host: x")))).toBe(404);
  });
});

describe("requests that two servers could read differently, on the real listener", () => {
  const canary = (path: string, host: string): string =>
    lines(`GET ${path} HTTP/1.1`, `Host: ${host}`, "", "");
  test.each([
    ["a tenant's route", TENANT, "/smuggled"],
    ["the control plane", PLATFORM, "/api/v1/admin/auth/login"],
  ])(
    "are refused and close the connection: %s",
    async (_, host, path) => {
      for (const [name, bytes] of smugglingShapes(host, path)) {
        const answer = await rawRequest({
          port: cloud.port,
          bytes: bytes + canary("/canary", TENANT),
        });
        expect({
          name,
          closed: answer.closed,
          isRefused: statusOf(answer) >= 400,
        }).toEqual({
          name,
          closed: true,
          isRefused: true,
        });
        // An early answer may be followed by the parser's 400; what came after is no request.
        expect(answer.received).not.toContain("/canary");
        expect(answer.received).not.toMatch(/HTTP\/1\.1 [123]/);
      }
    },
    30_000,
  );

  test("bodies: chunked in, 100-continue, refused by length, and an early answer keeps the connection in step", async () => {
    const post = (path: string, host: string, ...rest: string[]) =>
      lines(`POST ${path} HTTP/1.1`, `Host: ${host}`, ...rest);
    const after = canary("/after", TENANT);
    const answered = (so: string) => so.includes("}");
    const { port } = cloud;
    const chunked = post(
      "/in",
      TENANT,
      "Transfer-Encoding: chunked",
      "",
      "3",
      "abc",
      "2",
      "de",
      "0",
      "",
      "",
    );
    const first = await rawRequest({ port, bytes: chunked, until: answered, next: after });
    expect(first.received).toContain('"body":"abcde"');
    expect(first.received).toContain("/after");

    const expecting = post("/in", TENANT, "Content-Length: 2", "Expect: 100-continue", "", "ok");
    const second = await rawRequest({
      port: cloud.port,
      bytes: expecting,
      until: (so) => so.includes("}"),
    });
    expect(second.received).toStartWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK");

    const huge = post("/in", TENANT, "Content-Length: 99999999", "", "");
    const third = await rawRequest({
      port: cloud.port,
      bytes: huge,
      until: (so) => so.includes("}"),
    });
    expect(statusOf(third)).toBe(413);

    // The control plane answers 401 before it reads a body; what it did not read is no request.
    const size = 200_000;
    const early = post(
      "/api/v1/admin/apps",
      PLATFORM,
      "Content-Type: application/json",
      `Content-Length: ${size}`,
      "",
      "",
    );
    const bytes = early + canary("/canary", TENANT).padEnd(size, "x");
    const fourth = await rawRequest({ port, bytes, until: answered, next: after });
    expect(statusOf(fourth)).toBe(401);
    expect(fourth.received).not.toContain("/canary");
    expect(fourth.received).toContain("/after");
  }, 20_000);

  test.each([
    "/healthz",
    "/readyz",
    "/version",
    "/admin",
    "/admin/style.css",
    "/api/v1/openapi.json",
    "/api/v1/admin/auth/me",
    "/api/v1/admin/nothing",
    "/api/v1/execute/nothing",
    "/api/nothing",
    "/",
  ])("HEAD of %s has the status and the length of GET, and no body", async (path) => {
    const asked = (method: "HEAD" | "GET") =>
      ask(lines(`${method} ${path} HTTP/1.1`, `Host: ${PLATFORM}`, "Connection: close", "", ""));
    const [head, full] = [await asked("HEAD"), await asked("GET")];
    const length = (answer: typeof head) =>
      Number(/content-length: (\d+)/i.exec(answer.received)?.[1]);
    expect(statusOf(head)).toBe(statusOf(full));
    expect(length(head)).toBe(length(full));
    expect(length(head)).toBeGreaterThan(0);
    expect(head.received).toEndWith("\r\n\r\n");
  });

  test("HEAD, HTTP/1.0, large heads and unsupported methods", async () => {
    const head = lines("HEAD /h HTTP/1.1", `Host: ${TENANT}`, "Connection: close", "", "");
    const answer = await ask(head);
    expect(answer.received).toMatch(/content-length: [1-9]/i);
    expect(answer.received).toEndWith("\r\n\r\n");
    const old = await ask(lines("GET /old HTTP/1.0", `Host: ${TENANT}`, "", ""));
    expect([
      old.closed,
      old.received.includes("/old"),
      old.received.toLowerCase().includes("chunked"),
    ]).toEqual([true, true, false]);
    for (const path of ["/", "/api/v1/admin/auth/me"]) {
      const large = get(path, PLATFORM, `X-A: ${"a".repeat(20_000)}`);
      expect(statusOf(await ask(large))).toBe(431);
    }
    expect(
      statusOf(
        await ask(lines("TRACE / HTTP/1.1", `Host: ${TENANT}`, "Connection: close", "", "")),
      ),
    ).toBe(501);
    const options = lines("OPTIONS /o HTTP/1.1", `Host: ${TENANT}`, "Connection: close", "", "");
    expect((await ask(options)).received).toContain("/o");
  });
});
