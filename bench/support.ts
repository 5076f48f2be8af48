/** Scripts, requests and statistics for the scenarios. */
import { join } from "node:path";
import { createExecutorClient } from "../src/executor/client/executor-client.ts";
import type { ExecutorClientOptions } from "../src/executor/client/executor-client.ts";
import type {
  ExecRequest,
  ExecResult,
  ExecutableScript,
  ExecutorClient,
} from "../src/shared/execution.ts";
import { DEFAULT_LIMITS } from "../src/shared/limits.ts";
import type { Limits } from "../src/shared/limits.ts";

export function script(
  scriptId: string,
  code: string,
  limits: Partial<Limits> = {},
): ExecutableScript {
  return {
    scriptId,
    appId: "bench",
    name: scriptId,
    version: 1,
    code,
    sourceMap: null,
    files: {},
    contentHash: Bun.hash(code).toString(16),
    instance: "fresh",
    access: "public",
    limits: { ...DEFAULT_LIMITS, cpu_ms: 10_000, startup_ms: 10_000, ...limits },
    env: {},
    envRevision: 1,
    secretValues: [],
  };
}

export function request(name = "world"): ExecRequest {
  const id = Bun.randomUUIDv7();
  return {
    executionId: id,
    requestId: id,
    invocationType: "http",
    rootExecutionId: id,
    triggerDepth: 0,
    method: "GET",
    url: `http://localhost/hello/${name}`,
    headers: [["host", "localhost"]],
    body: null,
    remoteAddr: { hostname: "127.0.0.1", port: 1 },
    params: { name },
    rest: "",
    host: {},
    principal: null,
    signal: null,
  };
}

export function executor(options: Partial<ExecutorClientOptions> = {}): ExecutorClient {
  return createExecutorClient({
    services: { call: () => Promise.reject(new Error("The bench has no services")) },
    command: [process.execPath, join(import.meta.dir, "contenders/executor-entry.ts")],
    processesMax: 1,
    ...options,
  });
}

export async function textOf({ response, end }: ExecResult): Promise<string> {
  await end;
  return response === null ? "" : new Response(response.body as BodyInit | null).text();
}

/** Runs the work and gives the time that it took, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export function quantiles(times: number[]): { p50: number; p99: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export const show = (times: number[]): string => {
  const { p50, p99, max } = quantiles(times);
  return `p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  max ${max.toFixed(2)} ms  (n ${times.length})`;
};

/** Resident memory of a process in MB. */
export async function residentMb(pid: number): Promise<number> {
  const text = await Bun.file(`/proc/${pid}/status`).text();
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
}
