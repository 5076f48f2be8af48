/** HTTP as bytes: what the listener and the data plane do together with requests that no client library makes. */
import { describe, expect, test } from "bun:test";
import { smugglingShapes } from "../support/http-shapes.ts";
import { startPlane, text, until, type Handler } from "./harness.ts";

const echo: Handler = async ({ method, url, body }) => {
  const bytes =
    body instanceof ReadableStream
      ? await new Response(body).text()
      : new TextDecoder().decode(body ?? undefined);
  return text(`${method} ${new URL(url).pathname} [${bytes}]`);
};
const routes = ["* any /* -> s"];
const start = () => startPlane({ scripts: { s: { run: echo } }, routes });
const CRLF = "\r\n";
const lines = (...parts: string[]): string => parts.join(CRLF);

/** Sends one request after the given bytes; it answers only if the connection is still in step. */
const CANARY = lines("GET /canary HTTP/1.1", "Host: x.test", "", "");

describe("request smuggling shapes close the connection, and the second request never runs", () => {
  test.each(smugglingShapes("x.test"))("%s", async (_, bytes) => {
    using h = start();
    const { received, closed } = await h.raw(bytes + CANARY, (so) => so.includes("canary"));
    expect(closed).toBe(true);
    expect(received).toMatch(/^HTTP\/1\.1 (?:400|505) /);
    expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(h.records.map((record) => record.path)).not.toContain("/canary");
  });
});

