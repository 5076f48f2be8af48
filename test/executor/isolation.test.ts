import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ExecutorHarness, makeScript } from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

const json = async (
  script: Parameters<ExecutorHarness["run"]>[0],
  request = {},
): Promise<unknown> => JSON.parse((await executor.run(script, request)).text);

describe("the next request of the same script sees nothing of the last one's", () => {
  test.each([
    ["globals", "globalThis.seen = (globalThis.seen ?? 0) + 1; return seen"],
    ["module state", "count += 1; return count"],
    [
      "prototypes",
      "const had = 'mine' in Array.prototype; Array.prototype.mine = 1; return had ? 2 : 1",
    ],
    ["objects of the module", "store.push('x'); return store.length"],
    [
      "memory that grew",
      "const big = new Uint8Array(3e5).fill(7); const fresh = new Uint8Array(3e5); return fresh.every((b) => b === 0) && big[1] === 7 ? 1 : 2",
    ],
  ])("%s", async (_name, body) => {
    const code = `let count = 0; const store = []; export default () => { ${body} }`;
    const script = makeScript(code, { limits: { cpu_ms: 10_000 } });
    for (let i = 0; i < 3; i += 1) expect(await json(script)).toBe(1);
  });

  test("pending timers and promises", async () => {
    const script = makeScript(`let fired = 0;
      export default async () => {
        setTimeout(() => { fired += 1 }, 5);
        const seen = fired;
        await new Promise((resolve) => setTimeout(resolve, 1));
        return seen;
      }`);
    for (let i = 0; i < 3; i += 1) {
      expect(await json(script)).toBe(0);
      await Bun.sleep(6);
    }
  });

  test("one that ended by a limit", async () => {
    const script = makeScript(
      "let used = 0; export default (req) => { used += 1; if (req.url.endsWith('loop')) for (;;); return used }",
      { limits: { cpu_ms: 30 } },
    );
    expect(await json(script)).toBe(1);
    expect((await executor.run(script, { url: "http://localhost/loop" })).end.outcome).toBe(
      "cpu_exceeded",
    );
    expect(await json(script)).toBe(1);
  });
});

describe("forks of one image differ in", () => {
  test.each([
    ["Math.random", "Math.random()"],
    ["Math.random, seeded at evaluation too", "first + Math.random()"],
    ["crypto.getRandomValues", "crypto.getRandomValues(new Uint8Array(16)).join()"],
    ["crypto.randomUUID", "crypto.randomUUID()"],
  ])("%s", async (_name, expression) => {
    const script = makeScript(
      `const first = Math.random(); export default () => String(${expression})`,
    );
    const seen = new Set(await Promise.all(Array.from({ length: 20 }, () => json(script))));
    expect(seen.size).toBe(20);
  });

  test("the time of Date.now and performance.now", async () => {
    const script = makeScript(
      "export default () => [Date.now(), performance.timeOrigin + performance.now()]",
    );
    const first = (await json(script)) as number[];
    await Bun.sleep(15);
    const second = (await json(script)) as number[];
    for (const i of [0, 1]) expect((second[i] ?? 0) - (first[i] ?? 0)).toBeGreaterThanOrEqual(10);
    expect(Math.abs((second[0] ?? 0) - Date.now())).toBeLessThan(1_000);
  });
});

describe("an image holds", () => {
  test("what top-level await, classes, generators, closures and weak references left", async () => {
    const script = makeScript(`
      const text = await Promise.resolve("awaited");
      class Counter { #n = 40; next() { this.#n += 1; return this.#n } }
      const counter = new Counter();
      function* numbers() { for (let i = 0; ; i += 1) yield i }
      const generator = numbers(); generator.next();
      const held = { alive: true }; const weak = new WeakRef(held); const map = new WeakMap([[held, "value"]]);
      const late = new Promise((resolve) => setTimeout(() => resolve("timer"), 1));
      const url = new URL("http://x/y?z=1");
      export default async () => [text, counter.next(), generator.next().value, weak.deref().alive, map.get(held), await late, url.searchParams.get("z")];
    `);
    for (let i = 0; i < 2; i += 1) {
      expect(await json(script)).toEqual(["awaited", 41, 1, true, "value", "timer", "1"]);
    }
  });

  test("closures over functions of the host, which answer each request anew", async () => {
    const script = makeScript(`
      const random = crypto.getRandomValues.bind(crypto);
      const { now } = Date; const early = now();
      const parse = (text) => new URL(text).host;
      const encode = ((encoder) => (text) => encoder.encode(text).length)(new TextEncoder());
      const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      const sleep = ((later) => (ms) => new Promise((resolve) => later(resolve, ms)))(setTimeout);
      export default async () => {
        await sleep(1);
        const hash = new Uint8Array(await digest("abc")).toHex();
        return [now() > early, parse("http://a.b:80/"), encode("é"), hash.slice(0, 8), random(new Uint8Array(8)).join()];
      };
    `);
    const [first, second] = [await json(script), await json(script)] as unknown[][];
    expect(first?.slice(0, 4)).toEqual([true, "a.b", 2, "ba7816bf"]);
    expect(second?.slice(0, 4)).toEqual([true, "a.b", 2, "ba7816bf"]);
    expect(second?.[4]).not.toBe(first?.[4]);
  });

  test("a memory that had grown, exactly", async () => {
    const script = makeScript(`
      const big = Array.from({ length: 200000 }, (_, i) => ({ i }));
      export default (req) => { const n = Number(new URL(req.url).searchParams.get("n")); const was = big[n].i; big[n].i = -1; return was }
    `);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 199_999 }), async (n) => {
        expect(await json(script, { url: `http://localhost/?n=${n}` })).toBe(n);
      }),
      { numRuns: 15 },
    );
  });
});

