/**
 * What a script may ask of the host while it runs inside the platform's own process: nothing that has an
 * effect, waits, or computes for long. All else makes the request start anew in an executor process.
 */
import { hostOperations } from "../host/registry.ts";
import type { HostFunction, HostOperations } from "../host/host-function.ts";
import { recentCpuMs, threadCpuMs } from "../engine/cpu-clock.ts";
import { EngineAbort } from "../engine/imports.ts";

/** Ends a run that is not to be finished here. It passes through the guest, which cannot catch it. */
export class InlineEscape extends EngineAbort {
  constructor(what: string) {
    super(`Not done in the platform's process: ${what}`);
    this.name = "InlineEscape";
  }
}

const ALLOWED = new Set([
  "log",
  "unhandled",
  "stack.callee",
  "stack.map",
  "request.info",
  "env.all",
  "env.get",
  "base64.decode",
  "base64.encode",
  "base64.ofBytes",
  "buffer.decode",
  "buffer.encode",
  "buffer.length",
  "text.decode",
  "text.decodeAs",
  "text.encode",
  "text.encodingOf",
  "text.latin1",
  "url.parse",
  "url.percentDecode",
  "url.set",
  "crypto.digest",
  "crypto.fill",
  "crypto.uuid",
  "nodecrypto.hash",
  "nodecrypto.hmac",
  "nodecrypto.random",
  "performance.now",
  "memory.limit",
  "files.list",
  "files.read",
  "intl.locale",
  "intl.date",
  "intl.formatDate",
  "intl.number",
]);

/** CPU time of a run with what the host does for it; the engine's own steps have a tighter bound. */
const RUN_WITH_HOST_MS_MAX = 20;

let runStartedAt = 0;
let cpuAtStart = 0;

/** One run at a time, from here to its answer. */
export function beginRun(): void {
  runStartedAt = performance.now();
  cpuAtStart = recentCpuMs(runStartedAt);
}

/** The clock is cheap to read; what it says counts only where the thread has worked for so long. */
function isTooLong(): boolean {
  if (performance.now() - runStartedAt <= RUN_WITH_HOST_MS_MAX) return false;
  return threadCpuMs() - cpuAtStart > RUN_WITH_HOST_MS_MAX;
}

/** The engine looks at the clock between its own steps; work that the host does for it counts too. */
const timed =
  (name: string, operation: HostFunction): HostFunction =>
  (context, ...args) => {
    const result = operation(context, ...args);
    if (isTooLong()) throw new InlineEscape(`${name} for long`);
    return result;
  };

/** What ends a run is never too late. */
const LAST = new Set(["respond", "done", "fail"]);

const refuse = (name: string) => (): never => {
  throw new InlineEscape(name);
};

/** The same names as in an executor process, so that the numbers in an image mean the same. */
export const inlineOperations: HostOperations = Object.fromEntries(
  Object.entries(hostOperations).map(([name, operation]) => [
    name,
    LAST.has(name) ? operation : ALLOWED.has(name) ? timed(name, operation) : refuse(name),
  ]),
);
