import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ExecResponse } from "../../src/shared/execution.ts";
import {
  ExecutorHarness,
  makeRequest,
  makeScript,
  readAnswer,
} from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

/** Polls until it holds; the test's own time limit bounds it. */
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(2);
}

function streamOf(response: ExecResponse | null): ReadableStream<Uint8Array> {
  const body = response?.body;
  if (!(body instanceof ReadableStream)) throw new Error("The response is not streamed");
  return body;
}

const ENDLESS = `export default () => {
  let sent = 0;
  return new Response(new ReadableStream({
    pull(controller) { sent += 1; controller.enqueue(new Uint8Array(65536)); },
    cancel() {},
  }));
}`;

describe("a response body", () => {
  test("streams whole", async () => {
    const script = makeScript(`export default () => new Response(new ReadableStream({
      async start(c) { for (let i = 0; i < 40; i++) { c.enqueue(new TextEncoder().encode(i + ",")); if (i % 10 === 0) await new Promise((r) => setTimeout(r, 1)) } c.close() }
    }))`);
    const { text, end } = await executor.run(script);
    expect(text).toBe(Array.from({ length: 40 }, (_, i) => `${i},`).join(""));
    expect(end.outcome).toBe("completed");
  });

  test("waits for a reader that is slow, and ends when the reader leaves", async () => {
    const { response, end } = await executor.client.execute(
      makeScript(ENDLESS, { limits: { response_mb: 100, cpu_ms: 5_000 } }),
      makeRequest(),
    );
    const reader = streamOf(response).getReader();
    await reader.read();
    await Bun.sleep(50);
    await reader.cancel();
    const ended = await end;
    expect(ended.outcome).toBe("aborted");
    // An unbounded producer would have filled the 100 MB by then, and its memory with them.
    expect(ended.cpuMs).toBeLessThan(2_000);
    expect(executor.client.stats().running).toBe(0);
  });

  test("is cut off over response_mb", async () => {
    const { response, end } = await executor.client.execute(
      makeScript(ENDLESS, { limits: { response_mb: 1 } }),
      makeRequest(),
    );
    await expect(new Response(streamOf(response)).arrayBuffer()).rejects.toThrow("over the limit");
    expect((await end).outcome).toBe("memory_exceeded");
  });

  test("that fails half-way fails for the reader, and is recorded", async () => {
    const script = makeScript(`export default () => new Response(new ReadableStream({
      start(c) { c.enqueue(new Uint8Array(10)); setTimeout(() => c.error(new RangeError("half")), 5) }
    }))`);
    const { response, end } = await executor.client.execute(script, makeRequest());
    await expect(new Response(streamOf(response)).arrayBuffer()).rejects.toThrow("half");
    expect(await end).toMatchObject({
      outcome: "threw",
      error: { name: "RangeError", message: "half" },
    });
  });
});

describe("a request body", () => {
  const chunks = (count: number, size: number): ReadableStream<Uint8Array> => {
    let sent = 0;
    return new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > count) controller.close();
        else controller.enqueue(new Uint8Array(size).fill(sent));
      },
    });
  };
  const SUM =
    "export default async (req) => { let n = 0; for await (const c of req.body) n += c.length; return n }";

  test("streams in as the script reads", async () => {
    const { text } = await executor.run(makeScript(SUM), {
      method: "POST",
      body: chunks(50, 20_000),
    });
    expect(text).toBe("1000000");
  });

  test("is read from bytes as well", async () => {
    const { text } = await executor.run(
      "export default async (req) => (await req.text()).toUpperCase()",
      {
        method: "POST",
        body: new TextEncoder().encode("héllo"),
      },
    );
    expect(text).toBe('"HÉLLO"');
  });

  test("over request_mb rejects in the script", async () => {
    const script = makeScript(SUM, { limits: { request_mb: 1 } });
    const { end } = await executor.run(script, { method: "POST", body: chunks(100, 50_000) });
    expect(end.outcome).toBe("threw");
    expect(end.error?.message).toContain("over the limit of 1 MB");
  });
});

describe("a client that disconnects", () => {
  test("aborts req.signal and frees the instance", async () => {
    const gone = new AbortController();
    const script = makeScript(`export default (req) => new Promise((resolve, reject) => {
      req.signal.addEventListener("abort", () => { console.log("aborted: " + req.signal.aborted); reject(req.signal.reason) });
      req.text().catch(() => undefined);
    })`);
    const begun = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>(
      {
        pull() {
          begun.resolve();
          return new Promise(() => undefined);
        },
      },
      { highWaterMark: 0 },
    );
    const request = makeRequest({ method: "POST", body, signal: gone.signal });
    const answer = Promise.resolve(executor.client.execute(script, request)).then(readAnswer);
    await begun.promise;
    gone.abort();
    const { status, end } = await answer;
    expect(status).toBeNull();
    expect(end.outcome).toBe("aborted");
    expect(end.logs.map((line) => line.message)).toContain("aborted: true");
    expect(executor.client.stats().running).toBe(0);
  });
});

