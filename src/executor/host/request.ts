/** Operations by which guest/core answers requests, logs and keeps time. */
import { calleeMessage } from "../engine/callee.ts";
import { STREAMED } from "../engine/port.ts";
import type { ExecError } from "../../shared/execution.ts";
import type { LogLine } from "../../shared/execution.ts";
import { instanceOf, outcomeOfError } from "../engine/instance.ts";
import type { Execution } from "../engine/execution.ts";
import { BODY } from "../wire/frames.ts";
import { HostError } from "./host-function.ts";
import type { HostContext, HostOperations, HostValue } from "./host-function.ts";

const running = (context: HostContext, requestId: HostValue): Execution | undefined =>
  instanceOf(context).execution(Number(requestId));

const parseError = (json: HostValue): ExecError & { kind?: string } => JSON.parse(String(json));

/** Bytes that the guest passes are views into its memory: what outlives the call is copied. */
const kept = (body: HostValue): Uint8Array | string | null =>
  body instanceof Uint8Array ? body.slice() : typeof body === "string" ? body : null;

/** For a script that asks when its request has ended. */
const ENDED_INFO = JSON.stringify({
  rest: "",
  host: {},
  principal: null,
  execution: {},
  remoteAddr: { hostname: "", port: 0 },
});

const LEVELS = new Set(["trace", "debug", "info", "warn", "error"]);

export const requestOperations: HostOperations = {
  respond(context, requestId, status, headersFlat, bodyKind, body, last) {
    const execution = running(context, requestId);
    if (execution === undefined) return undefined;
    const head = { status: Number(status), headersFlat: String(headersFlat) };
    execution.respond({ ...head, body: bodyKind === BODY.stream ? STREAMED : kept(body) });
    // Nothing is left to do for this request: saves the call of "done".
    if (last === true) execution.done = true;
    return undefined;
  },
  "body.chunk": (context, requestId, bytes) =>
    running(context, requestId)?.chunk((bytes as Uint8Array).slice()) ?? true,
  "body.end"(context, requestId) {
    running(context, requestId)?.bodyEnd();
    return undefined;
  },
  "body.error"(context, requestId, json) {
    const error = parseError(json);
    running(context, requestId)?.bodyError(error, outcomeOfError(error));
    return undefined;
  },
  "request.read"(context, requestId) {
    const execution = running(context, requestId);
    if (execution === undefined) throw new HostError("TypeError", "The request has ended");
    return execution.readBody();
  },
  /** Everything about the request that is neither its message nor its parameters, as JSON. */
  "request.info": (context, requestId) => running(context, requestId)?.input.infoJson ?? ENDED_INFO,
  "request.cancel"(context, requestId) {
    running(context, requestId)?.cancelBody();
    return undefined;
  },
  done(context, requestId) {
    const execution = running(context, requestId);
    if (execution !== undefined) execution.done = true;
    return undefined;
  },
  fail(context, requestId, json) {
    const { kind, ...error } = parseError(json);
    running(context, requestId)?.fail(
      kind === "invalid_response" ? kind : outcomeOfError(error),
      error,
    );
    return undefined;
  },
  log(context, requestId, level, message, dataJson) {
    const known = LEVELS.has(String(level)) ? (String(level) as LogLine["level"]) : "info";
    running(context, requestId)?.log(
      known,
      String(message),
      typeof dataJson === "string" ? dataJson : null,
    );
    return undefined;
  },
  /** An error that no code of the script caught. */
  unhandled(context, requestId, json, prefix = "Unhandled rejection: ") {
    const error = parseError(json);
    const text = `${String(prefix)}${error.name}: ${error.message}`;
    running(context, requestId)?.uncaught(text, error, outcomeOfError(error));
    return undefined;
  },
  "stack.callee": (context, line, column) =>
    calleeMessage(instanceOf(context).script.code, Number(line), Number(column)),
  "stack.map": (context, frames) => instanceOf(context).mapFrames(String(frames)),
  "timer.arm"(context, delayMs) {
    instanceOf(context).armTimer(Number(delayMs));
    return undefined;
  },
};
