import { expect, test } from "bun:test";
import { executorMemory } from "../../src/server/executor-memory.ts";

const stats = (pids: number[], imageBytes = 0) => ({
  processes: pids.length,
  running: 0,
  images: 0,
  imageBytes,
  pids,
});

test("is what the executor processes hold beside images, read once a second at most", () => {
  let now = 0;
  let reads = 0;
  const memory = executorMemory(
    { stats: () => stats([1, 2], 50) },
    {
      now: () => now,
      sizeOf: (pid) => {
        reads++;
        return pid * 100;
      },
    },
  );
  expect([memory(), memory(), memory()]).toEqual([250, 250, 250]);
  expect(reads).toBe(2);
  now = 1_000;
  memory();
  expect(reads).toBe(4);
});

test("reads a real process, and takes one that has ended for nothing", () => {
  const memory = executorMemory({ stats: () => stats([process.pid, 999_999_999]) });
  expect(memory()).toBeGreaterThan(1_000_000);
});
