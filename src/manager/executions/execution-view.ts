import * as v from "valibot";
import type { executions } from "../db/tables/executions.ts";

export type StoredExecution = typeof executions.$inferSelect;

export const executionView = v.object({
  id: v.string(),
  app_id: v.string(),
  script_id: v.string(),
  version: v.number(),
  invocation_type: v.string(),
  outcome: v.string(),
  status: v.nullable(v.number()),
  method: v.string(),
  path: v.string(),
  started_at: v.string(),
  duration_ms: v.number(),
  cpu_ms: v.number(),
  memory_peak_bytes: v.number(),
  principal: v.nullable(v.unknown()),
  root_execution_id: v.string(),
  trigger_depth: v.number(),
  request_id: v.string(),
  request: v.unknown(),
  response: v.nullable(v.unknown()),
  error: v.nullable(v.unknown()),
  logs: v.array(
    v.object({
      at: v.string(),
      level: v.string(),
      message: v.string(),
      data: v.optional(v.unknown()),
    }),
  ),
  logs_dropped: v.number(),
});

export function viewExecution(row: StoredExecution) {
  return {
    id: row.id,
    app_id: row.appId,
    script_id: row.scriptId,
    version: row.version,
    invocation_type: row.invocationType,
    outcome: row.outcome,
    status: row.status,
    method: row.method,
    path: row.path,
    started_at: row.startedAt.toISOString(),
    duration_ms: toMicroseconds(row.durationMs),
    cpu_ms: toMicroseconds(row.cpuMs),
    memory_peak_bytes: row.memoryPeakBytes,
    principal: row.principal,
    root_execution_id: row.rootExecutionId,
    trigger_depth: row.triggerDepth,
    request_id: row.requestId,
    request: row.request,
    response: row.response,
    error: row.error,
    logs: row.logs,
    logs_dropped: row.logsDropped,
  };
}

/** Finer digits are noise of the clock. */
const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;
