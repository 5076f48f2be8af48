/** A data plane on a real listener, with scripts that are functions of this process in place of a sandbox. */
import { connect } from "node:net";
import { serveHttp } from "../../src/http/server.ts";
import { createDataPlane, type DataPlane } from "../../src/orchestrator/data-plane.ts";
import type { DataPlaneConfig } from "../../src/orchestrator/deps.ts";
import type { CallerResolution } from "../../src/shared/caller.ts";
import type {
  CountedExecution,
  ExecRequest,
  ExecResult,
  ExecutableScript,
  ExecutionEnd,
  ExecutionLog,
} from "../../src/shared/execution.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/shared/limits.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { compileTable } from "../../src/shared/routing/compile.ts";
import { parsePath } from "../../src/shared/routing/path-pattern.ts";
import type { RouteRow } from "../../src/shared/routing.ts";

export const completed: ExecutionEnd = {
  outcome: "completed",
  error: null,
  cpuMs: 1,
  memoryPeakBytes: 0,
  logs: [],
  logsDropped: 0,
};

export const text = (
  body: string,
  headers: [string, string][] = [["content-type", "text/plain"]],
  status = 200,
): ExecResult => ({
  response: { status, headers, body },
  end: completed,
});

export type Handler = (request: ExecRequest) => ExecResult | Promise<ExecResult>;

export interface ScriptOptions {
  run: Handler;
  access?: ExecutableScript["access"];
  limits?: Partial<Limits>;
  secretValues?: string[];
}

export interface HarnessOptions {
  scripts: Record<string, ScriptOptions>;
  /** `METHOD host path -> script`; host `any` for no constraint. */
  routes?: string[];
  config?: Partial<DataPlaneConfig>;
  /** Called in the executor before anything else. */
  onExecute?: () => void;
  resolveCaller?: (headers: Headers) => CallerResolution | Promise<CallerResolution>;
}

export interface Harness extends Disposable {
  plane: DataPlane;
  port: number;
  url: string;
  records: ExecutionLog[];
  /** Counted without a record. */
  counted: CountedExecution[];
  /** Swaps the table for one with these routes. */
  setRoutes(routes: readonly string[]): void;
  /** The request as the script got it, of the latest execution. */
  seen(): ExecRequest;
  fetch(host: string, path: string, init?: RequestInit): Promise<Response>;
  /** Sends bytes as they are; resolves with all that came, when `until` is true of it or the peer closed. */
  raw(
    bytes: string | Uint8Array,
    until: (received: string) => boolean,
  ): Promise<{ received: string; closed: boolean }>;
}

const APP = "app";

function routeOf(line: string, index: number): RouteRow {
  const [method = "", host = "", path = "", , scriptId = ""] = line.split(" ");
  const parsed = parsePath(path);
  if (!parsed.ok) throw new Error(`Cannot use the route "${line}": ${parsed.reason}`);
  const hostKind = host === "any" ? "any" : host.startsWith("*.") ? "wildcard" : "strict";
  return {
    id: `route${index}`,
    appId: APP,
    scriptId,
    method,
    path,
    pathKind: parsed.kind,
    hostKind,
    host: host === "any" ? null : host,
    hostParamName: hostKind === "wildcard" ? "tenant" : null,
  };
}

function scriptOf(scriptId: string, options: ScriptOptions): ExecutableScript {
  return {
    scriptId,
    appId: APP,
    name: scriptId,
    version: 1,
    code: "",
    sourceMap: null,
    files: {},
    contentHash: scriptId,
    instance: "fresh",
    access: options.access ?? "public",
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    env: {},
    envRevision: 1,
    secretValues: options.secretValues ?? [],
  };
}

export function startPlane(options: HarnessOptions): Harness {
  const records: ExecutionLog[] = [];
  const counted: CountedExecution[] = [];
  let latest: ExecRequest | undefined;
  let revision = 0;
  const compile = (routes: readonly string[]) =>
    compileTable({
      revision: ++revision,
      apps: [{ id: APP, slug: "app" }],
      domains: ["x.test", "localhost", "127.0.0.1", "*.w.test"].map((host) => ({
        id: host,
        appId: APP,
        host,
        kind: host.startsWith("*.") ? "wildcard" : "strict",
      })),
      routes: routes.map(routeOf),
    });
  let table = compile(options.routes ?? []);
  const scripts = new Map(
    Object.entries(options.scripts).map(([id, script]) => [id, scriptOf(id, script)]),
  );
  const plane = createDataPlane({
    tables: () => table,
    scripts: { resolve: (id) => scripts.get(id) },
    executor: {
      execute(script, request) {
        options.onExecute?.();
        latest = request;
        const run = options.scripts[script.scriptId]?.run;
        return Promise.try(() => run?.(request) ?? Promise.reject(new Error("No such script")));
      },
      evaluate: () => Promise.reject(new Error("Not in this test")),
      forget: () => undefined,
      stats: () => ({ processes: 1, running: 0, images: 0, imageBytes: 0 }),
      close: () => Promise.resolve(),
    },
    sink: { write: (log) => void records.push(log), count: (one) => void counted.push(one) },
    callers: { resolve: options.resolveCaller ?? (() => ({ caller: null, fault: false })) },
    config: {
      publicBaseUrl: null,
      sharesControlPlane: () => false,
      trustedProxies: [],
      gate: { running: 100, runningPerApp: 100, memoryBytes: 1e9 },
      triggerDepthMax: 4,
      idleTimeoutSeconds: 10,
      ...options.config,
    },
    clock: { now: () => Date.now() },
    logger: silentLogger,
  });
  const server = serveHttp({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeoutSeconds: options.config?.idleTimeoutSeconds ?? 10,
    bodyBytesMax: 128 * 1024 * 1024,
    handler: (request) => plane.handle(request),
  });
  const { port } = server;
  return {
    plane,
    port,
    url: `http://127.0.0.1:${port}`,
    records,
    counted,
    setRoutes(routes) {
      table = compile(routes);
    },
    seen() {
      if (latest === undefined) throw new Error("Cannot tell what the script saw: nothing ran");
      return latest;
    },
    fetch: (host, path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("host", host);
      return fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", ...init, headers });
    },
    raw: (bytes, until) => exchange(port, bytes, until),
    [Symbol.dispose]: () => void server.stop(0),
  };
}

function exchange(
  port: number,
  bytes: string | Uint8Array,
  until: (received: string) => boolean,
): Promise<{ received: string; closed: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ received: string; closed: boolean }>();
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    if (!until(received)) return;
    socket.destroy();
    resolve({ received, closed: false });
  });
  socket.on("error", () => resolve({ received, closed: true }));
  socket.on("close", () => resolve({ received, closed: true }));
  socket.write(bytes);
  return promise;
}

/** Resolves when `condition` holds; fails after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline)
      throw new Error("Cannot wait longer: the condition did not come true in 5 s");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
