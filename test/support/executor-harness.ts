/** A real executor client with real processes, and short ways to run a script in it. */
import { join } from "node:path";
import { createExecutorClient } from "../../src/executor/client/executor-client.ts";
import type { ExecutorClientOptions } from "../../src/executor/client/executor-client.ts";
import type {
  HeaderList,
  ExecRequest,
  ExecResult,
  ExecutableScript,
  ExecutionEnd,
  ExecutorClient,
} from "../../src/shared/execution.ts";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import type { Limits } from "../../src/shared/limits.ts";

export interface ScriptOptions extends Partial<Omit<ExecutableScript, "limits">> {
  limits?: Partial<Limits>;
}

let nextScript = 1;

export function makeScript(code: string, options: ScriptOptions = {}): ExecutableScript {
  const scriptId = `script-${nextScript}`;
  nextScript += 1;
  return {
    scriptId,
    appId: "app",
    name: "test",
    version: 1,
    code,
    sourceMap: null,
    files: {},
    contentHash: Bun.hash(code).toString(16),
    instance: "fresh",
    access: "public",
    env: {},
    envRevision: 1,
    secretValues: [],
    ...options,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
}

export function makeRequest(options: Partial<ExecRequest> = {}): ExecRequest {
  return {
    executionId: Bun.randomUUIDv7(),
    requestId: "request",
    invocationType: "http",
    rootExecutionId: "root",
    triggerDepth: 0,
    method: "GET",
    url: "http://localhost/",
    headers: [["host", "localhost"]],
    body: null,
    remoteAddr: { hostname: "127.0.0.1", port: 1 },
    params: {},
    rest: "",
    host: {},
    principal: null,
    signal: null,
    ...options,
  };
}

export interface Answer {
  status: number | null;
  headers: HeaderList;
  text: string;
  end: ExecutionEnd;
}

export async function readAnswer({ response, end }: ExecResult): Promise<Answer> {
  const text = response === null ? "" : await new Response(response.body as BodyInit | null).text();
  return {
    status: response?.status ?? null,
    headers: response?.headers ?? [],
    text,
    end: await end,
  };
}

export class ExecutorHarness {
  readonly client: ExecutorClient;
  readonly deaths: { pid: number; lost: number }[] = [];

  constructor(options: Partial<ExecutorClientOptions> = {}) {
    this.client = createExecutorClient({
      services: {
        call: (_context, operation) => Promise.reject(new Error(`No service ${operation}`)),
      },
      command: [process.execPath, join(import.meta.dir, "executor-main.ts")],
      processesMax: 1,
      onProcessDeath: (details) => this.deaths.push(details),
      ...options,
    });
  }

  async run(
    script: ExecutableScript | string,
    request: Partial<ExecRequest> = {},
  ): Promise<Answer> {
    const made = typeof script === "string" ? makeScript(script) : script;
    return readAnswer(await this.client.execute(made, makeRequest(request)));
  }

  close(): Promise<void> {
    return this.client.close(2_000);
  }
}
