/** The own work of listener and data plane for one request. `bun bench/routing-dispatch.ts` */
import { Inbound } from "../src/http/inbound.ts";
import type { ReceivedRequest } from "../src/http/request.ts";
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

/** With the headers that a browser sends. */
const bytes = Buffer.from(
  "GET /users/42?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: bench\r\nAccept-Language: en\r\nX-A: b\r\n\r\n",
);

function report(name: string, started: number): void {
  const us = (Bun.nanoseconds() - started) / ROUNDS / 1000;
  process.stdout.write(`${name.padEnd(40)} ${us.toFixed(2)} us\n`);
}

const requests: ReceivedRequest[] = [];
const inbound = new Inbound(
  {
    hasEnough: false,
    remoteAddr: { hostname: "127.0.0.1", port: 1 },
    arrived: (request) => void requests.push(request),
    refused: () => undefined,
    bodyAwaited: () => undefined,
    upgrade: () => false,
  },
  { pause: () => undefined, resume: () => undefined },
  1e6,
);
let started = 0;
for (const rounds of [20_000, ROUNDS]) {
  started = Bun.nanoseconds();
  for (let i = 0; i < rounds; i++) {
    requests.length = 0;
    inbound.received(bytes);
  }
}
report("listener: bytes to request", started);

for (const rounds of [20_000, ROUNDS]) {
  started = Bun.nanoseconds();
  for (let i = 0; i < rounds; i++) for (const request of requests) await plane.handle(request);
}
report("data plane: handle()", started);
