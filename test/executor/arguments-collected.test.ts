import { afterAll, beforeAll, expect, test } from "bun:test";
import { ExecutorHarness } from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

test("a function's arguments object survives a collection while the function runs", async () => {
  const { text, end } = await executor.run(`
    const sloppy = (0, eval)(\`(function (first, second) {
      const shared = arguments;
      const garbage = [];
      for (let i = 0; i < 80000; i += 1) {
        const cycle = { i };
        cycle.self = cycle;
        if (i % 100 === 0) garbage.push(cycle);
      }
      second = "changed";
      return [first, shared[1], shared.length, garbage.length];
    })\`);
    export default () => sloppy("a", "b", "c");`);
  expect(end.error).toBeNull();
  expect(JSON.parse(text)).toEqual(["a", "changed", 3, 800]);
});
