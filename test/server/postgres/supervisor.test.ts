import { expect, test } from "bun:test";
import type { Postmaster } from "../../../src/server/postgres/postmaster.ts";
import { Supervisor } from "../../../src/server/postgres/supervisor.ts";
import { silentLogger } from "../../../src/shared/logger.ts";

/** A postmaster that ends when it is told to, on a clock that only `pause` moves. */
function stage(failures: number) {
  let now = 0;
  let failing = 0;
  const pauses: number[] = [];
  const runs: { end(how: string): void }[] = [];
  const supervisor = new Supervisor({
    clock: { now: () => now },
    logger: silentLogger,
    pause: (ms) => {
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
    start: () => {
      if (runs.length > 0 && failing < failures) {
        failing += 1;
        return Promise.reject(new Error("No space left on device"));
      }
      const { promise, resolve } = Promise.withResolvers<string>();
      runs.push({ end: resolve });
      const postmaster: Postmaster = {
        pid: runs.length,
        ended: promise,
        kill: (signal) => resolve(signal),
      };
      return Promise.resolve(postmaster);
    },
  });
  const runsReach = async (count: number): Promise<void> => {
    for (let turn = 0; runs.length < count && turn < 1_000; turn += 1) await Promise.resolve();
    expect(runs.length).toBe(count);
  };
  return { supervisor, pauses, runs, runsReach, pass: (ms: number) => (now += ms) };
}

test("pauses grow while starts fail, up to a bound", async () => {
  const { supervisor, pauses, runs, runsReach } = stage(9);
  await supervisor.start();
  runs[0]?.end("SIGKILL");
  await runsReach(2);
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  await supervisor.stop();
});

test("a long steady run forgives what was before", async () => {
  const { supervisor, pauses, runs, runsReach, pass } = stage(2);
  await supervisor.start();
  runs[0]?.end("SIGKILL");
  await runsReach(2);
  pass(60_000);
  runs[1]?.end("SIGSEGV");
  await runsReach(3);
  expect(pauses).toEqual([50, 100, 200, 50]);
  await supervisor.stop();
});

test("is not started again after stop", async () => {
  const { supervisor, pauses, runs } = stage(0);
  await supervisor.start();
  await supervisor.stop();
  expect(supervisor.pid).toBeUndefined();
  expect(pauses).toEqual([]);
  expect(runs).toHaveLength(1);
});