/** Stretches of address space of 4 GiB that nobody can access: one lies behind each memory with bounds by the processor. */
function reservedMemories(pid: number): number {
  const ranges = readFileSync(`/proc/${pid}/maps`, "latin1").matchAll(
    /^([0-9a-f]+)-([0-9a-f]+) ---p/gm,
  );
  const sizes = [...ranges].map(([, from = "", to = ""]) => parseInt(to, 16) - parseInt(from, 16));
  return sizes.filter((size) => size >= 4 * 2 ** 30).length;
}

describe("hundreds of requests at once", () => {
  test("wait for timers side by side and keep their own state", async () => {
    const script = makeScript(`let mine = 0; export default async (req) => {
      mine = Number(new URL(req.url).searchParams.get("n"));
      await new Promise((resolve) => setTimeout(resolve, 30 + (mine % 7)));
      return mine;
    }`);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, n) => json(script, { url: `http://localhost/?n=${n}` })),
    );
    expect(answers).toEqual(Array.from({ length: 300 }, (_, n) => n));
    const { running, pids = [] } = executor.client.stats();
    expect(running).toBe(0);
    // The runtime gives four a process, if it is not told otherwise; any further sandbox is slow.
    const reserved = pids.map(reservedMemories);
    expect(Math.max(...reserved)).toBeGreaterThan(8);
    // 300 sandboxes at once are 300 memories to be made: seconds on a busy machine.
  }, 30_000);

  test("wait for fetch side by side, each for its own answer", async () => {
    const COUNT = 200;
    const arrived = Promise.withResolvers<void>();
    let waiting = 0;
    // Nobody is answered until all have asked.
    const origin = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        waiting += 1;
        if (waiting === COUNT) arrived.resolve();
        await arrived.promise;
        return new Response(new URL(request.url).search);
      },
    });
    const rules = { allow: ["127.0.0.1"], deny: [] };
    const services = {
      call: () => Promise.resolve({ kind: "external", app: rules, instance: rules }),
    };
    const open = new ExecutorHarness({ services, processesMax: 2 });
    try {
      const script = makeScript(`export default async (req) => {
        const { search } = new URL(req.url);
        return await (await fetch("http://127.0.0.1:${origin.port}/" + search)).text();
      }`);
      const texts = await Promise.all(
        Array.from({ length: COUNT }, async (_, n) => {
          const { text } = await open.run(script, { url: `http://localhost/?n=${n}` });
          return JSON.parse(text) as string;
        }),
      );
      expect(texts).toEqual(Array.from({ length: COUNT }, (_, n) => `?n=${n}`));
    } finally {
      await open.close();
      await origin.stop(true);
    }
  }, 30_000);
});

describe('instance: "reuse"', () => {
  test("keeps module state between requests, and drops it after an error", async () => {
    const script = makeScript(
      "let count = 0; export default (req) => { count += 1; if (req.url.endsWith('fail')) throw new Error('x'); return count }",
      { instance: "reuse" },
    );
    expect([await json(script), await json(script), await json(script)]).toEqual([1, 2, 3]);
    expect((await executor.run(script, { url: "http://localhost/fail" })).end.outcome).toBe(
      "threw",
    );
    expect(await json(script)).toBe(1);
  });

  test("interleaves requests, each with its own log", async () => {
    const script = makeScript(
      `export default async (req) => {
        const n = new URL(req.url).search;
        await new Promise((resolve) => setTimeout(resolve, 5));
        console.log(n);
        return n;
      }`,
      { instance: "reuse" },
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => executor.run(script, { url: `http://localhost/?${n}` })),
    );
    for (const [n, answer] of answers.entries()) {
      expect(answer.text).toBe(`"?${n}"`);
      expect(answer.end.logs.map((line) => line.message)).toEqual([`?${n}`]);
    }
  });
});
