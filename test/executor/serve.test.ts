/** Deno.serve as Deno's own tests have it: what its options refuse, and what reaches `onError`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ExecutorHarness } from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

describe("onError of Deno.serve is handed a TypeError", () => {
  const handlers: [what: string, handler: string, message: string][] = [
    [
      "for a handler that returns nothing",
      "() => undefined",
      "Return value from serve handler must be a response or a promise resolving to a response",
    ],
    ["for Response.error()", "async () => Response.error()", "Response.error()"],
    ["for a response whose body was read", "() => read", "read already"],
    [
      "for an object that only looks like a Response",
      "() => Object.create(Response.prototype)",
      "must be a Response made by the constructor in this realm",
    ],
  ];
  for (const [what, handler, message] of handlers) {
    test(what, async () => {
      const { status, text } = await executor.run(`
        const read = new Response("x"); await read.text();
        const onError = (error) => new Response(\`\${error instanceof TypeError} \${error.message}\`, { status: 418 });
        Deno.serve({ onError }, ${handler});`);
      expect(status).toBe(418);
      expect(text).toStartWith("true ");
      expect(text).toContain(message);
    });
  }

  test("once: what its own answer lacks is the outcome", async () => {
    const { status, end } = await executor.run(
      "Deno.serve({ onError: () => undefined }, () => { throw new Error('first') })",
    );
    expect(status).toBeNull();
    expect(end.outcome).toBe("invalid_response");
  });
});

describe("Deno.serve refuses", () => {
  const ports: [port: string, message: string][] = [
    ["45.1", "TypeError: Invalid port: 45.1"],
    ["NaN", "TypeError: Invalid port: NaN"],
    ["'web'", "TypeError: Invalid port: 'web'"],
    ["-111", "RangeError: Invalid port (out of range): -111"],
    ["100000", "RangeError: Invalid port (out of range): 100000"],
    ["true", "TypeError: Invalid port (expected number): true"],
  ];
  for (const [port, message] of ports) {
    test(`the port ${port}`, async () => {
      const { text } = await executor.run(`
        let refusal = "none";
        try { Deno.serve({ port: ${port} }, () => new Response()) } catch (error) { refusal = String(error) }
        Deno.serve({ port: "8000" }, () => new Response(refusal));`);
      expect(text).toBe(message);
    });
  }
});
