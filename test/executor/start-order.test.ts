import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ExecutorHarness, makeRequest, makeScript } from "../support/executor-harness.ts";

const BUSY_10_MS = "const until = performance.now() + 10; while (performance.now() < until);";
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
