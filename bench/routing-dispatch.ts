/** The data plane's own work for one request, beside a bare Bun.serve handler. `bun bench/routing-dispatch.ts` */
import { createDataPlane } from "../src/orchestrator/data-plane.ts";
import type { ExecResult, ExecutableScript } from "../src/shared/execution.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";
import { silentLogger } from "../src/shared/logger.ts";
import { compileTable } from "../src/shared/routing/compile.ts";

const ROUNDS = 100_000;
const script: ExecutableScript = {
  scriptId: "s",
  appId: "a",
  name: "s",
  version: 1,
  code: "",
  sourceMap: null,
  files: {},
  contentHash: "",
  instance: "fresh",
  access: "public",
  limits: DEFAULT_LIMITS,
  env: {},
  envRevision: 1,
  secretValues: [],
};
const result: ExecResult = {
  response: {
    status: 200,
    headers: [["content-type", "application/json"]],
    body: '{"hello":"world"}',
  },
  end: {
    outcome: "completed",
    error: null,
    cpuMs: 0,
    memoryPeakBytes: 0,
    logs: [],
    logsDropped: 0,
  },
};
const answered = Promise.resolve(result);
const table = compileTable({
  revision: 1,
  apps: [{ id: "a", slug: "a" }],
  domains: [{ id: "d", appId: "a", host: "127.0.0.1", kind: "strict" }],
  routes: [
    {
      id: "r",
      appId: "a",
      scriptId: "s",
      method: "GET",
      path: "/users/:id",
      pathKind: "param",
      hostKind: "any",
      host: null,
      hostParamName: null,
    },
  ],
});
const plane = createDataPlane({
  tables: () => table,
  scripts: { resolve: () => script },
  executor: {
    execute: () => answered,
    evaluate: () => Promise.reject(new Error("Not here")),
    forget: () => undefined,
    stats: () => ({ processes: 1, running: 0, images: 0, imageBytes: 0 }),
    close: () => Promise.resolve(),
  },
  sink: { write: () => undefined },
  callers: { resolve: () => ({ caller: null, fault: false }) },
  config: {
    publicBaseUrl: null,
    sharesControlPlane: () => true,
    trustedProxies: [],
    gate: { running: 1000, runningPerApp: 1000, memoryBytes: 1e9 },
    triggerDepthMax: 16,
    idleTimeoutSeconds: 30,
  },
  clock: { now: () => Date.now() },
  logger: silentLogger,
});

async function inHandler(
  name: string,
  make: (request: Request, server: Bun.Server<never>) => unknown,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request, self) {
      for (let i = 0; i < 20_000; i++) await make(request, self as unknown as Bun.Server<never>);
      const started = Bun.nanoseconds();
      for (let i = 0; i < ROUNDS; i++) await make(request, self as unknown as Bun.Server<never>);
      process.stdout.write(
        `${name.padEnd(40)} ${((Bun.nanoseconds() - started) / ROUNDS / 1000).toFixed(2)} us\n`,
      );
      resolve();
      return new Response();
    },
  });
  const headers = {
    accept: "application/json",
    "user-agent": "bench",
    "accept-language": "en",
    "x-a": "b",
  };
  await fetch(`http://127.0.0.1:${server.port}/users/42?x=1`, { headers });
  await promise;
}

await inHandler("bare: Response.json", () => Response.json({ hello: "world" }));
await inHandler("data plane: handle()", (request, server) =>
  plane.handle(request, server as never),
);
