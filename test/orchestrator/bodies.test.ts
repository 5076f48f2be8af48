import { describe, expect, test } from "bun:test";
import { completed, startPlane, text, until, type Handler } from "./harness.ts";
import type { ExecRequest } from "../../src/shared/execution.ts";

const MIB = 1024 * 1024;

async function bodyOf(request: ExecRequest): Promise<Uint8Array> {
  const { body } = request;
  return body instanceof ReadableStream
    ? await new Response(body).bytes()
    : (body ?? new Uint8Array());
}

const echoLength: Handler = async (request) => {
  try {
    return text(String((await bodyOf(request)).byteLength));
  } catch (error) {
    return {
      response: null,
      end: { ...completed, outcome: "threw", error: { name: "Error", message: String(error) } },
    };
  }
};

const chunked = (size: number, count: number): ReadableStream<Uint8Array> => {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent++ === count) controller.close();
      else controller.enqueue(new Uint8Array(size));
    },
  });
};

const streamOf = (
  pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void>,
): ReadableStream<Uint8Array> => new ReadableStream({ pull }, { highWaterMark: 0 });

const routes = ["* any / -> s"];

describe("request bodies", () => {
  test("a GET has none, whatever was sent with it", async () => {
    const bodies: unknown[] = [];
    const run: Handler = async (request) => {
      bodies.push(request.body);
      return text("ok");
    };
    using h = startPlane({ scripts: { s: { run } }, routes });
    const { received } = await h.raw(
      "GET / HTTP/1.1\r\nHost: x.test\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345",
      (so) => so.endsWith("ok"),
    );
    expect(received).toContain("200 OK");
    expect(bodies).toEqual([null]);
  });
  test.each([0, 10, 64 * 1024, 64 * 1024 + 1, MIB])(
    "%d bytes with a length arrive whole",
    async (size) => {
      using h = startPlane({ scripts: { s: { run: echoLength } }, routes });
      const response = await h.fetch("x.test", "/", { method: "POST", body: new Uint8Array(size) });
      expect(await response.text()).toBe(String(size));
    },
  );

  test("chunked ones arrive whole", async () => {
    using h = startPlane({ scripts: { s: { run: echoLength } }, routes });
    const response = await h.fetch("x.test", "/", { method: "POST", body: chunked(10_000, 50) });
    expect(await response.text()).toBe("500000");
  });

  test("a length over the limit is 413 before the script starts and before the body is there", async () => {
    using h = startPlane({
      scripts: { s: { run: echoLength, limits: { request_mb: 1 } } },
      routes,
    });
    const head = `POST / HTTP/1.1\r\nHost: x.test\r\nContent-Length: ${MIB + 1}\r\n\r\n`;
    const { received } = await h.raw(head, (so) => so.includes("body_too_large"));
    expect(received).toStartWith("HTTP/1.1 413 ");
    expect(h.records).toEqual([]);
  });

  test("a chunked one fails when it passes the limit: 413 where no response has begun", async () => {
    using h = startPlane({
      scripts: { s: { run: echoLength, limits: { request_mb: 1 } } },
      routes,
    });
    const fits = await h.fetch("x.test", "/", { method: "POST", body: chunked(MIB / 4, 4) });
    expect(await fits.text()).toBe(String(MIB));
    const tooLarge = await h.fetch("x.test", "/", { method: "POST", body: chunked(MIB / 4, 5) });
    expect([tooLarge.status, ((await tooLarge.json()) as { code: string }).code]).toEqual([
      413,
      "body_too_large",
    ]);
    expect(h.records.at(-1)).toMatchObject({ outcome: "threw", status: 413 });
  });

  test("a script that does not read its body does not stop the connection", async () => {
    using h = startPlane({ scripts: { s: { run: () => text("early") } }, routes });
    const response = await h.fetch("x.test", "/", {
      method: "POST",
      body: new Uint8Array(8 * MIB),
    });
    expect(await response.text()).toBe("early");
    expect(await (await h.fetch("x.test", "/")).text()).toBe("early");
  });
});

