/** Executions that no HTTP client waits for: functions, cron ticks, queue deliveries. */
import type {
  ExecRequest,
  ExecResult,
  HeaderList,
  ScriptPrincipal,
} from "../../shared/execution.ts";
import { newId } from "../../shared/ids.ts";
import type { InvocationType } from "../../shared/outcome.ts";
import type { DataPlaneDeps } from "../deps.ts";
import { endOf, type Runner } from "./runner.ts";

export interface Invocation {
  scriptId: string;
  invocationType: Exclude<InvocationType, "http">;
  /** The execution at the start of the chain, or null where this is the first. */
  rootExecutionId: string | null;
  /** 0 for the first of a chain. */
  triggerDepth: number;
  method?: string;
  /** Says what happened; the form is the executor's matter (`cron:name`, `queue:`). */
  url: string;
  headers?: HeaderList;
  body?: ExecRequest["body"];
  principal?: ScriptPrincipal | null;
  requestId?: string;
  signal?: AbortSignal | null;
}

export interface InvocationResult {
  executionId: string;
  /** Without a response when the gate refused (`overloaded`) or the chain is too deep (`aborted`). */
  result: ExecResult;
}

export async function invokeScript(
  deps: DataPlaneDeps,
  runner: Runner,
  invocation: Invocation,
): Promise<InvocationResult | undefined> {
  const script = await deps.scripts.resolve(invocation.scriptId);
  if (script === undefined) return undefined;
  const request = eventRequest(invocation);
  const { executionId } = request;
  if (invocation.triggerDepth > deps.config.triggerDepthMax) {
    const end = endOf("aborted", `More than ${deps.config.triggerDepthMax} triggers in a chain`);
    runner.recordUnrun(script, request, end, null);
    return { executionId, result: { response: null, end } };
  }
  if (runner.admit(script) !== undefined) {
    runner.recordRefusal(script, request, null);
    return { executionId, result: { response: null, end: endOf("overloaded") } };
  }
  const call = runner.call(script, request);
  const result = await runner.run(call);
  runner.settle(call, result.end, {
    status: result.response?.status ?? null,
    headers: result.response?.headers ?? null,
  });
  return { executionId, result };
}

function eventRequest(invocation: Invocation): ExecRequest {
  const executionId = newId();
  return {
    executionId,
    requestId: invocation.requestId ?? newId(),
    invocationType: invocation.invocationType,
    rootExecutionId: invocation.rootExecutionId ?? executionId,
    triggerDepth: invocation.triggerDepth,
    method: invocation.method ?? "POST",
    url: invocation.url,
    headers: invocation.headers ?? [],
    body: invocation.body ?? null,
    remoteAddr: { hostname: "127.0.0.1", port: 0 },
    params: {},
    rest: "",
    host: {},
    principal: invocation.principal ?? null,
    signal: invocation.signal ?? null,
  };
}
