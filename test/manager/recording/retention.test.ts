import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { enforceRetention } from "../../../src/manager/recording/retention.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";
import { execution } from "../support/execution.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness({ config: { recordsPerSecond: 100_000 } });
});
afterAll(() => h.close());

const DAY_MS = 86_400_000;
const rows = async () =>
  (await h.database.sql`select id from executions order by id`).map(({ id }) => id as string);
const keep = (days: number, megabytes: number) =>
  enforceRetention({ db: h.database.db, clock: h.clock, days, megabytes });

describe("retention", () => {
  test("deletes records that are too old, and no others", async () => {
    const old = execution({ startedAt: new Date(h.clock.now() - 8 * DAY_MS) });
    const young = execution({ startedAt: new Date(h.clock.now() - 6 * DAY_MS) });
    for (const log of [old, young]) h.manager.sink.write(log);
    await h.manager.sink.flush();
    expect(await keep(7, 500)).toBe(1);
    expect(await rows()).toEqual([young.id]);
    await h.database.sql`delete from executions`;
  });

  test("deletes the oldest when all together are too large", async () => {
    const message = "x".repeat(1000);
    const logs = Array.from({ length: 3000 }, () =>
      execution({ logs: [{ at: "", level: "info", message: message + Math.random() }] }),
    );
    for (const log of logs) h.manager.sink.write(log);
    await h.manager.sink.flush();
    const deleted = await keep(7, 1);
    expect(deleted).toBeGreaterThan(500);
    expect(deleted).toBeLessThan(3000);
    expect(await rows()).toEqual(logs.map(({ id }) => id).slice(deleted));
    expect(await keep(7, 1)).toBe(0);
  });
});
