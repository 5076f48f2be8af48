import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ExecutorHarness, makeRequest, makeScript } from "../support/executor-harness.ts";

const BUSY_10_MS = "const until = performance.now() + 10; while (performance.now() < until);";
const BUSY_20_MS = BUSY_10_MS.replace("10", "20");
const busy = makeScript(`export default () => { ${BUSY_10_MS} return "busy" }`);
const hello = makeScript("export default () => 'hello'");

let executor: ExecutorHarness;

beforeAll(async () => {
  executor = new ExecutorHarness();
  await executor.run(busy);
  await executor.run(hello);
});
afterAll(() => executor.close());

/** Gives one chunk for each read, and ends. */
function chunks(count: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream(
    {
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
}

describe("requests that wait for their turn in a process", () => {
  test("begin after those that have begun went on, so that few sandboxes are held at once", async () => {
    const upload = makeScript(
      "export default async (request) => new Response(String((await request.bytes()).length))",
    );
    await executor.run(upload, { method: "POST", body: chunks(1) });
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const all = [executor.run(upload, { method: "POST", body: chunks(5) }).then(note("upload"))];
    for (let i = 0; i < 40; i += 1) all.push(executor.run(busy).then(note("busy")));
    await Promise.all(all);
    // Each of its five chunks comes by a way there and back, which costs a slice.
    expect(ended.indexOf("upload")).toBeLessThan(20);
  });

  test("never begin when their client has gone, and take no time of the others", async () => {
    const loop = makeScript("export default () => { for (;;); }", { limits: { cpu_ms: 100 } });
    const running = executor.run(loop);
    const gone = new AbortController();
    const left = Array.from({ length: 30 }, () =>
      executor.run(busy, makeRequest({ signal: gone.signal })),
    );
    const stays = executor.run(hello);
    gone.abort();
    expect((await running).end.outcome).toBe("cpu_exceeded");
    expect((await stays).text).toBe(JSON.stringify("hello"));
    const ends = (await Promise.all(left)).map(({ end }) => end);
    // A slice that ends before the process has read of it may let one or two begin.
    const unrun = ends.filter(({ outcome, cpuMs }) => outcome === "aborted" && cpuMs === 0);
    expect(unrun.length).toBeGreaterThan(25);
  });

  test("for a process to start or an image to be made do not silence it when they may begin", async () => {
    // Longer in all than a process may be silent, which is the patience and one turn.
    const limits = { cpu_ms: 200, startup_ms: 500 };
    const other = new ExecutorHarness({ patienceMs: 1_000 });
    try {
      const script = makeScript(
        `await new Promise((resolve) => setTimeout(resolve, 50));
        export default () => { ${BUSY_20_MS} return 'in time' }`,
        { limits },
      );
      const answers = Array.from({ length: 100 }, () => other.run(script));
      const texts = (await Promise.all(answers)).map(({ text }) => text);
      expect(texts).toEqual(Array.from({ length: 100 }, () => '"in time"'));
      expect(other.deaths).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test("are answered before what was kept of their script is dropped, which then is gone", async () => {
    const imageDirectory = await mkdtemp(join(tmpdir(), "picloud-images-"));
    const other = new ExecutorHarness({ imageDirectory, imageKey: randomBytes(32) });
    const images = async () =>
      (await readdir(imageDirectory)).filter((name) => name.endsWith(".img"));
    try {
      const script = makeScript("export default () => 'old'");
      await other.run(script);
      while ((await images()).length !== 1) await Bun.sleep(2);
      const [old = ""] = await images();
      const loop = other.run(
        makeScript("export default () => { for (;;); }", { limits: { cpu_ms: 50 } }),
      );
      const queued = other.run(script);
      other.client.forget(script.scriptId);
      expect((await queued).text).toBe('"old"');
      await loop;
      // What is written after it is there, so it would be too.
      await other.run(hello);
      await other.run(busy);
      while ((await images()).filter((name) => name !== old).length !== 3) await Bun.sleep(2);
      expect(await images()).not.toContain(old);
    } finally {
      await other.close();
      await rm(imageDirectory, { recursive: true });
    }
  });

  test("longer than wall_ms never begin", async () => {
    const loop = executor.run(
      makeScript("export default () => { for (;;); }", { limits: { cpu_ms: 200 } }),
    );
    const late = makeScript("export default () => 'late'", { limits: { wall_ms: 100 } });
    const [{ status, end }] = await Promise.all([executor.run(late), loop]);
    expect(status).toBeNull();
    expect(end).toMatchObject({ outcome: "timed_out", cpuMs: 0, error: { name: "TimeoutError" } });
  });

  test("come in the order in which they were sent", async () => {
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await executor.run(i % 3 === 0 ? busy : hello);
        order.push(i);
      }),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});
