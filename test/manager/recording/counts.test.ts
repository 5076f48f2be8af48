import { expect, test } from "bun:test";
import { ExecutionCounts } from "../../../src/manager/recording/counts.ts";

const one = (scriptId: string) =>
  ({ appId: "a", scriptId, outcome: "completed", cpuMs: 1, durationMs: 2 }) as const;
const total = (counts: ReturnType<ExecutionCounts["take"]>) =>
  counts.reduce((sum, { byOutcome }) => sum + (byOutcome["completed"] ?? 0), 0);

test("a long outage costs bounded memory and loses no execution", () => {
  const counts = new ExecutionCounts(100);
  for (let n = 0; n < 5_000; n++) {
    counts.add(one(`s${n % 7}`), n * 10_000);
    counts.putBack(counts.take());
  }
  const left = counts.take();
  expect(left.length).toBeLessThanOrEqual(108);
  expect(total(left)).toBe(5_000);
});

test("a span that was written already is not added to another one", () => {
  const counts = new ExecutionCounts(2);
  counts.add(one("s"), 0);
  counts.stored(counts.take());
  for (let n = 0; n < 10; n++) {
    counts.add(one("s"), n * 10_000);
    counts.putBack(counts.take());
  }
  const left = counts.take();
  expect(left.find(({ atMs }) => atMs === 0)?.byOutcome).toEqual({ completed: 2 });
  expect(total(left)).toBe(11);
});
