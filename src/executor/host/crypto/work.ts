/**
 * Bounds for what runs on threads and cannot be stopped there: one heavy operation at a time for each
 * sandbox, and for each request no more than a multiple of its CPU limit.
 */
import type { HostContext } from "../host-function.ts";
import { operationError } from "./errors.ts";

/** Heavy work is native code, ten times as fast as what the limit is made for. */
const CPU_FACTOR = 10;
const REQUESTS_KEPT = 256;

interface Work {
  spentMs: Map<number, number>;
  tail: Promise<unknown>;
  disposed: boolean;
}

function workOf(context: HostContext): Work {
  const known = context.state.get("crypto.work") as Work | undefined;
  if (known) return known;
  const work: Work = { spentMs: new Map(), tail: Promise.resolve(), disposed: false };
  context.state.set("crypto.work", work);
  context.onDispose(() => {
    work.disposed = true;
  });
  return work;
}

/** Runs `job` when the sandbox's earlier ones are done. OperationError past the budget; `ms` is an estimate. */
export function spend<T>(context: HostContext, ms: number, job: () => Promise<T>): Promise<T> {
  const work = workOf(context);
  const { requestId } = context;
  const spent = (work.spentMs.get(requestId) ?? 0) + ms;
  const budget = context.script.limits.cpu_ms * CPU_FACTOR;
  if (spent > budget) {
    throw operationError(
      `Cannot run the operation: it would bring the request's cryptography to about ${Math.ceil(spent)} ms of at most ${budget}; raise cpu_ms`,
    );
  }
  work.spentMs.set(requestId, spent);
  if (work.spentMs.size > REQUESTS_KEPT)
    for (const [oldest] of work.spentMs) {
      work.spentMs.delete(oldest);
      break;
    }
  const run = work.tail.then(() => {
    if (work.disposed) throw operationError("Cannot run the operation: the sandbox has ended");
    return job();
  });
  work.tail = run.catch(() => undefined);
  return run;
}
