/** Every limit of a script fires where the contract says, and a script within it is left alone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { expectProblem, Lab, type Reply } from "../support/contract-lab.ts";
import { eventually } from "../support/instance.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const LENGTH =
  "export default { fetch: async (req) => { try { return new Response(String((await req.arrayBuffer()).byteLength)); } catch (error) { return new Response('caught ' + error.name, { status: 418 }); } } };";
const MB = 1_048_576;

async function failing(
  source: string,
  limits: object,
  path = "/",
): Promise<Reply & { record: Record<string, unknown> }> {
  const { host, script } = await lab.deploy(source, "/*", { limits });
  const reply = await lab.ask(host, path);
  return { ...reply, record: await lab.record(script.id) };
}

describe("request_mb", () => {
  test("a Content-Length over it is 413 before the script starts", async () => {
    const { host, script } = await lab.deploy(LENGTH, "/*", { limits: { request_mb: 1 } });
    const text = await lab.http("POST", "/", host, `Content-Length: ${MB + 1}\r\n`, "x");
    expect(text).toMatch(/^HTTP\/1.1 413/u);
    expect(text).toContain("application/problem+json");
    const exact = await lab.ask(host, "/", { method: "POST", body: new Uint8Array(MB) });
    expect(exact.text).toBe(String(MB));
    const { body } = await lab.api("GET", `/scripts/${script.id}/logs?outcome=completed`);
    expect(body.items.length).toBeLessThanOrEqual(1);
  });

  test("a chunked body over it is 413 when no response has begun", async () => {
    const { host } = await lab.deploy(
      "export default { fetch: async (req) => new Response(String((await req.arrayBuffer()).byteLength)) };",
      "/*",
      { limits: { request_mb: 1 } },
    );
    const chunk = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`;
    const text = await lab.http(
      "POST",
      "/",
      host,
      "Transfer-Encoding: chunked\r\n",
      `${chunk.repeat(20)}0\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1.1 413/u);
    const small = await lab.http(
      "POST",
      "/",
      host,
      "Transfer-Encoding: chunked\r\n",
      `${chunk.repeat(2)}0\r\n\r\n`,
    );
    expect(small).toContain("131072");
  });
});

describe("response_mb", () => {
  test.each([
    ["at once", "new Response(new Uint8Array(2 * 1048576))"],
    ["as a string", "new Response('x'.repeat(2 * 1048576))"],
  ])("an answer over it, %s, is no 200", async (_how, body) => {
    const reply = await failing(`export default () => ${body};`, { response_mb: 1 });
    expect(reply.status).toBeOneOf([502, 507]);
    expect(reply.record["outcome"]).not.toBe("completed");
  });

  test("a stream over it is cut, and one within it is whole", async () => {
    const stream = (mb: number) =>
      `export default () => { let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ >= ${mb * 16}) c.close(); else c.enqueue(new Uint8Array(65536)); } })); };`;
    const { host, script } = await lab.deploy(stream(3), "/*", { limits: { response_mb: 1 } });
    const text = await lab.http("GET", "/", host).catch(() => "");
    expect(text.length).toBeLessThan(1.2 * MB);
    expect((await lab.record(script.id))["outcome"]).not.toBe("completed");
    const whole = await lab.run(stream(0.5), "/", { limits: { response_mb: 1 } });
    expect(whole.text.length).toBe(0.5 * MB);
  });
});

test("log_lines: lines over it are dropped, and the record says so", async () => {
  const { host, script } = await lab.deploy(
    "export default () => { for (let i = 0; i < 50; i++) console.log('line', i); return 1; };",
    "/*",
    { limits: { log_lines: 5 } },
  );
  expect((await lab.ask(host, "/")).body).toBe(1);
  const { logs } = (await lab.record(script.id)) as unknown as { logs: { data: unknown }[] };
  expect(logs.slice(0, 5).map(({ data }) => data)).toEqual([0, 1, 2, 3, 4]);
  expect(logs.length).toBeLessThanOrEqual(6);
});

test("subrequests: the fetch over it rejects with what names the limit", async () => {
  const inner = await lab.deploy("export default () => 1;");
  const { host } = await lab.deploy(
    `export default async () => { const out = []; for (let i = 0; i < 4; i++) { try { out.push(await (await fetch("http://${inner.host}/")).json()); } catch (error) { out.push(error.name + ": " + error.message); } } return out; };`,
    "/*",
    { limits: { subrequests: 2 } },
  );
  const { body } = await lab.ask(host, "/");
  expect(body.slice(0, 2)).toEqual([1, 1]);
  expect(body[2]).toMatch(/subrequests/u);
  expect(body[3]).toMatch(/subrequests/u);
  expect((await lab.ask(host, "/")).body.slice(0, 2)).toEqual([1, 1]);
});

test.each([
  [
    "wall_ms",
    "await new Promise((done) => setTimeout(done, 60000)); return 1;",
    { wall_ms: 200 },
    "timed_out",
    504,
  ],
  ["cpu_ms in a loop", "for (;;);", { cpu_ms: 50 }, "cpu_exceeded", 507],
  ["cpu_ms over many turns", "for (;;) await null;", { cpu_ms: 50 }, "cpu_exceeded", 507],
  [
    "cpu_ms in a regular expression",
    "return /^(a+)+$/.test('a'.repeat(40) + '!');",
    { cpu_ms: 50 },
    "cpu_exceeded",
    507,
  ],
  [
    "cpu_ms in sort",
    "return Array.from({ length: 2e6 }, () => Math.random()).sort().length;",
    { cpu_ms: 50, memory_mb: 256 },
    "cpu_exceeded",
    507,
  ],
  [
    "cpu_ms in a bigint product",
    "let a = 3n ** 400000n; for (let i = 0; i < 20; i++) a *= a; return 1;",
    { cpu_ms: 50, memory_mb: 256 },
    "cpu_exceeded",
    507,
  ],
  [
    "cpu_ms in JSON",
    "const a = []; for (let i = 0; i < 1e5; i++) a.push({ i }); for (;;) JSON.parse(JSON.stringify(a));",
    { cpu_ms: 80, memory_mb: 256 },
    "cpu_exceeded",
    507,
  ],
  [
    "cpu_ms in finally",
    "for (;;) try { for (;;); } finally { continue; }",
    { cpu_ms: 50 },
    "cpu_exceeded",
    507,
  ],
  [
    "memory_mb in arrays",
    "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));",
    { memory_mb: 16, cpu_ms: 20000 },
    "memory_exceeded",
    507,
  ],
  [
    "memory_mb in strings",
    "let s = 'x'; const k = []; for (;;) { s = s + s + 'y'; k.push(s.split('').join('')); }",
    { memory_mb: 16, cpu_ms: 20000 },
    "memory_exceeded",
    507,
  ],
  [
    "memory_mb caught again and again",
    "const a = []; for (;;) try { a.push(new Uint8Array(4e6).fill(1)); } catch {}",
    { memory_mb: 16, cpu_ms: 300 },
    /^(memory|cpu)_exceeded$/u,
    507,
  ],
])("%s ends the run, and the next one works", async (_name, body, limits, outcome, status) => {
  const { host, script } = await lab.deploy(
    `export default async (req) => { if (req.url.endsWith("/ok")) return "ok"; ${body} };`,
    "/*",
    { limits },
  );
  const reply = await lab.ask(host, "/");
  expect(reply.status).toBe(status);
  expect((await lab.record(script.id))["outcome"]).toMatch(
    outcome instanceof RegExp ? outcome : new RegExp(`^${outcome}$`, "u"),
  );
  expect((await lab.ask(host, "/ok")).body).toBe("ok");
});

test("stack_kb: runaway recursion is a RangeError that a script can catch, and more stack goes deeper", async () => {
  const source =
    "export default () => { let n = 0; const f = () => { n++; f(); }; try { f(); } catch (error) { return [error.name, n]; } };";
  const small = await lab.run(source, "/", { limits: { stack_kb: 64 } });
  const large = await lab.run(source, "/", { limits: { stack_kb: 1024 } });
  expect(small.body[0]).toBe("RangeError");
  expect(large.body[0]).toBe("RangeError");
  expect(large.body[1]).toBeGreaterThan(small.body[1] * 4);
});

test("stream_idle_ms: a stream that falls silent is ended, one that goes on is not held by wall_ms", async () => {
  const { host, script } = await lab.deploy(
    `export default (req) => { const quiet = req.url.endsWith("/quiet"); let n = 0; return new Response(new ReadableStream({ async pull(c) { if (n++ === 8) return c.close(); if (quiet && n > 1) return new Promise((done) => setTimeout(done, 60000)); await new Promise((done) => setTimeout(done, 60)); c.enqueue(new TextEncoder().encode("tick ")); } })); };`,
    "/*",
    { limits: { stream_idle_ms: 300, wall_ms: 250 } },
  );
  expect((await lab.ask(host, "/steady")).text).toBe("tick ".repeat(8));
  const text = await lab.http("GET", "/quiet", host).catch(() => "");
  expect(text).toContain("tick");
  expect(await lab.record(script.id, 2)).toMatchObject({ outcome: "timed_out" });
});

test("concurrency: one more than it is 503 with Retry-After, and there is room again afterwards", async () => {
  const { host } = await lab.deploy(
    `export default (req) => req.url.endsWith("/hold") ? new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("open")); } })) : "free";`,
    "/*",
    { limits: { concurrency: 2 } },
  );
  const hold = () =>
    new Promise<ReturnType<typeof connect>>((resolve) => {
      const socket = connect(lab.cloud.port, "127.0.0.1", () =>
        socket.write(`GET /hold HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
      );
      socket.on("error", () => {});
      socket.once("data", () => resolve(socket));
    });
  const held = await Promise.all([hold(), hold()]);
  const full = await lab.ask(host, "/");
  expectProblem(full, 503, /./u);
  expect(full.headers.get("retry-after")).toMatch(/^\d+$/u);
  for (const socket of held) socket.destroy();
  expect(await eventually(async () => (await lab.ask(host, "/")).body === "free")).toBe(true);
});

test("a Deno.serve handler that never answers its caller leaves no trace on the next app", async () => {
  const one = await lab.deploy(
    "globalThis.leak = 'secret'; export default () => { Object.prototype.leak = 1; globalThis.more = 1; for (;;); };",
    "/*",
    { limits: { cpu_ms: 30 } },
  );
  const two = await lab.deploy(
    "export default () => [typeof leak, typeof more, typeof ({}).leak];",
  );
  await lab.ask(one.host, "/");
  expect((await lab.ask(two.host, "/")).body).toEqual(["undefined", "undefined", "undefined"]);
});