describe("a process that dies", () => {
  test.each(["SIGKILL", "SIGABRT"] as const)(
    "by %s costs its own requests one retryable answer each, and is replaced",
    async (signal) => {
      const other = new ExecutorHarness();
      try {
        const waiting = Array.from({ length: 5 }, () =>
          other.run("export default () => new Promise(() => {})"),
        );
        await eventually(() => other.client.stats().running === 5);
        await other.run("export default () => 1");
        const victim = spawnedPid(other);
        process.kill(victim, signal);
        for (const { status, end } of await Promise.all(waiting)) {
          expect(status).toBeNull();
          expect(end).toMatchObject({ outcome: "threw", error: { name: "ExecutorDied" } });
        }
        const { text } = await other.run("export default () => 'again'");
        expect(text).toBe('"again"');
        expect(other.deaths).toHaveLength(1);
        expect(other.deaths[0]).toMatchObject({ pid: victim, lost: 5 });
      } finally {
        await other.close();
      }
    },
  );
});

describe("a process that does not answer", () => {
  test("is killed and replaced, and its requests get their answer", async () => {
    const other = new ExecutorHarness({ patienceMs: 100 });
    try {
      await other.run("export default () => 1");
      const stuck = spawnedPid(other);
      process.kill(stuck, "SIGSTOP");
      const { status, end } = await other.run(
        makeScript("export default () => 2", { limits: { cpu_ms: 50, startup_ms: 50 } }),
      );
      expect(status).toBeNull();
      expect(end.error?.name).toBe("ExecutorDied");
      expect((await other.run("export default () => 3")).text).toBe("3");
      expect(spawnedPid(other)).not.toBe(stuck);
    } finally {
      await other.close();
    }
  });
});

describe("a process without work", () => {
  test("is stopped, and started again when there is work", async () => {
    const other = new ExecutorHarness({ idleStopMs: 50 });
    try {
      await other.run("export default () => 1");
      const first = spawnedPid(other);
      await eventually(() => other.client.stats().processes === 0);
      expect((await other.run("export default () => 2")).text).toBe("2");
      expect(spawnedPid(other)).not.toBe(first);
      expect(other.deaths).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

describe("services", () => {
  test("are called with app and execution attached by the platform, and their errors arrive", async () => {
    const seen: unknown[] = [];
    const other = new ExecutorHarness({
      services: {
        call: (context, operation, payload) => {
          seen.push({ app: context.appId, execution: context.executionId, operation, payload });
          return Promise.reject(
            Object.assign(new Error("not there"), { guestName: "NotFound", code: "ENOENT" }),
          );
        },
      },
    });
    try {
      // fetch asks the platform for the policy of the app before anything goes out.
      const script = makeScript(
        'export default async () => { try { await fetch("http://example.com/") } catch (e) { return e.name } }',
      );
      const { text } = await other.run(script, { executionId: "execution-1" });
      expect(text).toContain("Error");
      expect(seen[0]).toMatchObject({ app: "app", execution: "execution-1" });
    } finally {
      await other.close();
    }
  });
});

function spawnedPid(harness: ExecutorHarness): number {
  const [pid] = harness.client.stats().pids ?? [];
  if (pid === undefined) throw new Error("No executor process runs");
  return pid;
}

describe("a new version under load", () => {
  test("gives whole answers of either version, and only the new one's in the end", async () => {
    const version = (n: number) =>
      makeScript(`const v = ${n}; export default () => "v" + v + "v" + ${n}`, {
        scriptId: "deployed",
        version: n,
      });
    const [first, second] = [version(1), version(2)];
    const before = Array.from({ length: 50 }, () => executor.run(first));
    const during = Array.from({ length: 50 }, (_, i) => executor.run(i % 2 === 0 ? first : second));
    const after = Array.from({ length: 50 }, () => executor.run(second));
    for (const { text } of await Promise.all([...before, ...during]))
      expect(['"v1v1"', '"v2v2"']).toContain(text);
    for (const { text } of await Promise.all(after)) expect(text).toBe('"v2v2"');
  });
});

describe('the text "stream"', () => {
  test("is a body like any other", async () => {
    const { text, end } = await executor.run("export default () => new Response('stream')");
    expect(text).toBe("stream");
    expect(end.outcome).toBe("completed");
  });
});

describe("a client that goes while the module is evaluated", () => {
  test("has its execution ended before it begins", async () => {
    const gone = new AbortController();
    const script = makeScript(
      `await new Promise((resolve) => setTimeout(resolve, 100));
      export default () => { for (;;); }`,
    );
    const answer = executor.client.execute(script, makeRequest({ signal: gone.signal }));
    await Bun.sleep(20);
    gone.abort();
    expect(await (await answer).end).toMatchObject({ outcome: "aborted", cpuMs: 0 });
  });
});