describe("response streams", () => {
  test("chunks go out as they are made, and the record follows the end", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const end = Promise.withResolvers<typeof completed>();
    let at = 0;
    const body = streamOf(async (controller) => {
      const gate = gates[at];
      if (gate === undefined) {
        controller.close();
        end.resolve(completed);
        return;
      }
      await gate.promise;
      controller.enqueue(new TextEncoder().encode(`part${at++};`));
    });
    using h = startPlane({
      scripts: {
        s: { run: () => ({ response: { status: 200, headers: [], body }, end: end.promise }) },
      },
      routes,
    });
    // Headers come with the first chunk.
    gates[0]?.resolve();
    const response = await h.fetch("x.test", "/");
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("part0;");
    expect(h.records).toEqual([]);
    gates[1]?.resolve();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("part1;");
    expect((await reader?.read())?.done).toBe(true);
    await until(() => h.records.length === 1);
  });

  test("a stream is open before its first byte", async () => {
    const opened = Promise.withResolvers<void>();
    let sent = false;
    const body = streamOf(async (controller) => {
      if (sent) return controller.close();
      sent = true;
      await opened.promise;
      controller.enqueue(new TextEncoder().encode("data: first\n\n"));
    });
    const headers: [string, string][] = [["content-type", "text/event-stream"]];
    using h = startPlane({
      scripts: { s: { run: () => ({ response: { status: 200, headers, body }, end: completed }) } },
      routes,
    });
    // Resolves with the head, which must not wait for what the client may have to cause.
    const response = await h.fetch("x.test", "/");
    opened.resolve();
    expect(await response.text()).toBe("data: first\n\n");
  });

  test("one that fails cuts the connection, so that the client sees it", async () => {
    let sent = false;
    const body = streamOf((controller) => {
      if (sent) controller.error(new Error("inner"));
      else controller.enqueue(new TextEncoder().encode("part"));
      sent = true;
    });
    using h = startPlane({
      scripts: {
        s: { run: () => ({ response: { status: 200, headers: [], body }, end: completed }) },
      },
      routes,
    });
    const { received, closed } = await h.raw("GET / HTTP/1.1\r\nHost: x.test\r\n\r\n", () => false);
    expect(closed).toBe(true);
    expect(received).not.toContain("\r\n0\r\n");
    expect(received).not.toContain("inner");
  });

  test("a slow reader slows the script down", async () => {
    let made = 0;
    const body = streamOf((controller) => {
      made++;
      controller.enqueue(new Uint8Array(MIB));
      if (made === 400) controller.close();
    });
    using h = startPlane({
      scripts: {
        s: { run: () => ({ response: { status: 200, headers: [], body }, end: completed }) },
      },
      routes,
    });
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: h.port,
      socket: {
        open: (peer) => (peer.pause(), void peer.write("GET / HTTP/1.1\r\nHost: x.test\r\n\r\n")),
        data: () => undefined,
      },
    });
    await until(() => made > 0);
    let before = -1;
    // Settles once the socket's buffers are full.
    while (made !== before) {
      before = made;
      for (let i = 0; i < 500; i++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(made).toBeLessThan(100);
    socket.terminate();
  });

  test("a client that goes away cancels the stream and aborts the execution", async () => {
    const cancelled = Promise.withResolvers<void>();
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (chunks++ > 0) await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(new Uint8Array(10));
      },
      cancel: () => cancelled.resolve(),
    });
    using h = startPlane({
      scripts: {
        s: { run: () => ({ response: { status: 200, headers: [], body }, end: completed }) },
      },
      routes,
    });
    await h.raw("GET / HTTP/1.1\r\nHost: x.test\r\n\r\n", (so) => so.includes("chunked"));
    await cancelled.promise;
    expect(h.seen().signal?.aborted).toBe(true);
  });

  test("a client that goes away before the answer aborts the execution", async () => {
    const aborted = Promise.withResolvers<void>();
    using h = startPlane({
      scripts: {
        s: {
          run: (request) => {
            request.signal?.addEventListener("abort", () => aborted.resolve());
            return aborted.promise.then(() => ({
              response: null,
              end: { ...completed, outcome: "aborted" as const },
            }));
          },
        },
      },
      routes,
    });
    const controller = new AbortController();
    const request = h.fetch("x.test", "/", { signal: controller.signal }).catch(() => undefined);
    await until(() => h.plane.metrics.render().includes("picloud_executions_running 1"));
    controller.abort();
    await aborted.promise;
    await request;
    await until(() => h.records.length === 1);
    expect(h.records[0]?.outcome).toBe("aborted");
  });

  test("HEAD of a streaming answer cancels the stream", async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() });
    using h = startPlane({
      scripts: {
        s: {
          run: () => ({
            response: { status: 200, headers: [["content-length", "77"]], body },
            end: completed,
          }),
        },
      },
      routes,
    });
    const response = await h.fetch("x.test", "/", { method: "HEAD" });
    await cancelled.promise;
    expect(response.headers.get("content-length")).toBe("77");
  });
});
