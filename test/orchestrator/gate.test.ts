import { describe, expect, test } from "bun:test";
import { Gate, gateSizesFor } from "../../src/orchestrator/gate.ts";
import { completed, startPlane, text, until } from "./harness.ts";

const GIB = 1024 ** 3;

describe("Gate", () => {
  const sizes = { running: 4, runningPerApp: 3, memoryBytes: 100 };

  test("bounds the script, then the app, then the instance, and lets in again after a leave", () => {
    const gate = new Gate(sizes, () => 0);
    expect([gate.enter("a", "s1", 2), gate.enter("a", "s1", 2), gate.enter("a", "s1", 2)]).toEqual([
      undefined,
      undefined,
      "script",
    ]);
    expect([gate.enter("a", "s2", 2), gate.enter("a", "s2", 2)]).toEqual([undefined, "app"]);
    expect([gate.enter("b", "s3", 2), gate.enter("b", "s3", 2)]).toEqual([undefined, "instance"]);
    gate.leave("a", "s1");
    expect(gate.enter("a", "s1", 2)).toBeUndefined();
    expect(gate.running).toBe(4);
  });

  test("refuses on memory in use, but never when nothing runs", () => {
    const gate = new Gate(sizes, () => 100);
    expect(gate.enter("a", "s", 9)).toBeUndefined();
    expect(gate.enter("a", "s", 9)).toBe("memory");
  });

  test("with 4 GB, 256 executions of one script fit beside others", () => {
    const { running, runningPerApp } = gateSizesFor(4 * GIB);
    expect(runningPerApp).toBeGreaterThanOrEqual(256);
    expect(running).toBeGreaterThan(runningPerApp);
    expect(gateSizesFor(1 * GIB).running).toBe(128);
  });
});

describe("a full gate", () => {
  test("is 503 with Retry-After, counted and recorded, and others go on", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using h = startPlane({
      scripts: {
        slow: { run: () => promise.then(() => text("slow")), limits: { concurrency: 2 } },
        quick: { run: () => text("quick") },
      },
      routes: ["* any /slow -> slow", "* any /quick -> quick"],
    });
    const running = [h.fetch("x.test", "/slow"), h.fetch("x.test", "/slow")];
    await until(() => h.plane.metrics.render().includes("picloud_executions_running 2"));
    const refused = await h.fetch("x.test", "/slow");
    expect([
      refused.status,
      refused.headers.get("retry-after"),
      refused.headers.get("x-picloud-error"),
    ]).toEqual([503, "1", "platform"]);
    expect(await refused.json()).toMatchObject({
      code: "overloaded",
      detail: "The bound of the script is reached; try again",
    });
    expect((await h.fetch("x.test", "/quick")).status).toBe(200);
    resolve();
    expect((await Promise.all(running)).map((response) => response.status)).toEqual([200, 200]);
    expect((await h.fetch("x.test", "/slow")).status).toBe(200);
    expect(h.records.filter((record) => record.outcome === "overloaded")).toMatchObject([
      { status: 503, scriptId: "slow" },
    ]);
    expect(h.plane.metrics.render()).toContain('picloud_gate_refused_total{bound="script"} 1');
  });

  test("keeps a few records of a flood and counts all of it", async () => {
    using h = startPlane({
      scripts: { s: { run: () => text("x"), limits: { concurrency: 0 } } },
      routes: ["* any / -> s"],
    });
    await Promise.all(Array.from({ length: 60 }, () => h.fetch("x.test", "/")));
    expect(h.plane.metrics.render()).toContain('picloud_gate_refused_total{bound="script"} 60');
    expect(h.plane.metrics.render()).toContain('picloud_executions_total{outcome="overloaded"} 60');
    expect(h.records.length + h.counted.length).toBe(60);
    expect(h.counted[0]).toMatchObject({ appId: "app", scriptId: "s", outcome: "overloaded" });
    // Ten a second, and the flood may touch a second second.
    expect(h.records.length).toBeLessThanOrEqual(20);
    expect(h.records.length).toBeGreaterThanOrEqual(10);
  });

  test("an execution counts until its waitUntil work has ended", async () => {
    const { promise, resolve } = Promise.withResolvers<typeof completed>();
    using h = startPlane({
      scripts: {
        s: {
          run: () => ({ response: { status: 200, headers: [], body: "x" }, end: promise }),
          limits: { concurrency: 1 },
        },
      },
      routes: ["* any / -> s"],
    });
    expect((await h.fetch("x.test", "/")).status).toBe(200);
    expect((await h.fetch("x.test", "/")).status).toBe(503);
    resolve(completed);
    await until(() => h.records.some((record) => record.outcome === "completed"));
    expect(h.plane.metrics.render()).toContain("picloud_executions_running 0");
  });
});

describe("metrics", () => {
  test("are Prometheus text with cumulative buckets", async () => {
    using h = startPlane({ scripts: { s: { run: () => text("x") } }, routes: ["* any / -> s"] });
    await h.fetch("x.test", "/");
    await h.fetch("x.test", "/nothing");
    const lines = h.plane.metrics.render();
    expect(lines).toContain('picloud_executions_total{outcome="completed"} 1');
    expect(lines).toContain('picloud_problems_total{code="route_not_found"} 1');
    expect(lines).toContain(
      'picloud_execution_seconds_bucket{le="30"} 1\npicloud_execution_seconds_bucket{le="+Inf"} 1',
    );
    expect(lines).toEndWith("\n");
  });
});
