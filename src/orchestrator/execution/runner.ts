/** Gate, executor and record: what every execution goes through, whoever asked for it. */
import { unrunEnd } from "../../shared/execution.ts";
import type {
  ExecRequest,
  ExecResult,
  ExecutableScript,
  ExecutionEnd,
} from "../../shared/execution.ts";
import type { Outcome } from "../../shared/outcome.ts";
import type { DataPlaneDeps } from "../deps.ts";
import { Gate, type GateRefusal } from "../gate.ts";
import { DataPlaneMetrics } from "../metrics.ts";
import { executionLog, type Answer, type Call } from "./record.ts";

/** Records of refused executions kept a second; all are counted. A flood must not become a flood of rows. */
const REFUSED_RECORDS_PER_SECOND = 10;

export class Runner {
  readonly metrics: DataPlaneMetrics;
  readonly #gate: Gate;
  readonly #deps: DataPlaneDeps;
  #refusedSecond = 0;
  #refusedRecords = 0;

  constructor(deps: DataPlaneDeps) {
    this.#deps = deps;
    this.#gate = new Gate(deps.config.gate, () => deps.memoryInUseBytes?.() ?? 0);
    this.metrics = new DataPlaneMetrics(() => this.#gate.running);
  }

  /** Undefined when the execution may run; then `run` must follow. A refusal is counted and recorded here. */
  admit(script: ExecutableScript): GateRefusal | undefined {
    const refusal = this.#gate.enter(script.appId, script.scriptId, script.limits.concurrency);
    if (refusal !== undefined) this.metrics.refused(refusal);
    return refusal;
  }

  recordRefusal(script: ExecutableScript, request: ExecRequest, status: number | null): void {
    const now = this.#deps.clock.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#refusedSecond) [this.#refusedSecond, this.#refusedRecords] = [second, 0];
    if (this.#refusedRecords++ < REFUSED_RECORDS_PER_SECOND)
      return this.recordUnrun(script, request, endOf("overloaded"), status);
    const { appId, scriptId } = script;
    this.metrics.execution("overloaded", 0);
    this.#deps.sink.count?.({ appId, scriptId, outcome: "overloaded", cpuMs: 0, durationMs: 0 });
  }

  /** An execution that ended before it began. */
  recordUnrun(
    script: ExecutableScript,
    request: ExecRequest,
    end: ExecutionEnd,
    status: number | null,
  ): void {
    this.#write(this.call(script, request), end, { status, headers: null });
  }

  call(script: ExecutableScript, request: ExecRequest): Call {
    return { script, request, startedAt: this.#deps.clock.now(), startedMark: performance.now() };
  }

  /** Never rejects: an executor that fails is an aborted execution. */
  run(call: Call): ExecResult | Promise<ExecResult> {
    try {
      const result = this.#deps.executor.execute(call.script, call.request);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => this.#lost(call, error));
    } catch (error) {
      return this.#lost(call, error);
    }
  }

  #lost(call: Call, error: unknown): ExecResult {
    this.#deps.logger.error("The executor failed", {
      error: String(error),
      execution_id: call.request.executionId,
    });
    return { response: null, end: endOf("aborted", "The executor did not answer") };
  }

  /** Leaves the gate and writes the record, now or when the execution has ended. Once per run. */
  settle(call: Call, end: ExecutionEnd | Promise<ExecutionEnd>, answer: Answer): void {
    if (!(end instanceof Promise)) return this.#done(call, end, answer);
    void end
      .catch((error: unknown) => {
        this.#deps.logger.error("The executor lost an execution", {
          error: String(error),
          execution_id: call.request.executionId,
        });
        return endOf("aborted", "The executor did not answer");
      })
      .then((ended) => this.#done(call, ended, answer));
  }

  #done(call: Call, end: ExecutionEnd, answer: Answer): void {
    const { script } = call;
    this.#gate.leave(script.appId, script.scriptId);
    this.#write(call, end, answer);
  }

  #write(call: Call, end: ExecutionEnd, answer: Answer): void {
    const log = executionLog(call, end, answer);
    this.metrics.execution(log.outcome, log.durationMs);
    this.#deps.sink.write(log);
  }
}

/** An end that the executor has no part in. */
export function endOf(outcome: Outcome, message?: string): ExecutionEnd {
  const error = message === undefined ? null : { name: "PlatformError", message };
  return unrunEnd(outcome, error);
}
