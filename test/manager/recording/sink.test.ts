import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createExecutionSink } from "../../../src/manager/recording/sink.ts";
import { connectDatabase, openDriver } from "../../../src/manager/db/connect.ts";
import { newId } from "../../../src/shared/ids.ts";
import { createHarness } from "../support/harness.ts";
import type { Harness } from "../support/harness.ts";
import { execution } from "../support/execution.ts";

let h: Harness;
beforeAll(async () => {
  h = await createHarness({ config: { recordsPerSecond: 3 } });
});
afterAll(() => h.close());

const logsOf = async (slug: string, query = "") =>
  (await h.call("GET", `/apps/${slug}/logs${query}`, { as: h.owner })).body;

describe("the sink", () => {
  test("makes a record readable, with everything it was given", async () => {
    const app = await h.app();
    const log = execution({
      appId: app.id,
      outcome: "threw",
      status: 502,
      principal: { kind: "user", id: newId(), username: "ann", role: "member" },
      error: { name: "TypeError", message: "no", stack: "at x" },
      logs: [
        { at: "2026-11-21T10:00:00.000Z", level: "info", message: "hi", data: { n: [1, null] } },
      ],
      logsDropped: 2,
    });
    h.manager.sink.write(log);
    await h.manager.sink.flush();
    const { items } = await logsOf(app.slug);
    expect(items).toHaveLength(1);
    expect(items[0]).toEqual({
      id: log.id,
      app_id: app.id,
      script_id: log.scriptId,
      version: 1,
      invocation_type: "http",
      outcome: "threw",
      status: 502,
      method: "GET",
      path: "/",
      started_at: log.startedAt.toISOString(),
      duration_ms: 3.5,
      cpu_ms: 1.25,
      memory_peak_bytes: 2_000_000,
      principal: log.principal,
      root_execution_id: log.id,
      trigger_depth: 0,
      request_id: log.requestId,
      request: log.request,
      response: log.response,
      error: log.error,
      logs: log.logs,
      logs_dropped: 2,
    });
  });

  test("keeps so many plain successes a second, every notable execution, and counts all", async () => {
    const app = await h.app();
    const scriptId = newId();
    const plain = () => execution({ appId: app.id, scriptId });
    for (let n = 0; n < 20; n++) h.manager.sink.write(plain());
    h.manager.sink.write({ ...plain(), logs: [{ at: "", level: "info", message: "x" }] });
    h.manager.sink.write({ ...plain(), outcome: "timed_out", status: 504 });
    h.manager.sink.write({
      ...plain(),
      principal: { kind: "user", id: newId(), username: "ann", role: "member" },
    });
    await h.manager.sink.flush();
    const { items } = await logsOf(app.slug, "?limit=200");
    expect(items.length).toBeGreaterThanOrEqual(6);
    expect(items.length).toBeLessThanOrEqual(9);
    const metrics = (await h.call("GET", `/apps/${app.slug}/metrics`, { as: h.owner })).body.items;
    const total = metrics.reduce((sum: number, item: { count: number }) => sum + item.count, 0);
    expect(total).toBe(23);
    expect(metrics.at(-1).by_outcome.timed_out).toBe(1);
    expect(metrics.at(-1).duration_p50_ms).toBeGreaterThan(3);
    expect(metrics.at(-1).duration_p50_ms).toBeLessThan(4);
  });

  test("writes text that PostgreSQL does not take as it is", async () => {
    const app = await h.app();
    const message = "nul \0 and half \ud83d, \\u0000 stays";
    h.manager.sink.write(
      execution({ appId: app.id, path: "/\ud800", logs: [{ at: "", level: "warn", message }] }),
    );
    await h.manager.sink.flush();
    const { items } = await logsOf(app.slug);
    expect(items[0].logs[0].message).toBe("nul \ufffd and half \ufffd, \\u0000 stays");
  });

  test("drops the one record that cannot be written, and counts it", async () => {
    const app = await h.app();
    const before = h.manager.sink.stats();
    h.manager.sink.write(execution({ appId: app.id, outcome: "threw", requestId: "good" }));
    h.manager.sink.write(execution({ appId: app.id, outcome: "threw", version: 2 ** 40 }));
    await h.manager.sink.flush();
    expect((await logsOf(app.slug)).items).toHaveLength(1);
    expect(h.manager.sink.stats().dropped).toBe(before.dropped + 1);
  });

  test("counts what has no record, too", async () => {
    const app = await h.app();
    const refused = { appId: app.id, scriptId: newId(), outcome: "overloaded" } as const;
    for (let n = 0; n < 7; n++) h.manager.sink.count({ ...refused, cpuMs: 0, durationMs: 0 });
    await h.manager.sink.flush();
    const metrics = (await h.call("GET", `/apps/${app.slug}/metrics`, { as: h.owner })).body.items;
    expect(metrics.at(-1).by_outcome).toEqual({ overloaded: 7 });
    expect((await logsOf(app.slug)).items).toEqual([]);
  });

  test("rounds times to microseconds", async () => {
    const app = await h.app();
    h.manager.sink.write(
      execution({ appId: app.id, outcome: "threw", durationMs: 1.23456789, cpuMs: 0.1 + 0.2 }),
    );
    await h.manager.sink.flush();
    expect((await logsOf(app.slug)).items[0]).toMatchObject({ duration_ms: 1.235, cpu_ms: 0.3 });
  });

  test("waits while the disk is full, and writes when there is room again", async () => {
    const app = await h.app();
    const sql = openDriver(h.ownerUrl, 1);
    await sql.unsafe(`
      create function full_disk() returns trigger language plpgsql as
        $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$;
      create trigger full_disk before insert on executions for each row execute function full_disk();`);
    const before = h.manager.sink.stats();
    h.manager.sink.write(execution({ appId: app.id, outcome: "threw" }));
    await h.manager.sink.flush();
    expect(h.manager.sink.stats()).toEqual({ ...before, buffered: 1 });
    await sql.unsafe("drop function full_disk cascade");
    await sql.end();
    await h.manager.sink.flush();
    expect((await logsOf(app.slug)).items).toHaveLength(1);
  });

  test("keeps what waits for a database that is away, drops past the bound, and writes when it is back", async () => {
    const app = await h.app();
    const away = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/none", poolSize: 1 });
    let { db } = away;
    const sink = createExecutionSink({
      get db() {
        return db;
      },
      clock: h.clock,
      logger: h.manager.deps.logger,
      feed: h.manager.deps.feed,
      recordsPerSecond: 1000,
      bufferRecords: 5,
    });
    const scriptId = newId();
    for (let n = 0; n < 8; n++) sink.write(execution({ appId: app.id, scriptId }));
    await sink.flush();
    expect(sink.stats()).toEqual({ buffered: 5, written: 0, dropped: 3 });
    db = h.database.db;
    await sink.flush();
    expect(sink.stats()).toEqual({ buffered: 0, written: 5, dropped: 3 });
    const metrics = (await h.call("GET", `/apps/${app.slug}/metrics`, { as: h.owner })).body.items;
    expect(metrics.at(-1).count).toBe(8);
    await sink.close();
    await away.close();
  });
});

