/** The executor behind the smallest possible HTTP side: what the engine itself costs. */
import { join } from "node:path";
import { createExecutorClient } from "../../src/executor/client/executor-client.ts";
import type { ExecRequest, ExecutableScript, HeaderList } from "../../src/shared/execution.ts";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import type { InstanceMode } from "../../src/shared/execution.ts";

const [instance = "fresh", file = "hello.js", processes = "1"] = process.argv.slice(2);
const code = await Bun.file(join(import.meta.dir, "../scripts", file)).text();

const script: ExecutableScript = {
  scriptId: "bench",
  appId: "bench",
  name: "bench",
  version: 1,
  code,
  sourceMap: null,
  files: {},
  contentHash: Bun.hash(code).toString(16),
  instance: instance as InstanceMode,
  access: "public",
  limits: { ...DEFAULT_LIMITS, cpu_ms: 5_000 },
  env: {},
  envRevision: 1,
  secretValues: [],
};

const executor = createExecutorClient({
  services: { call: () => Promise.reject(new Error("The bench has no services")) },
  command: [process.execPath, join(import.meta.dir, "executor-entry.ts")],
  processesMax: Number(processes),
});

let recorded = 0;

function toRequest(request: Request, name: string): ExecRequest {
  const executionId = Bun.randomUUIDv7();
  return {
    executionId,
    requestId: executionId,
    invocationType: "http",
    rootExecutionId: executionId,
    triggerDepth: 0,
    method: request.method,
    url: request.url,
    headers: [...request.headers] as HeaderList,
    body: null,
    remoteAddr: { hostname: "127.0.0.1", port: 1 },
    params: { name },
    rest: "",
    host: {},
    principal: null,
    signal: null,
  };
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const { response, end } = await executor.execute(
      script,
      toRequest(request, request.url.slice(request.url.lastIndexOf("/") + 1)),
    );
    await end;
    recorded += 1;
    if (response === null) return new Response("The script failed", { status: 502 });
    return new Response(response.body as BodyInit | null, {
      status: response.status,
      headers: response.headers,
    });
  },
});

await fetch(server.url);
console.log(`listening ${server.port}`);
