/** An execution as one row of JSON that PostgreSQL takes: its text holds neither NUL nor halves of surrogate pairs. */
import type { ExecutionLog } from "../../shared/execution.ts";

/** What may be one of those, seen from outside; a closer look follows. */
const SUSPECT = /\\u0000|\\ud[89a-f]/;

export function recordText(log: ExecutionLog): string {
  const row = toRow(log);
  const text = JSON.stringify(row);
  return SUSPECT.test(text) ? JSON.stringify(cleaned(row)) : text;
}

function toRow(log: ExecutionLog) {
  return {
    id: log.id,
    app_id: log.appId,
    script_id: log.scriptId,
    version: log.version,
    invocation_type: log.invocationType,
    outcome: log.outcome,
    status: log.status,
    method: log.method,
    path: log.path,
    started_at: log.startedAt.toISOString(),
    duration_ms: log.durationMs,
    cpu_ms: log.cpuMs,
    memory_peak_bytes: Math.round(log.memoryPeakBytes),
    principal: log.principal,
    root_execution_id: log.rootExecutionId,
    trigger_depth: log.triggerDepth,
    request_id: log.requestId,
    request: log.request,
    response: log.response,
    error: log.error,
    logs: log.logs,
    logs_dropped: log.logsDropped,
  };
}

const cleanText = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [cleanText(key), cleaned(item)]),
  );
}
