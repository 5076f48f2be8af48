/** The data that crosses between orchestrator and executor, and the interfaces it crosses by. */
import type { InvocationType, Outcome } from "./outcome.ts";
import type { Limits } from "./limits.ts";

/** The resolved caller of a data-plane request, as the script sees it. */
export interface ScriptPrincipal {
  kind: "user" | "api_key";
  id: string;
  username: string;
  role: string;
}

export type InstanceMode = "fresh" | "reuse";
export type ScriptAccess = "public" | "principal" | "internal";

/** One live script version with everything that running it needs. */
export interface ExecutableScript {
  scriptId: string;
  appId: string;
  name: string;
  version: number;
  /** One bundled ES module of plain JavaScript, npm and jsr code included. */
  code: string;
  /** Source map v3 (JSON) from `code` back to the author's files, or null. */
  sourceMap: string | null;
  /** The author's files, for Deno.readFile and friends: path without leading slash to text. */
  files: Readonly<Record<string, string>>;
  /** The author's files that are no text: path to base64. None where absent. */
  assets?: Readonly<Record<string, string>>;
  /** What is served without running the script: a path's beginning, with its end slash, to a folder of the files. */
  static?: Readonly<Record<string, string>> | null;
  /** Content hash of everything above; with the environment revision it names the image. */
  contentHash: string;
  instance: InstanceMode;
  access: ScriptAccess;
  /** Already clamped to the ceilings. */
  limits: Limits;
  /** The app's variables, secrets decrypted. */
  env: Readonly<Record<string, string>>;
  /** Grows with each change of the app's variables. */
  envRevision: number;
  /** Values of secrets, to be masked in records. */
  secretValues: readonly string[];
}

export type HeaderList = [name: string, value: string][];

export interface ExecRequest {
  executionId: string;
  requestId: string;
  invocationType: InvocationType;
  rootExecutionId: string;
  triggerDepth: number;
  method: string;
  /** Absolute URL as the script shall see it. */
  url: string;
  /** Names lower-case, in the order received; credentials of the platform already taken out. */
  headers: HeaderList;
  body: Uint8Array | ReadableStream<Uint8Array> | null;
  remoteAddr: { hostname: string; port: number };
  params: Record<string, string>;
  /** What a prefix route left over; "" for every other route. */
  rest: string;
  /** What a wildcard host captured, by `host_param_name`. */
  host: Record<string, string>;
  principal: ScriptPrincipal | null;
  /** Fires when the client has gone. */
  signal: AbortSignal | null;
}

export interface LogLine {
  /** RFC 3339 UTC. */
  at: string;
  level: "trace" | "debug" | "info" | "warn" | "error";
  message: string;
  data?: unknown;
}

export interface ExecError {
  name: string;
  message: string;
  /** Positions mapped back to the author's files where the map allows. */
  stack?: string;
  cause?: ExecError;
  /** Of an AggregateError. */
  errors?: ExecError[];
}

/** The last word on an execution, after its body was sent and its `waitUntil` work ended. */
export interface ExecutionEnd {
  outcome: Outcome;
  error: ExecError | null;
  cpuMs: number;
  memoryPeakBytes: number;
  logs: LogLine[];
  /** Lines over `log_lines` that were not kept. */
  logsDropped: number;
}

/** The end of what never ran, or of what is not known to have run. */
export function unrunEnd(outcome: Outcome, error: ExecError | null): ExecutionEnd {
  return { outcome, error, cpuMs: 0, memoryPeakBytes: 0, logs: [], logsDropped: 0 };
}

export interface ExecResponse {
  status: number;
  headers: HeaderList;
  body: Uint8Array | string | ReadableStream<Uint8Array> | null;
  /** The server side of an accepted WebSocket upgrade; present only with status 101. */
  webSocket?: ExecWebSocket;
}

/** A WebSocket that the script accepted; the orchestrator joins it to the client's. */
export interface ExecWebSocket {
  protocol: string;
  /** From the client to the script. */
  message(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
  /** From the script to the client; set once, before the first message. */
  attach(peer: {
    send(data: string | Uint8Array): void;
    close(code: number, reason: string): void;
  }): void;
}

export interface ExecResult {
  /** Null when there is no response to give: `end` says why, and is already settled. */
  response: ExecResponse | null;
  /** Settled at once for a plain synchronous answer, so that the hot path makes no promise. */
  end: ExecutionEnd | Promise<ExecutionEnd>;
}

/** What evaluating a module showed, at deploy. */
export type EvaluationResult =
  | {
      ok: true;
      startupMs: number;
      imageBytes: number;
      crons: CronRegistration[];
      listensToQueue: boolean;
    }
  | {
      ok: false;
      outcome: Outcome;
      error: ExecError;
      file?: string;
      line?: number;
      column?: number;
    };

export interface CronRegistration {
  name: string;
  schedule: string;
  backoffSchedule: number[] | null;
}

export interface ExecutorStats {
  processes: number;
  running: number;
  images: number;
  imageBytes: number;
  /** Executions that ran in the platform's own process, and those that were begun there in vain. */
  inlineRuns?: number;
  inlineEscapes?: number;
  /** Process ids of the executor processes. */
  pids?: number[];
}

/** The executor as the orchestrator sees it. Never rejects for what a script did. */
export interface ExecutorClient {
  /** At once where the script ran in this very process. */
  execute(script: ExecutableScript, request: ExecRequest): ExecResult | Promise<ExecResult>;
  /** Makes the image, as a deploy check. */
  evaluate(script: ExecutableScript): Promise<EvaluationResult>;
  /** Drops what is kept of a script: images, reused instances. */
  forget(scriptId: string): void;
  stats(): ExecutorStats;
  /** Lets running executions end within the bound, then stops every process. */
  close(graceMs: number): Promise<void>;
}

/** Live script versions, from memory. Undefined where no such script has a live version. */
export interface ScriptResolver {
  resolve(scriptId: string): ExecutableScript | undefined | Promise<ExecutableScript | undefined>;
}

/** A finished execution, as it is recorded. */
export interface ExecutionLog {
  id: string;
  appId: string;
  scriptId: string;
  version: number;
  invocationType: InvocationType;
  outcome: Outcome;
  status: number | null;
  method: string;
  path: string;
  startedAt: Date;
  durationMs: number;
  cpuMs: number;
  memoryPeakBytes: number;
  principal: ScriptPrincipal | null;
  rootExecutionId: string;
  triggerDepth: number;
  requestId: string;
  /** Redacted by the orchestrator before it gets here. */
  request: { url: string; headers: HeaderList };
  response: { headers: HeaderList } | null;
  error: ExecError | null;
  logs: LogLine[];
  logsDropped: number;
}

/** What counting an execution needs of it. */
export type CountedExecution = Pick<
  ExecutionLog,
  "appId" | "scriptId" | "outcome" | "cpuMs" | "durationMs"
>;

/** Takes finished executions. Returns at once; never throws; what it must drop it counts. */
export interface ExecutionLogSink {
  write(log: ExecutionLog): void;
  /** Counts an execution without a record: one of a flood of refusals. */
  count?(execution: CountedExecution): void;
}

/** What the executor asks of the platform for a script; app and execution are attached by the platform. */
export interface HostServices {
  call(context: ServiceContext, operation: string, payload: unknown): Promise<unknown>;
  /** An execution that called a service is over: what it left open there can go. */
  ended?(executionId: string): void;
}

export interface ServiceContext {
  appId: string;
  scriptId: string;
  executionId: string;
  rootExecutionId: string;
  triggerDepth: number;
}