describe("execution records", () => {
  test("are filtered, and paged newest first", async () => {
    const app = await h.app();
    const script = await h.script(app.id);
    const logs = [0, 1, 2, 3, 4].map((n) =>
      execution({
        appId: app.id,
        scriptId: script.id,
        outcome: n % 2 === 0 ? "threw" : "timed_out",
        startedAt: new Date(Date.now() + n),
      }),
    );
    const child = execution({
      appId: app.id,
      scriptId: script.id,
      outcome: "threw",
      rootExecutionId: logs[0]?.id ?? "",
      triggerDepth: 1,
    });
    for (const log of [...logs, child]) h.manager.sink.write(log);
    await h.manager.sink.flush();
    const ids = [...logs, child].map(({ id }) => id).toReversed();
    const first = await logsOf(app.slug, "?limit=4");
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 4));
    const second = await logsOf(app.slug, `?limit=4&cursor=${first.next_cursor}`);
    expect(second.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(4));
    expect(second.next_cursor).toBeNull();
    expect((await logsOf(app.slug, "?outcome=timed_out")).items).toHaveLength(2);
    expect((await logsOf(app.slug, `?root_execution_id=${logs[0]?.id}`)).items).toHaveLength(2);
    expect((await logsOf(app.slug, "?since=2999-01-01T00:00:00Z")).items).toHaveLength(0);
    expect((await logsOf(app.slug, "?until=2999-01-01T00:00:00Z")).items).toHaveLength(6);
    expect(
      (await h.call("GET", `/scripts/${script.id}/logs`, { as: h.owner })).body.items,
    ).toHaveLength(6);
    expect((await logsOf(app.slug, "?outcome=nonsense")).code).toBe("invalid");
    expect((await logsOf(app.slug, "?cursor=nonsense")).code).toBe("invalid_cursor");
  });
});
