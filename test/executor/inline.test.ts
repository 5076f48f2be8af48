import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ExecutorHarness, makeRequest, makeScript } from "../support/executor-harness.ts";
import { ScriptHistory } from "../../src/executor/inline/history.ts";
import type { ExecRequest, ExecutableScript } from "../../src/shared/execution.ts";

let executor: ExecutorHarness;
const services: string[] = [];

beforeAll(() => {
  executor = new ExecutorHarness({
    inline: true,
    services: {
      call: (_context, operation) => {
        services.push(operation);
        return Promise.reject(new Error(`No service ${operation}`));
      },
    },
  });
});
afterAll(() => executor.close());

const counts = (): { runs: number; escapes: number } => {
  const { inlineRuns = 0, inlineEscapes = 0 } = executor.client.stats();
  return { runs: inlineRuns, escapes: inlineEscapes };
};

/** Runs a script until the platform's own process has taken it over. */
async function warmed(
  code: string | ExecutableScript,
  request: Partial<ExecRequest> = {},
): Promise<ExecutableScript> {
  const script = typeof code === "string" ? makeScript(code, { limits: { cpu_ms: 10_000 } }) : code;
  const before = counts().runs;
  for (let tries = 0; tries < 10_000; tries += 1) {
    await executor.run(script, request);
    if (counts().runs > before) return script;
  }
  throw new Error("The script did not come to run in this process");
}

describe("a script that has been short and synchronous runs in the platform's own process", () => {
  test("its answer is there at once, not as a promise", async () => {
    const script = await warmed("export default (req) => new Response(req.url)");
    const result = executor.client.execute(script, makeRequest({ url: "http://localhost/now" }));
    expect(result).not.toBeInstanceOf(Promise);
  });

  test.each([
    [
      "a response with headers",
      "() => new Response('x', { status: 201, headers: { 'x-a': 'b' } })",
    ],
    ["a plain value", "() => ({ hello: 'world' })"],
    [
      "the request's parts",
      "(req) => ({ url: req.url, method: req.method, type: req.headers.get('x-type') })",
    ],
    ["a body that is read", "async (req) => ({ body: await req.text() })"],
    [
      "parameters and facts",
      "(req, info) => [info.params, info.query, info.rest, info.execution.scriptName, info.remoteAddr]",
    ],
    ["its log", "() => { console.log('one', { two: 2 }); return 'logged' }"],
    ["its environment", "() => Deno.env.get('NAME') ?? 'none'"],
    ["awaited promises", "async () => { await null; await Promise.all([1, 2]); return 'done' }"],
    [
      "non-ASCII text and bytes",
      "() => new Response(new TextEncoder().encode('grüße \\u{1F600}'))",
    ],
    ["URL parsing", "(req) => new URL('../x?y=1', req.url).href"],
    ["no body", "() => new Response(null, { status: 204 })"],
  ])("%s: the same as in an executor process", async (_name, handler) => {
    const request: Partial<ExecRequest> = {
      method: "POST",
      url: "http://localhost/a/b?c=d",
      headers: [["x-type", "t"]],
      body: new TextEncoder().encode("posted"),
      params: { id: "7" },
      rest: "rest",
    };
    const script = makeScript(`export default ${handler}`, { env: { NAME: "value" } });
    const first = await executor.run(script, request);
    await warmed(script, request);
    const inline = await executor.run(script, request);
    const comparable = ({ status, headers, text, end }: typeof first) => ({
      status,
      headers,
      text,
      outcome: end.outcome,
      logs: end.logs.map(({ level, message, data }) => ({ level, message, data })),
    });
    expect(comparable(inline)).toEqual(comparable(first));
  });
});