describe("hosts and targets", () => {
  test.each([
    ["two Host headers", lines("GET / HTTP/1.1", "Host: x.test", "Host: localhost", "", ""), 400],
    [
      "the same Host header twice",
      lines("GET / HTTP/1.1", "Host: x.test", "Host: x.test", "", ""),
      400,
    ],
    ["no Host header", lines("GET / HTTP/1.1", "", ""), 400],
    ["an empty Host header", lines("GET / HTTP/1.1", "Host:", "", ""), 400],
    ["a Host header with a path", lines("GET / HTTP/1.1", "Host: x.test/a", "", ""), 400],
    ["a Host header with a user", lines("GET / HTTP/1.1", "Host: a@x.test", "", ""), 400],
    ["a host of bytes beyond ASCII", lines("GET / HTTP/1.1", "Host: x\u00e9.test", "", ""), 400],
    ["a port and a trailing dot", lines("GET / HTTP/1.1", "Host: X.Test.:8080", "", ""), 200],
    ["an unclaimed host", lines("GET / HTTP/1.1", "Host: nobody.test", "", ""), 404],
    ["CONNECT", lines("CONNECT x.test:443 HTTP/1.1", "Host: x.test", "", ""), 400],
    ["TRACE", lines("TRACE / HTTP/1.1", "Host: x.test", "", ""), 501],
    ["OPTIONS *", lines("OPTIONS * HTTP/1.1", "Host: x.test", "", ""), 400],
    ["a target without a slash", lines("GET a HTTP/1.1", "Host: x.test", "", ""), 400],
    ["HTTP/2 as text", lines("GET / HTTP/2.0", "Host: x.test", "", ""), 505],
    [
      "headers beyond 16 KiB",
      lines("GET / HTTP/1.1", "Host: x.test", `X-A: ${"a".repeat(20_000)}`, "", ""),
      431,
    ],
    [
      "two hundred headers",
      lines(
        "GET / HTTP/1.1",
        "Host: x.test",
        ...Array.from({ length: 250 }, (_, i) => `X-${i}: a`),
        "",
        "",
      ),
      431,
    ],
  ])("%s: %d", async (_, bytes, status) => {
    using h = start();
    const { received } = await h.raw(Buffer.from(bytes, "latin1"), (so) => so.includes("\r\n\r\n"));
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test("the Host header chooses the app, also for a target in absolute form", async () => {
    using h = start();
    const { received } = await h.raw(
      lines("GET http://nobody.test/p HTTP/1.1", "Host: x.test", "", ""),
      (so) => so.includes("]"),
    );
    expect(received).toContain("GET /p []");
    expect(h.seen().url).toBe("http://x.test/p");
  });

  test.each([
    ["X.Test", "http://x.test/p"],
    ["x.test:080", "http://x.test/p"],
    ["x.test:", "http://x.test/p"],
    ["x.test:08080", "http://x.test:8080/p"],
    ["X.Test.:443", "http://x.test.:443/p"],
  ])("a script sees the URL of Host %s as the URL standard writes it: %s", async (host, url) => {
    using h = start();
    await h.raw(lines("GET /p HTTP/1.1", `Host: ${host}`, "", ""), (so) => so.includes("]"));
    expect(h.seen().url).toBe(url);
  });

  test("dot segments and backslashes are resolved before matching, so none reaches the platform's paths", async () => {
    using h = start();
    for (const target of [
      "/x/../api/v1/admin",
      "/x/%2e%2e/admin/",
      "/x\\..\\admin\\",
      "/%61pi/v1",
      "//api/v1",
      "/api%2fv1",
    ]) {
      const { received } = await h.raw(
        lines(`GET ${target} HTTP/1.1`, "Host: x.test", "", ""),
        (so) => so.includes("}"),
      );
      expect(received).toStartWith("HTTP/1.1 404 ");
    }
    expect(h.records).toEqual([]);
  });
});

describe("connections", () => {
  test("pipelined requests are answered in order, behind answers that take time or room too", async () => {
    const waiting = Promise.withResolvers<void>();
    const size = 8 * 1024 * 1024;
    using h = startPlane({
      scripts: {
        s: {
          run: async ({ url }) => {
            const { pathname } = new URL(url);
            if (pathname === "/wait") await waiting.promise;
            return text(pathname === "/large" ? "x".repeat(size) : `[${pathname}]`);
          },
        },
      },
      routes,
    });
    const request = (path: string): string => lines(`GET ${path} HTTP/1.1`, "Host: x.test", "", "");
    const answered = h.raw(
      ["/one", "/wait", "/large", "/two", "/three"].map(request).join(""),
      (so) => so.endsWith("[/three]"),
    );
    await until(() => h.records.length === 1);
    expect(h.records.map(({ path }) => path)).toEqual(["/one"]);
    waiting.resolve();
    const { received } = await answered;
    expect(received.match(/\[\/\w+\]/g)).toEqual(["[/one]", "[/wait]", "[/two]", "[/three]"]);
    expect(received.match(/HTTP\/1\.1 200 /g)).toHaveLength(5);
    expect(received.length).toBeGreaterThan(size);
  });

  test("thousands of requests at once are answered one after another, and wait unread till then", async () => {
    using h = start();
    const count = 5_000;
    const { received } = await h.raw(
      CANARY.repeat(count),
      (so) => so.split("canary").length > count,
    );
    expect(received.match(/HTTP\/1\.1 200 /g)).toHaveLength(count);
  });

  test("a body of a request that waits its turn is not the next request", async () => {
    using h = start();
    const post = (path: string, body: string): string =>
      lines(`POST ${path} HTTP/1.1`, "Host: x.test", `Content-Length: ${body.length}`, "", body);
    const { received } = await h.raw(
      post("/a", CANARY) + post("/b", "") + post("/c", "last"),
      (so) => so.includes("[last]"),
    );
    expect(received.match(/POST \/\w/g)).toEqual(["POST /a", "POST /b", "POST /c"]);
    expect(h.records.map(({ path }) => path)).toEqual(["/a", "/b", "/c"]);
  });

  test("Connection: close and HTTP/1.0 close after the answer, keep-alive stays", async () => {
    using h = start();
    const closing = await h.raw(
      lines("GET /a HTTP/1.1", "Host: x.test", "Connection: close", "", ""),
      () => false,
    );
    expect([closing.closed, closing.received.includes("GET /a []")]).toEqual([true, true]);
    const old = await h.raw(lines("GET /b HTTP/1.0", "Host: x.test", "", ""), () => false);
    expect([old.closed, old.received.includes("GET /b []")]).toEqual([true, true]);
    expect(old.received).not.toContain("chunked");
    const kept10 = await h.raw(
      lines("GET /c HTTP/1.0", "Host: x.test", "Connection: keep-alive", "", "").repeat(2),
      (so) => so.split("GET /c []").length === 3,
    );
    expect(kept10.closed).toBe(false);
    expect(kept10.received).toMatch(/connection: keep-alive/i);
    const kept = await h.raw(CANARY + CANARY, (so) => so.split("GET /canary").length === 3);
    expect(kept.closed).toBe(false);
  });

  test("a stream to an HTTP/1.0 client is not chunked and ends with the connection", async () => {
    let sent = 0;
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setImmediate(resolve));
          if (sent++ === 3) controller.close();
          else controller.enqueue(new TextEncoder().encode("part;"));
        },
      });
    using h = startPlane({
      scripts: {
        s: { run: () => ({ ...text(""), response: { status: 200, headers: [], body: body() } }) },
      },
      routes,
    });
    const { received, closed } = await h.raw(
      lines("GET / HTTP/1.0", "Host: x.test", "", ""),
      () => false,
    );
    expect(closed).toBe(true);
    expect(received).toEndWith("part;part;part;");
    expect(received.toLowerCase()).not.toContain("transfer-encoding");
  });

  test("HEAD has the headers of GET and not one byte of body", async () => {
    using h = start();
    const { received } = await h.raw(
      lines("HEAD /a HTTP/1.1", "Host: x.test", "", "") + CANARY,
      (so) => so.includes("canary"),
    );
    const [head = "", next = ""] = received.split("\r\n\r\n");
    expect(head).toMatch(/content-length: 10/i);
    expect(next).toStartWith("HTTP/1.1 200");
  });

  test("HEAD of a stream says that one would come, and not that nothing would", async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      pull: () => Promise.withResolvers<void>().promise,
      cancel: () => cancelled.resolve(),
    });
    using h = startPlane({
      scripts: {
        s: { run: () => ({ ...text(""), response: { status: 200, headers: [], body } }) },
      },
      routes,
    });
    const { received } = await h.raw(
      lines("HEAD / HTTP/1.1", "Host: x.test", "", "") +
        lines("HEAD / HTTP/1.1", "Host: nobody.test", "", ""),
      (so) => so.includes("404"),
    );
    await cancelled.promise;
    const [head = "", next = ""] = received.split("\r\n\r\n");
    expect(head.toLowerCase()).not.toContain("content-length");
    expect(next).toStartWith("HTTP/1.1 404");
  });

  test("chunked bodies come in, extensions and all", async () => {
    using h = start();
    const bytes = lines(
      "POST /a HTTP/1.1",
      "Host: x.test",
      "Transfer-Encoding: chunked",
      "",
      "3;ext=1",
      "abc",
      "2",
      "de",
      "0",
      "",
      "",
    );
    const { received } = await h.raw(bytes + CANARY, (so) => so.includes("canary"));
    expect(received).toContain("POST /a [abcde]");
  });

  test("trailers of a chunked body are read over, and are no request", async () => {
    using h = start();
    const bytes = lines(
      "POST /a HTTP/1.1",
      "Host: x.test",
      "Transfer-Encoding: chunked",
      "Trailer: X-T",
      "",
      "3",
      "abc",
      "0",
      "X-T: GET /trailer",
      "Host: nobody.test",
      "",
      "",
    );
    const { received } = await h.raw(bytes + CANARY, (so) => so.includes("canary"));
    expect(received).toContain("POST /a [abc]");
    expect(h.records.map((record) => record.path)).toEqual(["/a", "/canary"]);
  });

  test("chunk sizes may begin with zeros and be of any case", async () => {
    using h = start();
    const bytes = lines("POST /a HTTP/1.1", "Host: x.test", "Transfer-Encoding: Chunked", "", "");
    const { received } = await h.raw(
      `${bytes}0003\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n`,
      (so) => so.includes("]"),
    );
    expect(received).toContain("POST /a [abc0123456789]");
  });

  test("Expect: 100-continue is answered when the body is wanted, and not where it is refused", async () => {
    using h = start();
    const head = (length: number, expected = "100-continue"): string =>
      lines(
        "POST /a HTTP/1.1",
        "Host: x.test",
        `Content-Length: ${length}`,
        `Expect: ${expected}`,
        "",
        "",
      );
    const asked = await h.raw(head(3), (so) => so.endsWith("\r\n\r\n"));
    expect(asked.received).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    const { received } = await h.raw(`${head(3)}abc${CANARY}`, (so) => so.includes("canary"));
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(received).toContain("POST /a [abc]");
    const refused = await h.raw(head(99_999_999), () => false);
    expect(refused.closed).toBe(true);
    expect(refused.received).toMatch(/^HTTP\/1\.1 413 [^]*body_too_large/);
    const unknown = await h.raw(head(3, "a-coffee"), () => false);
    expect([unknown.closed, unknown.received.slice(0, 13)]).toEqual([true, "HTTP/1.1 417 "]);
  });

  test("an early answer to a large upload arrives, and the rest of the upload is no request", async () => {
    using h = startPlane({ scripts: { s: { run: () => text("early") } }, routes });
    const size = 300_000;
    const head = lines("POST /a HTTP/1.1", "Host: x.test", `Content-Length: ${size}`, "", "");
    const { received } = await h.raw(
      head + CANARY.padEnd(size, "x") + CANARY,
      (so) => so.split("early").length === 3,
    );
    expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(2);
    expect(h.records).toHaveLength(2);
  });

  test("a body that stops coming is given up", async () => {
    using h = startPlane({
      scripts: { s: { run: echo } },
      routes,
      config: { idleTimeoutSeconds: 1 },
    });
    const { closed } = await h.raw(
      `${lines("POST /a HTTP/1.1", "Host: x.test", "Content-Length: 10", "", "")}abc`,
      () => false,
    );
    expect(closed).toBe(true);
    await until(() => h.plane.metrics.render().includes("picloud_executions_running 0"));
    expect(h.records).toEqual([]);
  }, 15_000);
});
