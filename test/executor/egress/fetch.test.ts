import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import net from "node:net";
import { join } from "node:path";
import zlib from "node:zlib";
import { NO_RULES } from "../../../src/executor/host/egress/policy.ts";
import type { InternalRequest } from "../../../src/executor/host/egress/internal.ts";
import type { EgressPorts } from "../../../src/executor/host/egress/ports.ts";
import { createFetchOperations } from "../../../src/executor/host/fetch.ts";
import { testPorts } from "../../support/egress-lab.ts";
import { type LabResult, runInGuest } from "../../support/guest-lab.ts";

// Self-signed for secure.example, valid for ten years.
const certificate = join(import.meta.dir, "fixtures/certificate.pem");
const key = join(import.meta.dir, "fixtures/key.pem");

let origin: ReturnType<typeof Bun.serve>;
let requests: string[] = [];

beforeAll(() => {
  origin = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
});
afterAll(() => origin.stop(true));

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  requests.push(pathname);
  const to = searchParams.get("to");
  if (pathname === "/redirect")
    return new Response(null, {
      status: Number(searchParams.get("status") ?? 302),
      headers: { location: to ?? "/" },
    });
  if (pathname === "/echo")
    return Response.json({
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    });
  const codings = {
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    raw: zlib.deflateRawSync,
    br: zlib.brotliCompressSync,
    zstd: zlib.zstdCompressSync,
  };
  const coding = pathname.slice(1);
  if (coding in codings) {
    const bytes = codings[coding as keyof typeof codings](Buffer.from("squeezed ".repeat(20_000)));
    return new Response(new Uint8Array(bytes), {
      headers: { "content-encoding": coding === "raw" ? "deflate" : coding },
    });
  }
  if (pathname === "/loop")
    return new Response(null, { status: 302, headers: { location: "/loop" } });
  if (pathname === "/never") return await new Promise<Response>(() => undefined);
  return new Response("plain", {
    status: 418,
    headers: [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ],
  });
}

type Addresses = Parameters<typeof testPorts>[0];

function run(
  script: string,
  addresses: Addresses = { "site.example": "127.0.0.1" },
  overrides: Partial<EgressPorts> = {},
): Promise<LabResult> {
  requests = [];
  const code = `const BASE = "http://site.example:${origin.port}";
    const failure = (promise) => promise.then((r) => "answered " + r.status, (e) => e.name + ": " + e.message);
    export default (async () => { ${script} })();`;
  return runInGuest(code, { operations: createFetchOperations(testPorts(addresses, overrides)) });
}
const result = async (...args: Parameters<typeof run>): Promise<unknown> => {
  const { result: value, error } = await run(...args);
  expect(error).toBeNull();
  return value;
};

