import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { DataPlane } from "../../src/orchestrator/data-plane.ts";
import { createHostServices } from "../../src/server/services.ts";
import { ExecutorHarness } from "../support/executor-harness.ts";

type Answer = (request: Request) => Response | Promise<Response>;

let answer: Answer;
let seen: { request: Request; triggerDepth: number; rootExecutionId: string }[] = [];
let executor: ExecutorHarness;

/** The claimed host is `inside.test`; what answers there is the test's to say. */
const plane = {
  claims: (host: string) => host === "inside.test",
  dispatchInternal: async (request: Request, context: (typeof seen)[number]) => {
    seen.push({ ...context, request });
    return await answer(request);
  },
} as unknown as DataPlane;

beforeAll(() => {
  const rules = { allow: [], deny: [] };
  executor = new ExecutorHarness({
    services: createHostServices({
      dataPlane: () => plane,
      egress: async () => ({ app: rules, instance: rules }),
    }),
  });
});
afterAll(() => executor.close());
beforeEach(() => {
  seen = [];
});

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener("abort", resolve));

describe("a script's fetch to a claimed host", () => {
  test("goes in with method, headers and body, one trigger deeper, and comes back", async () => {
    answer = async (request) =>
      new Response(`${request.method} ${await request.text()}`, {
        status: 201,
        headers: { "x-seen": request.headers.get("x-a") ?? "" },
      });
    const { text } = await executor.run(
      `export default async () => {
        const response = await fetch("http://inside.test/p?q", { method: "PUT", body: "sent", headers: { "x-a": "b" } });
        return [response.status, response.headers.get("x-seen"), await response.text()];
      }`,
      { triggerDepth: 2, rootExecutionId: "the root" },
    );
    expect(JSON.parse(text)).toEqual([201, "b", "PUT sent"]);
    expect(seen).toMatchObject([{ triggerDepth: 3, rootExecutionId: "the root" }]);
  });

  test("streams both ways at once: what comes back is there before all was sent", async () => {
    answer = (request) => new Response(request.body);
    const { text } = await executor.run(`export default async () => {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const response = await fetch("http://inside.test/", { method: "POST", body: readable, duplex: "half" });
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const got = [];
      for (const word of ["one", "two"]) {
        writer.write(new TextEncoder().encode(word));
        got.push(decoder.decode((await reader.read()).value));
      }
      writer.close();
      got.push((await reader.read()).done);
      return got;
    }`);
    expect(JSON.parse(text)).toEqual(["one", "two", true]);
  });

  test("makes the other side wait until it is read, and to be sent to", async () => {
    let made = 0;
    answer = () =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              made += 1;
              controller.enqueue(new Uint8Array(1024));
              if (made === 100) controller.close();
            },
          },
          { highWaterMark: 0 },
        ),
      );
    const { text } = await executor.run(`export default async () => {
      const response = await fetch("http://inside.test/");
      const reader = response.body.getReader();
      for (let i = 0; i < 3; i++) await reader.read();
      await reader.cancel();
      let pulled = 0;
      const body = new ReadableStream({ pull(c) { pulled++; c.enqueue(new Uint8Array(1024)) } }, { highWaterMark: 0 });
      const unread = await fetch("http://inside.test/", { method: "POST", body, duplex: "half" });
      return pulled;
    }`);
    expect(made).toBeLessThan(10);
    expect(Number(text)).toBeLessThan(10);
  });

  test("that is aborted ends the one inside, with its body", async () => {
    let inside: Promise<unknown> | undefined;
    answer = (request) => {
      inside = aborted(request.signal);
      return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    };
    const { text } = await executor.run(`export default async () => {
      const abort = new AbortController();
      const response = await fetch("http://inside.test/", { signal: abort.signal });
      const reading = response.text().catch((error) => error.name);
      abort.abort();
      return await reading;
    }`);
    expect(text).toBe('"AbortError"');
    await inside;
  });

  test("is ended when its script has ended, though nobody read it", async () => {
    let inside: Promise<unknown> | undefined;
    answer = (request) => {
      inside = aborted(request.signal);
      return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    };
    await executor.run(
      `export default async () => { await fetch("http://inside.test/"); return 1 }`,
    );
    await inside;
  });

  test("fails when the body inside fails", async () => {
    answer = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          pull: (controller) => controller.error(new Error("broken inside")),
        }),
      );
    const { text } = await executor.run(`export default async () => {
      const response = await fetch("http://inside.test/");
      return await response.text().catch((error) => error.name);
    }`);
    expect(text).toBe('"TypeError"');
  });

  test("cannot ask for what another execution opened", async () => {
    answer = () => new Response("secret");
    const services = createHostServices({
      dataPlane: () => plane,
      egress: () => Promise.reject(new Error("not asked")),
    });
    const context = {
      appId: "app",
      scriptId: "s",
      executionId: "one",
      rootExecutionId: "one",
      triggerDepth: 0,
    };
    const input = {
      method: "GET",
      url: "http://inside.test/",
      headers: [],
      body: null,
      streamed: false,
    };
    const id = await services.call(context, "fetch.internal", input);
    const other = { ...context, executionId: "two" };
    expect(services.call(other, "fetch.internal.head", { id })).rejects.toThrow("has ended");
    expect(await services.call(context, "fetch.internal.head", { id })).toMatchObject({
      status: 200,
    });
    services.ended?.("one");
    expect(services.call(context, "fetch.internal.read", { id })).rejects.toThrow("has ended");
  });
});
