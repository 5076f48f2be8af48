import type {
  ExecRequest,
  ExecutableScript,
  ExecutionEnd,
  ExecutionLog,
  HeaderList,
} from "../../shared/execution.ts";
import { redactorFor } from "./redact.ts";

/** One execution on its way from the gate to its record. */
export interface Call {
  script: ExecutableScript;
  request: ExecRequest;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Of `performance.now()`. */
  startedMark: number;
}

export interface Answer {
  status: number | null;
  headers: HeaderList | null;
}

/** Headers and logs are masked only when they are read: most records of plain successes are only counted. */
export function executionLog(call: Call, end: ExecutionEnd, answer: Answer): ExecutionLog {
  const { script, request } = call;
  const { method, url, headers } = request;
  const redactor = redactorFor(script.secretValues);
  return {
    id: request.executionId,
    appId: script.appId,
    scriptId: script.scriptId,
    version: script.version,
    invocationType: request.invocationType,
    outcome: end.outcome,
    status: answer.status,
    method,
    path: redactor.text(pathOf(url)),
    startedAt: new Date(call.startedAt),
    durationMs: performance.now() - call.startedMark,
    cpuMs: end.cpuMs,
    memoryPeakBytes: end.memoryPeakBytes,
    principal: request.principal,
    rootExecutionId: request.rootExecutionId,
    triggerDepth: request.triggerDepth,
    requestId: request.requestId,
    get request() {
      return { url: redactor.text(url), headers: redactor.headers(headers) };
    },
    get response() {
      return answer.headers === null ? null : { headers: redactor.headers(answer.headers) };
    },
    error: redactor.error(end.error),
    logs: end.logs.length === 0 ? end.logs : redactor.logs(end.logs),
    logsDropped: end.logsDropped,
  };
}

function pathOf(url: string): string {
  const authority = url.indexOf("://");
  const start = authority === -1 ? 0 : url.indexOf("/", authority + 3);
  if (start === -1) return "/";
  const question = url.indexOf("?", start);
  return question === -1 ? url.slice(start) : url.slice(start, question);
}
