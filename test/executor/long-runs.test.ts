/** Requests keep out of the way of scripts that compute for long. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { LongRuns, RunCosts } from "../../src/executor/client/run-costs.ts";
import {
  ExecutorHarness,
  makeRequest,
  makeScript,
  readAnswer,
} from "../support/executor-harness.ts";

test("a script that was never long costs nothing, and one that is long no more is forgotten as such", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 4.9, noNaN: true })), (runs) => {
      const costs = new RunCosts();
      for (const ms of runs) costs.learn(1, ms);
      expect(costs.expected(1)).toBe(0);
      costs.learn(1, 50);
      expect(costs.expected(1)).toBe(50);
      expect(costs.expected(2)).toBe(0);
      for (let run = 0; run < 40; run++) costs.learn(1, 1);
      expect(costs.expected(1)).toBe(0);
    }),
  );
});

test("requests that never began, as their clients left, do not make a long script a short one", () => {
  const costs = new RunCosts();
  costs.learn(1, 100);
  for (let run = 0; run < 40; run++) costs.learn(1, 0);
  expect(costs.expected(1)).toBe(100);
});

test("a long run counts while it computes, and no more when it has ended or only waits", () => {
  const runs = new LongRuns();
  runs.begin(1, 50, 1_000);
  runs.begin(2, 0, 1_000);
  runs.begin(3, 7, 1_000);
  expect(runs.expectedMs(1_000)).toBe(57);
  runs.end(3);
  expect(runs.expectedMs(1_099)).toBe(50);
  expect(runs.expectedMs(1_100)).toBe(0);
});

test("a process with a long queue of work answers in between, and is not taken for dead", async () => {
  const executor = new ExecutorHarness({ patienceMs: 2_000 });
  try {
    const busy = makeScript(
      "export default () => { const until = performance.now() + 15; while (performance.now() < until); return 'done' }",
      { limits: { cpu_ms: 200, startup_ms: 200 } },
    );
    // The second one makes an image with the parts that the first one turned out to need.
    for (let run = 0; run < 3; run++) await executor.run(busy);
    let answered = 0;
    let answeredAtFirst = 0;
    const all = Array.from({ length: 260 }, async () => {
      const answer = await executor.run(busy);
      answered += 1;
      return answer.end.outcome;
    });
    await Promise.race(all).then(() => (answeredAtFirst = answered));
    expect(answeredAtFirst).toBeLessThan(130);
    expect(await Promise.all(all)).toEqual(Array.from({ length: 260 }, () => "completed"));
    expect(executor.deaths).toEqual([]);
  } finally {
    await executor.close();
  }
}, 20_000);

test("with two processes, requests that come right behind an endless loop do not wait for it", async () => {
  const executor = new ExecutorHarness({ processesMax: 2 });
  try {
    const loop = makeScript("export default () => { for (;;); }", { limits: { cpu_ms: 400 } });
    const hello = makeScript("export default () => new Response('hello')");
    const ended: string[] = [];
    const start = async (name: string, script: typeof loop) => {
      const answer = await readAnswer(await executor.client.execute(script, makeRequest()));
      ended.push(name);
      return answer;
    };
    await start("loop", loop);
    // Until the second process has an image too: two scripts in one, one in the other.
    while (executor.client.stats().images < 3)
      await Promise.all(Array.from({ length: 24 }, () => start("hello", hello)));
    ended.length = 0;
    const burning = start("loop", loop);
    await Promise.all(Array.from({ length: 20 }, () => start("hello", hello)));
    expect(ended).toEqual(Array.from({ length: 20 }, () => "hello"));
    expect((await burning).end.outcome).toBe("cpu_exceeded");
  } finally {
    await executor.close();
  }
}, 20_000);
