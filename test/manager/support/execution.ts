import type { ExecutionLog } from "../../../src/shared/execution.ts";
import { newId } from "../../../src/shared/ids.ts";

/** A finished execution: a plain success, changed as the test wants. */
export function execution(change: Partial<ExecutionLog> = {}): ExecutionLog {
  const id = change.id ?? newId();
  return {
    id,
    appId: newId(),
    scriptId: newId(),
    version: 1,
    invocationType: "http",
    outcome: "completed",
    status: 200,
    method: "GET",
    path: "/",
    startedAt: new Date(),
    durationMs: 3.5,
    cpuMs: 1.25,
    memoryPeakBytes: 2_000_000,
    principal: null,
    rootExecutionId: id,
    triggerDepth: 0,
    requestId: newId(),
    request: { url: "http://localhost/", headers: [["accept", "*/*"]] },
    response: { headers: [["content-type", "text/plain"]] },
    error: null,
    logs: [],
    logsDropped: 0,
    ...change,
  };
}
