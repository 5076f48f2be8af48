import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ExecutorHarness, makeRequest, makeScript } from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

const HELLO = "export default () => ({ ok: true })";

/** The process must be as good as new afterwards. */
async function expectNextWorks(): Promise<void> {
  const { status, text } = await executor.run(HELLO);
  expect(status).toBe(200);
  expect(text).toBe('{"ok":true}');
}

describe("an execution", () => {
  test("answers with a plain value as JSON", async () => {
    const { status, text, end } = await executor.run(
      "export default (req, info) => ({ name: info.params.name })",
      {
        params: { name: "Ada" },
      },
    );
    expect(status).toBe(200);
    expect(text).toBe('{"name":"Ada"}');
    expect(end.outcome).toBe("completed");
    expect(end.memoryPeakBytes).toBeGreaterThan(0);
  });

  test("keeps what was logged, up to log_lines", async () => {
    const script = makeScript(
      "export default () => { for (let i = 0; i < 10; i++) console.log('line ' + i); return 1 }",
      {
        limits: { log_lines: 4 },
      },
    );
    const { end } = await executor.run(script);
    expect(end.logs.map((line) => line.message)).toEqual(["line 0", "line 1", "line 2", "line 3"]);
    expect(end.logsDropped).toBe(6);
  });

  test("ends after its waitUntil work", async () => {
    const { end } = await executor.run(`export default (req, info) => {
      info.waitUntil(new Promise((resolve) => setTimeout(() => { console.log("late"); resolve() }, 20)));
      return "now";
    }`);
    expect(end.logs.map((line) => line.message)).toEqual(["late"]);
  });
});

describe("a script that misbehaves", () => {
  test("is told where its recursion has no end", async () => {
    const { end } = await executor.run(
      "export default () => { const dive = () => dive() + 1; dive() }",
    );
    expect(end.error).toMatchObject({ name: "RangeError" });
    expect(end.error?.stack).toContain("at dive (script.js:1:");
    await expectNextWorks();
  });

  const cases: [name: string, code: string, outcome: string, error: string][] = [
    [
      "throws an Error",
      "export default () => { throw new TypeError('bad') }",
      "threw",
      "TypeError",
    ],
    ["throws a non-Error", "export default () => { throw 42 }", "threw", "Error"],
    [
      "rejects later",
      "export default async () => { await new Promise((r) => setTimeout(r, 5)); throw new RangeError('x') }",
      "threw",
      "RangeError",
    ],
    ["returns nothing", "export default () => undefined", "invalid_response", "TypeError"],
    ["recurses for ever", "export default function f() { return f() + 1 }", "threw", "RangeError"],
    [
      "nests JSON too deep",
      "export default () => JSON.parse('['.repeat(100000))",
      "threw",
      "RangeError",
    ],
    [
      "allocates for ever",
      "export default () => { const a = []; for (;;) a.push(new Array(1000).fill(1)) }",
      "memory_exceeded",
      "InternalError",
    ],
    [
      "allocates huge buffers",
      "export default () => { const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1)) }",
      "memory_exceeded",
      "InternalError",
    ],
    ["does not evaluate", "throw new SyntaxError('at start')", "threw", "SyntaxError"],
  ];
  test.each(cases)(
    "%s: gets its outcome, and the next request works",
    async (_name, code, outcome, error) => {
      const { status, end } = await executor.run(
        makeScript(code, { limits: { cpu_ms: 10_000, memory_mb: 16 } }),
      );
      expect(status).toBeNull();
      expect(end.outcome as string).toBe(outcome);
      expect(end.error?.name).toBe(error);
      await expectNextWorks();
    },
  );
});

