import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ExecutableScript } from "../../src/shared/execution.ts";
import { ExecutorHarness, makeScript } from "../support/executor-harness.ts";
import { buildProgram } from "./program.ts";

let executor: ExecutorHarness;
beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

async function deploy(source: string): Promise<ExecutableScript> {
  const built = await buildProgram({ "main.ts": source }, "main.ts");
  if (!built.ok) throw new Error(`${built.file}:${built.line}:${built.column} ${built.message}`);
  return {
    ...makeScript(built.code, { limits: { startup_ms: 10_000, cpu_ms: 20_000 } }),
    sourceMap: built.sourceMap,
    files: built.files,
  };
}

describe("node:http createServer", () => {
  const SERVER = `import http from "node:http";
    http.createServer((req, res) => {
      if (req.url === "/stream") { res.setHeader("content-type", "text/plain"); res.write("one,"); setTimeout(() => { res.write("two,"); res.end("three") }, 5); return }
      if (req.url === "/throw") throw new Error("no answer");
      const chunks: Buffer[] = [];
      req.on("data", (chunk) => chunks.push(chunk));
      req.on("end", () => {
        res.writeHead(201, { "X-Method": req.method, "Set-Cookie": ["a=1", "b=2"] });
        res.end(JSON.stringify({ url: req.url, body: Buffer.concat(chunks).toString(), type: req.headers["content-type"] ?? null, from: req.socket.remoteAddress }));
      });
    }).listen(3000, () => console.log("listening"));`;

  test("answers a request with its body, headers and status", async () => {
    const script = await deploy(SERVER);
    const answer = await executor.run(script, {
      method: "POST",
      url: "http://x.test/a/b?c=1",
      headers: [["content-type", "text/plain"]],
      body: new TextEncoder().encode("sent"),
    });
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.text)).toMatchObject({
      url: "/a/b?c=1",
      body: "sent",
      type: "text/plain",
    });
    expect(
      answer.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value),
    ).toEqual(["a=1", "b=2"]);
  });

  test("streams what is written piece by piece, and records what is thrown", async () => {
    const script = await deploy(SERVER);
    expect((await executor.run(script, { url: "http://x.test/stream" })).text).toBe(
      "one,two,three",
    );
    const { end } = await executor.run(script, { url: "http://x.test/throw" });
    expect(end.error?.message).toBe("no answer");
  });
});

test("an event stream of 1,000 events arrives in full", async () => {
  const script =
    await deploy(`import { Hono } from "npm:hono"; import { streamSSE } from "npm:hono/streaming";
    const app = new Hono();
    app.get("/sse", (c) => streamSSE(c, async (stream) => { for (let i = 0; i < 1000; i++) await stream.writeSSE({ id: String(i), event: "tick", data: JSON.stringify({ i }) }) }));
    Deno.serve(app.fetch);`);
  const { text, headers } = await executor.run(script, { url: "http://x.test/sse" });
  expect(new Map(headers).get("content-type")).toStartWith("text/event-stream");
  expect(text.match(/^event: tick$/gm)?.length).toBe(1000);
  expect(text.trimEnd()).toEndWith('data: {"i":999}\nid: 999');
});

test("multipart uploads are parsed", async () => {
  const script = await deploy(`import { Hono } from "npm:hono"; const app = new Hono();
    app.post("/up", async (c) => { const body = await c.req.parseBody(); const file = body.file as File; return c.json({ name: file.name, type: file.type, size: file.size, text: await file.text(), field: body.field }) });
    export default app;`);
  const form = new FormData();
  form.set("field", "välue");
  form.set("file", new File(["content of the file"], "note.txt", { type: "text/markdown" }));
  const sent = new Response(form);
  const { text } = await executor.run(script, {
    method: "POST",
    url: "http://x.test/up",
    headers: [["content-type", sent.headers.get("content-type") ?? ""]],
    body: new Uint8Array(await sent.arrayBuffer()),
  });
  expect(JSON.parse(text)).toEqual({
    name: "note.txt",
    type: "text/markdown",
    size: 19,
    text: "content of the file",
    field: "välue",
  });
});

test("an error of a bundled program points at the author's line", async () => {
  const script = await deploy(
    "import { Hono } from 'npm:hono';\n\nconst app = new Hono();\napp.onError((e) => { throw e });\napp.get('/', () => {\n  throw new RangeError('here');\n});\nexport default app;",
  );
  const { end } = await executor.run(script, { url: "http://x.test/" });
  expect(end.error).toMatchObject({ name: "RangeError", message: "here" });
  expect(end.error?.stack).toContain("main.ts:6:");
});

test("AsyncLocalStorage keeps requests apart in a reused instance", async () => {
  const script = await deploy(`import { AsyncLocalStorage } from "node:async_hooks";
    const storage = new AsyncLocalStorage<string>();
    const later = () => new Promise((resolve) => setTimeout(resolve, 5));
    export default (req: Request, info: { query: Record<string, string> }) => storage.run(info.query.n, async () => { await later(); const first = storage.getStore(); await later(); return [first, storage.getStore()] });`);
  const reused = { ...script, instance: "reuse" as const };
  const answers = await Promise.all(
    ["1", "2", "3", "4"].map((n) => executor.run(reused, { url: `http://x.test/?n=${n}` })),
  );
  expect(answers.map(({ text }) => text)).toEqual(
    ["1", "2", "3", "4"].map((n) => JSON.stringify([n, n])),
  );
});

test("node:http sends requests by fetch, and reports refusals as errors", async () => {
  const script = await deploy(`import http from "node:http"; import https from "node:https";
    const ask = (send: typeof http, options: object | string) => new Promise((resolve) => {
      const request = send.request(options as string, (response) => { let text = ""; response.setEncoding("utf8"); response.on("data", (part) => (text += part)); response.on("end", () => resolve([response.statusCode, text])) });
      request.on("error", (error: Error & { code?: string }) => resolve([error.code, error.message.includes("policy") || error.message]));
      request.setHeader("X-A", "1"); request.end();
    });
    export default async () => [await ask(http, "http://127.0.0.1:1/x"), await ask(https, { hostname: "10.0.0.1", path: "/y" }), await ask(http, "data:text/plain,local")];`);
  const { text } = await executor.run(script);
  const [loopback, inside, local] = JSON.parse(text) as [string, unknown][];
  expect([loopback?.[0], inside?.[0]]).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
  expect(local).toEqual([200, "local"] as never);
});