describe("what is not short and synchronous starts anew in an executor process", () => {
  const branching = (branch: string): string =>
    `let calls = 0; export default async (req) => { calls += 1; if (!req.url.endsWith("/other")) return calls; ${branch} }`;
  const other = { url: "http://localhost/other" };

  test("an endless loop ends by its limit, there", async () => {
    const script = await warmed(makeScript(branching("for (;;);"), { limits: { cpu_ms: 60 } }));
    const before = counts();
    const { end } = await executor.run(script, other);
    expect(end.outcome).toBe("cpu_exceeded");
    expect(counts()).toEqual({ runs: before.runs, escapes: before.escapes + 1 });
  });

  test.each([
    [
      "a native builtin that does not end",
      "const a = []; a.length = 2 ** 32 - 2; a.indexOf(5); return 0",
      "cpu_exceeded",
    ],
    ["much memory", "return new Uint8Array(40e6).length", "completed"],
    ["more memory than it may have", "return new Uint8Array(100e6).length", "memory_exceeded"],
    [
      "a timer",
      "await new Promise((resolve) => setTimeout(resolve, 1)); return 'late'",
      "completed",
    ],
    [
      "a stream",
      "return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(3)); c.close() } }))",
      "completed",
    ],
    [
      "a part that is not in the image",
      "return new URLPattern({ pathname: '/:x' }).test('http://h/y')",
      "completed",
    ],
    ["endless recursion", "const f = () => f() + 1; return f()", "threw"],
    ["an exception", "throw new RangeError('mine')", "threw"],
    ["deep JSON", "return JSON.parse('['.repeat(1e5)).length", "threw"],
    [
      "work that the host does for it, again and again",
      "let all = ''; for (let i = 0; i < 600; i++) all = new Intl.NumberFormat('de', { minimumFractionDigits: i % 20 }).format(i); return all",
      "completed",
    ],
    [
      "asynchronous crypto",
      "return (await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])).type",
      "completed",
    ],
    ["work after the response", "setTimeout(() => console.log('after'), 1); return 1", "completed"],
  ])("%s", async (_name, branch, outcome) => {
    const limits = { cpu_ms: 300, memory_mb: 64 };
    const plain = makeScript(branching(branch), { limits });
    const expected = await executor.run(plain, other);
    expect(expected.end.outcome).toBe(outcome as typeof expected.end.outcome);
    const script = await warmed(makeScript(branching(branch), { limits }));
    const found = await executor.run(script, other);
    const { name, message } = expected.end.error ?? {};
    expect(found.end.outcome).toBe(expected.end.outcome);
    expect([found.end.error?.name, found.end.error?.message]).toEqual([name, message]);
    expect([found.status, found.text]).toEqual([expected.status, expected.text]);
  });

  test("a call of the platform is made once", async () => {
    const script = await warmed(
      branching("await fetch('http://claimed.example/').catch(() => 0); return 'asked'"),
    );
    const before = counts().escapes;
    services.length = 0;
    const { text } = await executor.run(script, other);
    expect(text).toBe('"asked"');
    expect(counts().escapes).toBe(before + 1);
    expect(services).toEqual(["fetch.route"]);
  });

  test("a script that keeps changing its ways is tried ever more seldom", () => {
    const history = new ScriptHistory({ instance: "fresh" });
    const needed: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      let runs = 1;
      while (!history.add({ cpuMs: 0.1, isShort: true }, 0)) runs += 1;
      needed.push(runs);
      history.failed();
    }
    expect(needed).toEqual([2, 16, 128, 1024]);
  });

  test("one that is asked seldom never qualifies", () => {
    const history = new ScriptHistory({ instance: "fresh" });
    for (let second = 0; second < 100; second += 2)
      expect(history.add({ cpuMs: 0.1, isShort: true }, second * 1_000)).toBe(false);
  });

  test("long ones are forgiven as time goes by, one for each 10,000 short ones here", () => {
    const history = new ScriptHistory({ instance: "fresh" });
    const short = { cpuMs: 0.1, isShort: true };
    const needed = () => {
      let runs = 1;
      while (!history.add(short, 0)) runs += 1;
      return runs;
    };
    for (let failure = 0; failure < 3; failure += 1) history.failed();
    expect(needed()).toBe(1_024);
    for (let run = 0; run < 20_000; run += 1) history.ran(short);
    history.failed();
    expect(needed()).toBe(128);
    // Not enough good ones in a row.
    for (let run = 0; run < 9_999; run += 1) history.ran(short);
    history.failed();
    expect(needed()).toBe(1_024);
    for (let run = 0; run < 100_000; run += 1) history.ran(short);
    history.failed();
    expect(needed()).toBe(16);
  });

  test("one that usually takes longer than two milliseconds never qualifies", () => {
    const history = new ScriptHistory({ instance: "fresh" });
    for (let i = 0; i < 100; i += 1) history.add({ cpuMs: 2.5, isShort: true }, 0);
    expect(history.add({ cpuMs: 2.5, isShort: true }, 0)).toBe(false);
  });
});

describe("nothing of one request is visible to the next", () => {
  test("whatever scripts run between, in any order", async () => {
    const code = (mark: string): string => `
      const made = Math.random();
      const store = { list: [], mark: ${JSON.stringify(mark)} };
      export default (req) => {
        const seen = [globalThis.leak, Array.prototype.leak, store.list.length, store.mark, req.url];
        globalThis.leak = 1; Array.prototype.leak = 2; store.list.push(req.url);
        const filler = new Uint8Array(2e5).fill(7);
        return [...seen.map(String), Math.random(), filler[9]];
      }`;
    const scripts = [await warmed(code("a")), await warmed(code("b")), await warmed(code("c"))];
    const randoms = new Set<number>();
    const before = counts().runs;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }), async (order) => {
        for (const [step, which] of order.entries()) {
          const script = scripts[which];
          if (script === undefined) return;
          const url = `http://localhost/${step}`;
          const [...seen] = JSON.parse((await executor.run(script, { url })).text) as unknown[];
          expect(seen.slice(0, 5)).toEqual(["undefined", "undefined", "0", "abc"[which], url]);
          expect(randoms.has(seen[5] as number)).toBe(false);
          randoms.add(seen[5] as number);
        }
      }),
      { numRuns: 60 },
    );
    expect(randoms.size).toBeGreaterThan(60);
    expect(counts().runs - before).toBeGreaterThan(60);
  });

  test("a new version takes over with the next request", async () => {
    const old = await warmed("export default () => 'old'");
    const next = { ...old, version: 2, code: "export default () => 'new'", contentHash: "next" };
    executor.client.forget(old.scriptId);
    expect((await executor.run(next)).text).toBe('"new"');
  });
});

describe("a reused instance", () => {
  test("moves only where it would be recycled anyway", () => {
    const history = new ScriptHistory({ instance: "reuse" });
    let runs = 1;
    while (!history.add({ cpuMs: 0.1, isShort: true }, 0)) runs += 1;
    expect(runs).toBe(10_000);
  });

  test("that had to leave returns later still, and never before it would be recycled", () => {
    const history = new ScriptHistory({ instance: "reuse" });
    const short = { cpuMs: 0.1, isShort: true };
    const needed = () => {
      let runs = 1;
      while (!history.add(short, 0)) runs += 1;
      return runs;
    };
    history.failed();
    expect(needed()).toBe(80_000);
    for (let run = 0; run < 50_000; run += 1) history.ran(short);
    history.failed();
    expect(needed()).toBe(80_000);
  });
});