describe("fetch", () => {
  test("gives status, headers, url and body", async () => {
    const value = await result(`const r = await fetch(BASE + "/x#frag");
      return [r.status, r.ok, r.type, r.redirected, r.url === BASE + "/x", await r.text(), r.headers.getSetCookie()];`);
    expect(value).toEqual([418, false, "basic", false, true, "plain", ["a=1", "b=2"]]);
  });

  test("sends method, headers and body, but no framing of the script's own", async () => {
    const value = (await result(`const r = await fetch(BASE + "/echo", { method: "PUT", body: "häh",
      headers: { "x-own": "1", host: "other.example", "content-length": "9", "transfer-encoding": "chunked" } });
      return r.json();`)) as { method: string; body: string; headers: Record<string, string> };
    expect(value.method).toBe("PUT");
    expect(value.body).toBe("häh");
    expect(value.headers).toMatchObject({
      "x-own": "1",
      host: `site.example:${origin.port}`,
      "content-length": "4",
    });
    expect(value.headers["transfer-encoding"]).toBeUndefined();
  });

  test("streams a body up, in pieces that the script makes", async () => {
    const value = await result(`const text = new TextEncoder();
      let n = 0;
      const body = new ReadableStream({ pull(c) { n++ < 3 ? c.enqueue(text.encode("piece" + n)) : c.close(); } });
      const r = await fetch(BASE + "/echo", { method: "POST", body, duplex: "half" });
      return (await r.json()).body;`);
    expect(value).toBe("piece1piece2piece3");
  });

  test.each(["gzip", "deflate", "raw", "br", "zstd"])("decodes %s", async (coding) => {
    const value = await result(`const r = await fetch(BASE + "/${coding}");
      const text = await r.text();
      return [text.length, text.slice(0, 9), r.headers.get("content-encoding")];`);
    expect(value).toEqual([180_000, "squeezed ", null]);
  });

  test("reads data: URLs", async () => {
    const value =
      await result(`const r = await fetch("data:text/html;charset=utf-8;base64,aMOkaA==");
      const plain = await fetch("data:,a%20b");
      return [await r.text(), r.headers.get("content-type"), await plain.text(), plain.headers.get("content-type"),
        await failure(fetch("data:broken"))];`);
    expect(value).toEqual([
      "häh",
      "text/html;charset=utf-8",
      "a b",
      "text/plain;charset=US-ASCII",
      "TypeError: The data: URL is not valid",
    ]);
  });

  test("rejects with the reason of the signal, before and after the headers", async () => {
    const value = await result(`
      const early = await failure(fetch(BASE, { signal: AbortSignal.abort("no") })).catch((e) => e);
      const controller = new AbortController();
      const pending = fetch(BASE + "/never", { signal: controller.signal }).catch((reason) => reason);
      setTimeout(() => controller.abort("enough"), 5);
      const timed = await fetch(BASE + "/never", { signal: AbortSignal.timeout(5) }).catch((e) => e.name);
      return [early, await pending, timed];`);
    expect(value).toEqual(["undefined: undefined", "enough", "TimeoutError"]);
  });

  test("says who asks as navigator.userAgent does, unless told otherwise", async () => {
    const value = await result(`
      const sent = async (headers) => (await (await fetch(BASE + "/echo", { headers })).json()).headers["user-agent"];
      return [(await sent({})) === navigator.userAgent, await sent({ "user-agent": "mine" })];`);
    expect(value).toEqual([true, "mine"]);
  });

  test("names what a streamed body failed with as the cause", async () => {
    const value = await result(`
      const body = new ReadableStream({ pull(c) { c.error(new RangeError("mine")) } });
      try { await fetch(BASE + "/echo", { method: "POST", body, duplex: "half" }) }
      catch (error) { return [error.name, String(error.cause)] }`);
    expect(value).toEqual(["TypeError", "RangeError: mine"]);
  });

  test("refuses the body of an aborted fetch at once, and each time", async () => {
    const value = await result(`
      const controller = new AbortController();
      const response = await fetch(BASE + "/x", { signal: controller.signal });
      controller.abort();
      const order = [];
      const first = response.text();
      first.catch(() => order.push("text"));
      await Promise.resolve().then(() => order.push("next"));
      return [order, await first.catch((e) => e.name), await response.text().catch((e) => e.name)];`);
    expect(value).toEqual([["text", "next"], "AbortError", "AbortError"]);
  });

  test("gives no body for HEAD of a data: URL and for statuses without one", async () => {
    const server = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () =>
        socket.write("HTTP/1.1 205 Reset Content\r\ncontent-length: 2\r\n\r\nno"),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const value = await result(`
      const data = await fetch("data:,x", { method: "HEAD" });
      const reset = await fetch("http://site.example:${port}/");
      return [data.body, data.headers.get("content-type"), reset.status, reset.body];`);
    server.close();
    expect(value).toEqual([null, "text/plain;charset=US-ASCII", 205, null]);
  });

  test("counts its subrequests", async () => {
    const value = await result(`const all = [];
      for (let i = 0; i < 51; i++) all.push(failure(fetch(BASE + "/x")));
      return (await Promise.all(all)).slice(49);`);
    expect(value).toEqual([
      "answered 418",
      "TypeError: Too many subrequests: the limit is 50 (limits.subrequests)",
    ]);
  });

  test("keeps connections alive", async () => {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections++;
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const value = await result(`let text = "";
      for (let i = 0; i < 5; i++) text += await (await fetch("http://site.example:${port}/")).text();
      return text;`);
    server.close();
    expect(value).toBe("okokokokok");
    expect(connections).toBe(1);
  });

  test.each([
    ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: abc\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    ["a body that ends early", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab"],
    ["a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
    ["no status line", "ICY 200 OK\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
  ])("refuses %s", async (_, text) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(text));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const value =
      await result(`return fetch("http://site.example:${port}/").then((r) => r.text()).then(
      (text) => "answered " + text, (e) => e.message.slice(0, 37));`);
    server.close();
    expect(value).toBe("The server's answer is not valid HTTP");
  });
});

describe("redirects", () => {
  test("are followed, reported or refused as the script says", async () => {
    const value = await result(`
      const followed = await fetch(BASE + "/redirect?to=/x#here");
      const manual = await fetch(BASE + "/redirect?to=/x", { redirect: "manual" });
      return [followed.status, followed.redirected, followed.url === BASE + "/x", manual.status, manual.headers.get("location"),
        await failure(fetch(BASE + "/redirect?to=/x", { redirect: "error" }))];`);
    expect(value).toEqual([
      418,
      true,
      true,
      302,
      "/x",
      "TypeError: The server redirects, and the request has redirect 'error'",
    ]);
  });

  test("turn POST into GET where the status says so", async () => {
    const value = await result(`const seen = [];
      for (const status of [301, 302, 303, 307, 308]) {
        const r = await fetch(BASE + "/redirect?to=/echo&status=" + status, { method: "POST", body: "b" });
        const { method, body, headers } = await r.json();
        seen.push([status, method, body, headers["content-type"] ?? null]);
      }
      return seen;`);
    const text = "text/plain;charset=UTF-8";
    expect(value).toEqual([
      [301, "GET", "", null],
      [302, "GET", "", null],
      [303, "GET", "", null],
      [307, "POST", "b", text],
      [308, "POST", "b", text],
    ]);
  });

  test("to another origin lose the credentials, to the same one keep them", async () => {
    const addresses = { "site.example": "127.0.0.1", "other.example": "127.0.0.1" };
    const value = await result(
      `const headers = { authorization: "Bearer t", cookie: "c=1", "x-own": "1" };
      const seen = [];
      for (const to of ["/echo", "http://other.example:${origin.port}/echo"]) {
        const r = await fetch(BASE + "/redirect?to=" + to, { headers });
        const found = (await r.json()).headers;
        seen.push([found.authorization ?? null, found.cookie ?? null, found["x-own"]]);
      }
      return seen;`,
      addresses,
    );
    expect(value).toEqual([
      ["Bearer t", "c=1", "1"],
      [null, null, "1"],
    ]);
  });

  test("end after twenty", async () => {
    const value = await result(`return failure(fetch(BASE + "/loop"));`);
    expect(value).toBe("TypeError: There were more than 20 redirects");
    expect(requests.length).toBe(21);
  });
});

describe("the egress policy holds", () => {
  const strict: Partial<EgressPorts> = {
    route: async () => ({
      kind: "external",
      app: { allow: ["site.example"], deny: [] },
      instance: { allow: ["site.example"], deny: [] },
    }),
  };
  const refusal = (where: string, kind: string): string =>
    `TypeError: Connection to ${where} is refused: the egress policy allows public addresses only, and this one is ${kind}`;

  test.each([
    ["http://127.0.0.1/", "127.0.0.1", "loopback"],
    ["http://2130706433/", "127.0.0.1", "loopback"],
    ["http://0x7f.1/", "127.0.0.1", "loopback"],
    ["http://0177.0.0.01/", "127.0.0.1", "loopback"],
    ["http://[::ffff:127.0.0.1]/", "[::ffff:7f00:1]", "loopback"],
    ["http://[::1]/", "[::1]", "loopback"],
    ["http://169.254.169.254/latest/meta-data", "169.254.169.254", "link-local"],
    ["http://[64:ff9b::7f00:1]/", "[64:ff9b::7f00:1]", "NAT64"],
    ["http://0/", "0.0.0.0", "this network"],
  ])("for %s", async (url, where, kind) => {
    expect(await result(`return failure(fetch("${url}"));`, {}, strict)).toBe(refusal(where, kind));
  });

  test("against a redirect to a private address", async () => {
    const to = "http://169.254.169.254/";
    const value = await result(
      `return failure(fetch(BASE + "/redirect?to=${to}"));`,
      undefined,
      strict,
    );
    expect(value).toBe(refusal("169.254.169.254", "link-local"));
  });

  test("against a name with one public and one private address", async () => {
    const value = await result(
      `return failure(fetch("http://mixed.example/"));`,
      { "mixed.example": ["93.184.215.14", "10.0.0.7"] },
      strict,
    );
    expect(value).toBe(refusal("mixed.example (10.0.0.7)", "private"));
  });

  test("against DNS rebinding: the name is looked up once, and that address is connected to", async () => {
    let lookups = 0;
    // Public at the first look, this machine at any other: a second look-up would reach the server below.
    const addresses: Addresses = {
      "rebind.example": () => (++lookups === 1 ? "192.0.2.1" : "127.0.0.1"),
    };
    const allowDocumentation = { allow: ["192.0.2.0/24"], deny: [] };
    const value = await result(
      `return failure(fetch("http://rebind.example:${origin.port}/x"));`,
      addresses,
      {
        connectTimeoutMs: 100,
        route: async () => ({
          kind: "external",
          app: allowDocumentation,
          instance: allowDocumentation,
        }),
      },
    );
    expect(value).toStartWith("TypeError: Connection to rebind.example");
    expect(lookups).toBe(1);
    expect(requests).toEqual([]);
  });

  test("for kept connections too: one that is open is not used for a name that now resolves elsewhere", async () => {
    let lookups = 0;
    const addresses: Addresses = {
      "site.example": () => (++lookups === 1 ? "127.0.0.1" : "10.0.0.1"),
    };
    const local = { allow: ["127.0.0.0/8"], deny: [] };
    const value = await result(
      `return [await failure(fetch(BASE + "/x").then(async (r) => (await r.text(), r))), await failure(fetch(BASE + "/x"))];`,
      addresses,
      {
        route: async () => ({ kind: "external", app: local, instance: local }),
      },
    );
    expect(value).toEqual(["answered 418", refusal("site.example (10.0.0.1)", "private")]);
  });

  test("when the platform does not answer", async () => {
    requests = [];
    const { result: value } = await runInGuest(
      `export default fetch("http://127.0.0.1:${origin.port}/").then(() => "answered", (e) => e.message);`,
    );
    expect(value).toBe(refusal("127.0.0.1", "loopback").slice("TypeError: ".length));
    expect(requests).toEqual([]);
  });
});

function sourceOf(text: string): () => Promise<Uint8Array | null> {
  const pieces = [new TextEncoder().encode(text)];
  return async () => pieces.shift() ?? null;
}

test("a host that is a domain claim is answered inside the platform", async () => {
  const seen: InternalRequest[] = [];
  const value = await result(
    `const r = await fetch("https://claimed.example/path?q#f", { method: "POST", body: "in", headers: { "x-a": "b" } });
    return [r.status, r.url, r.headers.get("x-inside"), await r.text()];`,
    {},
    {
      route: async (_context, host) => ({
        kind: host === "claimed.example" ? "internal" : "external",
        app: NO_RULES,
      }),
      internal: async (_context, request) => {
        seen.push(request);
        return {
          status: 201,
          headers: [["X-Inside", "yes"]],
          body: sourceOf("out"),
          close: () => undefined,
        };
      },
    },
  );
  expect(value).toEqual([201, "https://claimed.example/path?q", "yes", "out"]);
  expect(seen[0]).toMatchObject({ method: "POST", url: "https://claimed.example/path?q" });
  expect(seen[0]?.headers).toContainEqual(["x-a", "b"]);
  expect(Buffer.from((seen[0]?.body as Uint8Array | null) ?? []).toString()).toBe("in");
});

describe("https", () => {
  test("needs a certificate for the name in the URL, whatever the address", async () => {
    const tls = { cert: await Bun.file(certificate).text(), key: await Bun.file(key).text() };
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls,
      fetch: (request) => new Response(new URL(request.url).host),
    });
    const addresses = { "secure.example": "127.0.0.1", "wrong.example": "127.0.0.1" };
    const script = `const text = (host) => fetch("https://" + host + ":${server.port}/").then((r) => r.text(), (e) => e.message);
      return [await text("secure.example"), await text("wrong.example")];`;
    const trusted = await result(script, addresses, { ca: tls.cert });
    const untrusted = await result(script, addresses);
    const { port } = server;
    void server.stop(true);
    expect(trusted).toEqual([
      `secure.example:${port}`,
      `Connection to wrong.example:${port} failed: ERR_TLS_CERT_ALTNAME_INVALID`,
    ]);
    expect(untrusted).toEqual([
      `Connection to secure.example:${port} failed: DEPTH_ZERO_SELF_SIGNED_CERT`,
      `Connection to wrong.example:${port} failed: DEPTH_ZERO_SELF_SIGNED_CERT`,
    ]);
  });
});
