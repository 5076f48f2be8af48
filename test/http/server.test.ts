/** The HTTP/1.1 server by raw sockets: time, size and ends of connections. */
import { expect, test } from "bun:test";
import { answer, Client, get, open, post, standstill } from "./client.ts";

test("a connection without a request is closed when its time is up, and so is one that was used", async () => {
  await using server = open(() => answer("x"), { idleTimeoutSeconds: 1 });
  using silent = new Client(server.port);
  using used = new Client(server.port, get("/"));
  await Promise.all([silent.closed, used.closed]);
  expect(silent.text).toBe("");
  expect(used.text).toEndWith("\r\n\r\nx");
}, 15_000);

test("a head that comes byte by byte is refused when its time is up, however steadily it comes", async () => {
  await using server = open(() => answer("x"), { idleTimeoutSeconds: 1 });
  using slow = new Client(server.port, "GET / HTTP/1.1\r\nX-A: ");
  const timer = setInterval(() => slow.socket.write("a"), 100);
  await slow.closed;
  clearInterval(timer);
  expect(slow.text).toMatch(/^HTTP\/1\.1 408 [^]*The request did not arrive/);
}, 15_000);

test("what a handler takes its time for is not cut off by the idle timeout", async () => {
  const late = Promise.withResolvers<void>();
  await using server = open(() => late.promise.then(() => answer("late")), {
    idleTimeoutSeconds: 1,
  });
  using waiting = new Client(server.port, get("/"));
  using idle = new Client(server.port);
  // Closed by the very bound that must not hold for the other.
  await idle.closed;
  late.resolve();
  expect(await waiting.until((text) => text.includes("late"))).toStartWith("HTTP/1.1 200 ");
}, 15_000);

test("a client that ends its side behind a request still gets what is answered at once", async () => {
  await using server = open(() => answer("there"));
  using half = new Client(server.port);
  half.socket.end(get("/"));
  await half.closed;
  expect(half.text).toEndWith("there");
});

test("a client that goes away aborts its request, and those that wait behind it never start", async () => {
  const aborted = Promise.withResolvers<string>();
  const started = Promise.withResolvers<void>();
  const seen: string[] = [];
  await using server = open((request) => {
    seen.push(request.target?.path ?? "");
    request.signal.addEventListener("abort", () => aborted.resolve(request.target?.path ?? ""));
    started.resolve();
    return new Promise(() => undefined);
  });
  const client = new Client(server.port, get("/first") + get("/second"));
  await started.promise;
  client.socket.destroy();
  expect(await aborted.promise).toBe("/first");
  expect(seen).toEqual(["/first"]);
});

test("a client that resets its connection behind a request is still known by its address", async () => {
  const seen: unknown[] = [];
  const onError = (error: unknown): void => void seen.push(error);
  await using server = open(
    (request) => {
      seen.push(request.remoteAddr.hostname);
      return answer("x");
    },
    { onError },
  );
  // Of Node: Bun's sockets cannot reset.
  const client = `import { connect } from "node:net";
    for (let i = 0; i < 300; i++) await new Promise((resolve) => {
      const socket = connect(${server.port}, "127.0.0.1", () => {
        socket.write("GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
        socket.resetAndDestroy();
      });
      socket.on("close", resolve).on("error", () => undefined);
    });`;
  await Bun.spawn(["node", "--input-type=module", "-e", client]).exited;
  using last = new Client(server.port, get("/"));
  await last.until((text) => text.endsWith("x"));
  expect(seen.length).toBeGreaterThan(1);
  expect([...new Set(seen)]).toEqual(["127.0.0.1"]);
}, 20_000);

test("a client that goes away cancels the stream that it was getting", async () => {
  const cancelled = Promise.withResolvers<void>();
  await using server = open(() =>
    answer(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
        cancel: () => cancelled.resolve(),
      }),
    ),
  );
  const client = new Client(server.port, get("/"));
  await client.until((text) => text.includes("first"));
  client.socket.destroy();
  await cancelled.promise;
  expect(client.text).toContain("transfer-encoding: chunked");
});

test("a stream is read no faster than its client takes it", async () => {
  const chunk = new Uint8Array(64 * 1024);
  let given = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      given += chunk.length;
      controller.enqueue(chunk);
    },
  });
  await using server = open(() => answer(body));
  using client = new Client(server.port);
  client.socket.pause();
  client.socket.write(get("/"));
  // Until it stands still: the buffers of both ends are full.
  const buffered = await standstill(() => given);
  expect(buffered).toBeGreaterThan(0);
  expect(buffered).toBeLessThan(16 * 1024 * 1024);
});

test("a body is read no faster than the handler takes it", async () => {
  const size = 200 * 1024 * 1024;
  const read = Promise.withResolvers<void>();
  await using server = open(
    async (request) => {
      await read.promise;
      let bytes = 0;
      for await (const part of request.body ?? []) bytes += part.length;
      return answer(String(bytes));
    },
    { bodyBytesMax: size },
  );
  using client = new Client(server.port, post(size));
  const part = new Uint8Array(1024 * 1024);
  let sent = 0;
  while (sent < size && client.socket.write(part)) sent += part.length;
  let rest = size - sent - part.length;
  // It waits: kernel and listener hold a few MiB and no more.
  expect(client.socket.writableLength).toBeGreaterThan(0);
  read.resolve();
  while (rest > 0) {
    const more = part.subarray(0, Math.min(part.length, rest));
    rest -= more.length;
    if (!client.socket.write(more))
      await new Promise<void>((resolve) => void client.socket.once("drain", resolve));
  }
  expect(await client.until((text) => text.endsWith(String(size)))).toStartWith("HTTP/1.1 200 ");
}, 20_000);

