/** Clients of bad will, and those that are only unlucky. */
import { expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import { IncomingBody } from "../../src/http/body.ts";
import { Connection } from "../../src/http/connection.ts";
import type { Answer } from "../../src/shared/http.ts";
import { answer, Client, get, hostOf, noSocket, open, post, standstill } from "./client.ts";

const CHUNKED = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n";
const streamOf = (...parts: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });

test("a stream to a client of HTTP/1.0 ends with the connection, also where that was to be kept", async () => {
  await using server = open(() => answer(streamOf("part")));
  const head = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  using client = new Client(server.port, head + head);
  await client.closed;
  expect(client.text).toContain("connection: close");
  expect(client.text).not.toContain("keep-alive");
  expect(client.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
});

test("100 Continue never stands within an answer: one that echoes the body asks for it first", async () => {
  await using server = open((request) => answer(request.body));
  using client = new Client(server.port, post(3, "Expect: 100-continue"));
  await client.until((so) => so.includes("200 OK"));
  client.socket.write(`abc${get("/")}`);
  const text = await client.until((so) => so.split("200 OK").length === 3);
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  expect(text).toContain("\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK");
});

test("no request is begun while its client does not take the answers to those before", async () => {
  let begun = 0;
  const large = new Uint8Array(1024 * 1024);
  await using server = open(() => {
    begun++;
    return answer(large);
  });
  using client = new Client(server.port);
  client.socket.pause();
  client.socket.write(get("/").repeat(2_000));
  expect(await standstill(() => begun)).toBeLessThan(20);
  client.socket.resume();
  await client.until(() => begun > 50);
});

test("neither while the answers take their time", async () => {
  let begun = 0;
  const large = new Uint8Array(1024 * 1024);
  await using server = open(async () => {
    begun++;
    await new Promise((resolve) => setImmediate(resolve));
    return answer(large);
  });
  using client = new Client(server.port);
  client.socket.pause();
  client.socket.write(get("/").repeat(2_000));
  expect(await standstill(() => begun)).toBeLessThan(20);
});

test("a client that sends thousands of requests at once does not keep the others waiting", async () => {
  const seen: string[] = [];
  await using server = open(({ target }) => {
    seen.push(target?.path ?? "");
    const until = performance.now() + 0.5;
    while (performance.now() < until);
    return answer("x");
  });
  using greedy = new Client(server.port, get("/greedy").repeat(5_000));
  await greedy.until((so) => so.includes("200"));
  using modest = new Client(server.port, get("/modest"));
  await modest.until((so) => so.endsWith("x"));
  expect(seen.length).toBeLessThan(1_500);
});

test("an answer that was given is sent whole to a client that has ended its side", async () => {
  const size = 32 * 1024 * 1024;
  await using server = open(() => answer(new Uint8Array(size)));
  using client = new Client(server.port);
  client.socket.pause();
  client.socket.write(get("/"));
  await new Promise((resolve) => client.socket.once("readable", resolve));
  await standstill(() => 0);
  client.socket.end();
  await standstill(() => 0);
  client.socket.resume();
  await client.closed;
  expect(client.text.length).toBeGreaterThan(size);
}, 20_000);

test("what follows CONNECT is no request", async () => {
  const seen: string[] = [];
  await using server = open(({ method }) => {
    seen.push(method);
    return answer("no");
  });
  using client = new Client(server.port, `CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n${get("/")}`);
  await client.closed;
  expect(seen).toEqual(["CONNECT"]);
});

test.each([
  ["a body that grows too large", `100000\r\n${"a".repeat(0x100000)}\r\n`],
  ["a body that breaks", "zz\r\n"],
])("%s after its answer ends the connection without a second one", async (_, bytes) => {
  await using server = open(() => answer("early"));
  using client = new Client(server.port, `${CHUNKED}\r\n`);
  await client.until((so) => so.endsWith("early"));
  client.socket.write(bytes);
  await client.closed;
  expect(client.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
});

test("a body that stops coming after its answer ends the connection without a second one", async () => {
  await using server = open(() => answer("early"), { idleTimeoutSeconds: 1 });
  using client = new Client(server.port, `${post(10)}abc`);
  await client.closed;
  expect(client.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
}, 10_000);

test("a body that was not asked for yet is not late", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = open(
    async (request) => {
      await asked.promise;
      return answer(await request.bytes());
    },
    { idleTimeoutSeconds: 1 },
  );
  using idle = new Client(server.port);
  using client = new Client(server.port, post(3, "Expect: 100-continue"));
  await idle.closed;
  using idleToo = new Client(server.port);
  await idleToo.closed;
  asked.resolve();
  await client.until((so) => so.includes("100 Continue"));
  client.socket.write("abc");
  expect(await client.until((so) => so.endsWith("abc"))).toContain("200 OK");
}, 15_000);

test.each([
  ["extensions of a chunk", "", "1;", "a=b;"],
  ["trailers", "", "0\r\n", "X-A: b\r\n"],
  ["trailers of few names", "", "0\r\nX-A: ", "bbbb"],
])(
  "%s are bounded",
  async (_, header, begin, more) => {
    await using server = open((request) =>
      request.bytes().then(
        () => answer("x"),
        () => answer("y"),
      ),
    );
    using client = new Client(server.port, `${CHUNKED}${header}\r\n${begin}`);
    for (let sent = 0; sent < 4 * 1024 * 1024; sent += 64 * 1024)
      client.socket.write(more.repeat((64 * 1024) / more.length));
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1\.1 4\d\d /);
  },
  10_000,
);

test("the rest of a body that nobody reads is to come in time, however steadily it comes", async () => {
  await using server = open(() => answer("early"), { idleTimeoutSeconds: 1 });
  using client = new Client(server.port, `${CHUNKED}\r\n`);
  const timer = setInterval(() => client.socket.write("0"), 100);
  await client.closed;
  clearInterval(timer);
  expect(client.text).toEndWith("early");
}, 10_000);

test("a body of tiny chunks is held in few pieces", () => {
  const body = new IncomingBody({ bodyWanted: () => undefined });
  const before = typedArrays();
  for (let i = 0; i < 100_000; i++) body.push(new Uint8Array([i]));
  expect(typedArrays() - before).toBeLessThan(1_000);
  expect(body.held).toBe(100_000);
});

function typedArrays(): number {
  Bun.gc(true);
  const { objectTypeCounts } = heapStats();
  return (objectTypeCounts["Uint8Array"] ?? 0) + (objectTypeCounts["Buffer"] ?? 0);
}

test("bodies of requests that wait are held up to a bound for all of them together", () => {
  const seen = { isPaused: false };
  const host = hostOf(() => new Promise(() => undefined));
  const connection = new Connection(host, {
    ...noSocket,
    pause: () => void (seen.isPaused = true),
  });
  connection.received(Buffer.from(get("/")));
  connection.run(0);
  let requests = 0;
  for (; !seen.isPaused && requests < 16; requests++)
    connection.received(Buffer.from(post(100_000) + "a".repeat(100_000)));
  expect(requests).toBeLessThan(5);
});

test.each([
  ["garbage", "\u0000", 400],
  ["a request", get("/next"), 200],
])(
  "%s behind a handshake that was refused is read as any other bytes",
  async (_, bytes, status) => {
    await using server = open(() => answer("no"));
    const handshake = get("/", "Connection: upgrade", "Upgrade: websocket");
    using together = new Client(server.port, handshake + bytes);
    await together.until((so) => so.includes(`no`) && so.includes(`HTTP/1.1 ${status}`, 20));
    using apart = new Client(server.port, handshake);
    await apart.until((so) => so.endsWith("no"));
    apart.socket.write(bytes);
    await apart.until((so) => so.includes(`HTTP/1.1 ${status}`, 20));
  },
);

test("the body of a request that asks for HTTP/2 besides arrives", async () => {
  await using server = open(async (request) => answer(await request.bytes()));
  using client = new Client(server.port, post(3, "Connection: upgrade", "Upgrade: h2c"));
  client.socket.write("a");
  client.socket.write("bc");
  await client.until((so) => so.endsWith("abc"));
});

test("QUERY is a method like others", async () => {
  await using server = open(({ method }) => answer(`[${method}]`));
  using client = new Client(server.port, "QUERY / HTTP/1.1\r\nHost: x\r\n\r\n");
  await client.until((so) => so.includes("[QUERY]"));
});

test("past the bound on connections the oldest idle one makes room, and none that is answered", async () => {
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<Answer>();
  await using server = open(
    ({ target }) => {
      if (target?.path !== "/slow") return answer("quick");
      asked.resolve();
      return release.promise;
    },
    { connectionsMax: 2 },
  );
  using busy = new Client(server.port, get("/slow"));
  await asked.promise;
  using idle = new Client(server.port, get("/"));
  await idle.until((so) => so.endsWith("quick"));
  using busyToo = new Client(server.port, get("/slow"));
  await idle.closed;
  using tooMany = new Client(server.port, get("/"));
  await tooMany.closed;
  expect(tooMany.text).toBe("");
  release.resolve(answer("slow"));
  await Promise.all([busy, busyToo].map((client) => client.until((so) => so.endsWith("slow"))));
});

test.each(["at once", "later"])(
  "an answer that cannot be written, given %s, ends its connection alone and is told to the server",
  async (when) => {
    const errors: unknown[] = [];
    const broken = { ...answer("x"), headers: null as never };
    await using server = open(
      ({ target }) => {
        if (target?.path === "/fine") return answer("fine");
        return when === "later" ? Promise.resolve(broken) : broken;
      },
      { onError: (error) => void errors.push(error) },
    );
    using client = new Client(server.port, get("/"));
    await client.closed;
    expect(errors).toHaveLength(1);
    using next = new Client(server.port, get("/fine"));
    await next.until((so) => so.endsWith("fine"));
  },
);

test("stopping has its bound, whatever state a connection is in", async () => {
  const asked: string[] = [];
  const server = open(async (request) => {
    const path = request.target?.path ?? "";
    asked.push(path);
    if (path === "/large") return answer(new Uint8Array(32 * 1024 * 1024));
    if (path === "/stream")
      return answer(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    if (path === "/body") await request.bytes().catch(() => undefined);
    return new Promise(() => undefined);
  });
  const clients = [
    "",
    "GET / HT",
    "garbage\r\n",
    get("/wait") + get("/behind"),
    get("/body", "Content-Length: 10") + "abc",
    get("/body", "Content-Length: 10", "Expect: 100-continue"),
    get("/stream"),
    get("/large"),
  ].map((bytes) => new Client(server.port, bytes));
  clients.at(-1)?.socket.pause();
  await standstill(() => asked.length);
  expect(asked.toSorted()).toEqual(["/body", "/body", "/large", "/stream", "/wait"]);
  const began = performance.now();
  await server.stop(200);
  expect(performance.now() - began).toBeLessThan(2_000);
  clients.at(-1)?.socket.resume();
  await Promise.all(clients.map((client) => client.closed));
  for (const client of clients) client.socket.destroy();
});

test("clients that reset their connections in mid answer leave nothing behind", async () => {
  const cancelled = new Set<number>();
  let begun = 0;
  const server = open(() => {
    const id = begun++;
    return answer(
      new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          await new Promise((resolve) => setImmediate(resolve));
          controller.enqueue(new Uint8Array(1_000));
        },
        cancel: () => void cancelled.add(id),
      }),
    );
  });
  const clients = Array.from(
    { length: 50 },
    () => new Client(server.port, get("/") + get("/next")),
  );
  await Promise.all(clients.map((client) => client.until((so) => so.length > 2_000)));
  for (const client of clients) client.socket.resetAndDestroy();
  while (cancelled.size < 50) await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toBe(50);
  // Resolves before its bound only when no connection is left.
  const began = performance.now();
  await server.stop(5_000);
  expect(performance.now() - began).toBeLessThan(4_000);
});