describe("recursion without end", () => {
  const recursions: [name: string, code: string][] = [
    ["in functions", "(function f() { return f() + 1 })()"],
    ["in callbacks of builtins", "(function f() { return 'ab'.replace(/a/, f) })()"],
    ["in JSON", "JSON.parse('['.repeat(1e6))"],
    ["in the parser", "Function('return ' + '('.repeat(1e5))"],
    ["in regular expressions", "new RegExp('('.repeat(1e5))"],
    ["in proxies", "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x"],
  ];
  // The compilers give the same code larger and smaller frames as it gets hot: a process of its own shows all.
  test.each(recursions)("%s can be caught, also with the largest stack", async (_name, code) => {
    const other = new ExecutorHarness();
    try {
      const limits = { stack_kb: 1_024, cpu_ms: 10_000 };
      const source = `export default () => { try { ${code} } catch (error) { return error.name } }`;
      const script = makeScript(source, { limits });
      for (let i = 0; i < 20; i += 1) {
        const { text, end } = await other.run(script);
        expect({ text, error: end.error }).toEqual({
          text: expect.stringMatching(/^"(?:Range|Syntax|Internal)Error"$/) as string,
          error: null,
        });
      }
    } finally {
      await other.close();
    }
  });
});

describe("cpu_ms", () => {
  const loops: [name: string, code: string][] = [
    ["a loop", "for (;;);"],
    [
      "a loop that catches everything",
      "for (;;) { try { for (;;); } catch {} finally { continue } }",
    ],
    ["indexOf over holes", "const a = []; a.length = 2 ** 32 - 2; a.indexOf(5)"],
    ["a string search", "'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')"],
    ["a sort", "Array.from({ length: 2e6 }, (_, i) => -i).sort()"],
    ["a regular expression", "/(a+)+b/.test('a'.repeat(40))"],
    ["a deep JSON.parse", "JSON.parse('['.repeat(4e6) + ']'.repeat(4e6))"],
    [
      "a deep JSON.parse that is caught",
      "for (;;) { try { JSON.parse('['.repeat(1e6)) } catch {} }",
    ],
    ["a wide JSON.parse", "JSON.parse('[' + '[[[]]],'.repeat(2e6) + '0]')"],
    ["a bigint product", "let x = 3n ** 400000n; for (let i = 0; i < 20; i++) x = x * x"],
    ["host calls without end", "for (let i = 0; ; i++) new URL('http://localhost/' + i)"],
    [
      "a host call inside a native builtin",
      "Array.from({ length: 1e7 }, (_, i) => new URL('http://x/' + i).href)",
    ],
    ["promise jobs without end", "(function again() { Promise.resolve().then(again) })()"],
  ];
  test.each(loops)("ends %s", async (_name, body) => {
    const script = makeScript(`export default () => { ${body}; return new Promise(() => {}) }`, {
      limits: { cpu_ms: 60 },
    });
    const { status, end } = await executor.run(script);
    expect(status).toBeNull();
    expect(["cpu_exceeded", "memory_exceeded"]).toContain(end.outcome);
    await expectNextWorks();
  });

  test("counts the turns of one execution together", async () => {
    const script = makeScript(
      `export default async () => {
        for (;;) { const end = Date.now() + 5; while (Date.now() < end); await new Promise((r) => setTimeout(r, 1)); }
      }`,
      { limits: { cpu_ms: 40 } },
    );
    const { end } = await executor.run(script);
    expect(end.outcome).toBe("cpu_exceeded");
    expect(end.cpuMs).toBeGreaterThanOrEqual(40);
  });

  test("bounds the evaluation by startup_ms", async () => {
    const { end } = await executor.run(makeScript("for (;;);", { limits: { startup_ms: 50 } }));
    expect(["cpu_exceeded", "timed_out"]).toContain(end.outcome);
    await expectNextWorks();
  });
});

describe("wall_ms", () => {
  test("ends a handler that waits for ever", async () => {
    const { status, end } = await executor.run(
      makeScript("export default () => new Promise(() => {})", { limits: { wall_ms: 50 } }),
    );
    expect(status).toBeNull();
    expect(end.outcome).toBe("timed_out");
    expect(end.error?.message).toContain("wall_ms");
  });

  test("stops at the headers: stream_idle_ms takes over", async () => {
    const code = `export default () => new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])) } }))`;
    const script = makeScript(code, { limits: { wall_ms: 20, stream_idle_ms: 60 } });
    const { response, end: ending } = await executor.client.execute(script, makeRequest());
    const end = await ending;
    expect(response?.status).toBe(200);
    expect(end.outcome).toBe("timed_out");
    expect(end.error?.message).toContain("stream_idle_ms");
  });
});