test("a body that is larger than the server takes is refused, by its length or when it has grown too large", async () => {
  const failed = Promise.withResolvers<unknown>();
  await using server = open((request) =>
    request.bytes().then(
      (bytes) => answer(`${bytes.length}`),
      (error) => {
        failed.resolve(error);
        return answer("never sent");
      },
    ),
  );
  using announced = new Client(server.port, post(1_000_001));
  await announced.closed;
  expect(announced.text).toStartWith("HTTP/1.1 413 ");
  using grown = new Client(
    server.port,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  for (let i = 0; i < 20; i++) grown.socket.write(chunk);
  await grown.closed;
  expect(String(await failed.promise)).toContain("went away");
  expect(grown.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(grown.text).toStartWith("HTTP/1.1 413 ");
});

test("a broken chunk in mid-body is refused once, and the script sees the body fail", async () => {
  const failed = Promise.withResolvers<unknown>();
  const started = Promise.withResolvers<void>();
  await using server = open(async (request) => {
    started.resolve();
    try {
      return answer(await new Response(request.body).text());
    } catch (error) {
      failed.resolve(error);
      return answer("never sent");
    }
  });
  using client = new Client(
    server.port,
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
  );
  await started.promise;
  client.socket.write("zz\r\n");
  await client.closed;
  await failed.promise;
  expect(client.text).toStartWith("HTTP/1.1 400 ");
  expect(client.text).not.toContain("never sent");
});

test("header values have a byte for each character, bodies are UTF-8", async () => {
  await using server = open((request) =>
    answer(`é€ ${request.headers.get("x-in")}`, [["x-out", "caf\u00e9"]]),
  );
  using client = new Client(server.port);
  client.socket.write(Buffer.from(get("/", "X-In: \u00fc "), "latin1"));
  const text = await client.until((so) => so.includes("\r\n\r\n"));
  expect(text).toContain("x-out: caf\u00e9\r\n");
  expect(Buffer.from(text.slice(text.indexOf("\r\n\r\n") + 4), "latin1").toString()).toBe("é€ ü");
});

test("what a handler throws is 500 for its client, and told to the server", async () => {
  const errors: unknown[] = [];
  await using server = open(
    ({ target }) => {
      if (target?.path === "/rejects") return Promise.reject(new Error("rejected"));
      throw new Error("thrown");
    },
    { onError: (error) => void errors.push(error) },
  );
  using client = new Client(server.port, get("/throws") + get("/rejects"));
  const text = await client.until((so) => so.split("HTTP/1.1 500 ").length === 3);
  expect(text).not.toContain("thrown");
  expect(errors.map(String)).toEqual(["Error: thrown", "Error: rejected"]);
});

test("stopping lets running answers end, closes idle connections and takes no new ones", async () => {
  const started = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  const server = open(() => {
    started.resolve();
    return late.promise.then(() => answer("late"));
  });
  using running = new Client(server.port, get("/"));
  using idle = new Client(server.port);
  await started.promise;
  const stopped = server.stop(10_000);
  await idle.closed;
  idle.socket.destroy();
  using refused = new Client(server.port);
  await refused.closed;
  late.resolve();
  await running.closed;
  expect(running.text).toMatch(/connection: close[^]*late$/);
  running.socket.destroy();
  await stopped;
});

test("stopping cuts what is not through in time", async () => {
  const started = Promise.withResolvers<void>();
  const server = open(() => {
    started.resolve();
    return new Promise(() => undefined);
  });
  using client = new Client(server.port, get("/"));
  await started.promise;
  await server.stop(50);
  await client.closed;
  expect(client.text).toBe("");
});

test.each([
  ["bytes that are no HTTP", "nonsense\r\n\r\n", 400, "invalid_request"],
  ["a method that nobody knows", "FOO / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "invalid_request"],
  ["another version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, "version_not_supported"],
  ["a head that is too large", get("/", `X-A: ${"a".repeat(20_000)}`), 431, "head_too_large"],
  ["a body that is too large", post(1_000_001), 413, "body_too_large"],
  ["an expectation", get("/", "Expect: a-coffee"), 417, "expectation_failed"],
  ["a fault of the handler", get("/throws", "Connection: close"), 500, "internal"],
])(
  "the refusal of %s is a problem document with all its members",
  async (_, bytes, status, code) => {
    await using server = open(() => {
      throw new Error("thrown");
    });
    using client = new Client(server.port, bytes);
    await client.closed;
    const [head = "", body = ""] = client.text.split("\r\n\r\n");
    expect(head).toStartWith(`HTTP/1.1 ${status} `);
    const requestId = /^x-request-id: (\S+)$/m.exec(head)?.[1];
    expect(head).toContain("content-type: application/problem+json");
    expect(JSON.parse(body)).toEqual({
      type: `/api/v1/problems/${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
      request_id: requestId,
    });
  },
);
