/** One public request from the moment its script is known: body, gate, execution, response. */
import type {
  ExecRequest,
  ExecResponse,
  ExecResult,
  ExecutableScript,
  ExecutionEnd,
  ScriptPrincipal,
} from "../../shared/execution.ts";
import { requestHost } from "../../shared/routing/host.ts";
import type { DataPlaneDeps } from "../deps.ts";
import type { AddressSource, Origin } from "../http/origin.ts";
import {
  OUTCOME_PROBLEM,
  overloadedResponse,
  problemResponse,
  type ProblemCode,
} from "../http/problems.ts";
import { readBody, withinTime, type RequestBody } from "../http/request-body.ts";
import { toResponse, type ResponseContext } from "../http/response.ts";
import { observedStream } from "../http/stream.ts";
import { findAsset } from "../static/find.ts";
import { serveAsset } from "../static/serve.ts";
import { upgrade, type ScriptSocketData } from "../http/websocket.ts";
import { HttpRequest, type Destination, type InternalContext } from "./http-request.ts";
import type { Call } from "./record.ts";
import { endOf, type Runner } from "./runner.ts";

/** The part of Bun's server that a request needs. */
export type ClientServer = AddressSource &
  Pick<Bun.Server<ScriptSocketData>, "timeout" | "upgrade">;

export interface ExchangeInput {
  deps: DataPlaneDeps;
  runner: Runner;
  request: Request;
  /** Null for a script's fetch. */
  server: ClientServer | null;
  requestId: string;
  origin: Origin;
  internal: InternalContext | null;
}

const isEventStream = (name: string, value: string): boolean =>
  name.toLowerCase() === "content-type" && /^text\/event-stream\b/i.test(value);

const MIB = 1024 * 1024;
/** Bodies up to this go out fast enough for the listener's own idle timeout. */
const QUICK_BODY_BYTES = 256 * 1024;
const IDLE_TIMEOUT_SECONDS_MAX = 255;

export class Exchange {
  readonly request: Request;
  readonly requestId: string;
  readonly #input: ExchangeInput;
  /** The listener's idle timeout is off for it. */
  #waits = false;

  constructor(input: ExchangeInput) {
    this.#input = input;
    this.request = input.request;
    this.requestId = input.requestId;
  }

  hasInvalidHost(): boolean {
    return requestHost(this.#input.origin.host) === undefined;
  }

  /** The URL as the script sees it. */
  urlFor(path: string, query: string): string {
    const { scheme, host } = this.#input.origin;
    return `${scheme}://${host}${path}${query}`;
  }

  start(
    script: ExecutableScript,
    destination: Destination,
    principal: ScriptPrincipal | null,
  ): Response | undefined | Promise<Response | undefined> {
    const body = readBody(
      this.request,
      script.limits.request_mb * MIB,
      this.#input.internal !== null,
    );
    if (body.kind === "too_large") return this.#problem("body_too_large");
    if (body.kind !== "small")
      return this.#run(
        script,
        this.#execRequest(destination, principal, body.kind === "none" ? null : body.stream),
        destination,
        body,
      );
    return withinTime(body.bytes).then(
      (bytes) =>
        this.#run(script, this.#execRequest(destination, principal, bytes), destination, body),
      () => this.#problem("request_timeout"),
    );
  }

  /** Answers with one of the script's own files, where the path names one: no sandbox, no execution. */
  file(script: ExecutableScript, destination: Destination): Promise<Response> | undefined {
    const { method, headers } = this.request;
    if (method !== "GET" && method !== "HEAD") return undefined;
    const asset = findAsset(script, destination.path);
    if (asset === undefined) return undefined;
    this.#input.runner.metrics.file();
    return serveAsset(asset, headers).then((found) => {
      this.#restoreTimeout(found.body?.length ?? 0);
      return toResponse(found, this.#context(destination)).response;
    });
  }

  #context(destination: Destination): ResponseContext {
    return {
      requestId: this.requestId,
      isHead: this.request.method === "HEAD",
      isShared: destination.isShared && this.#input.internal === null,
    };
  }

  #execRequest(
    destination: Destination,
    principal: ScriptPrincipal | null,
    body: ExecRequest["body"],
  ): ExecRequest {
    return new HttpRequest({ ...this.#input, destination, principal, body });
  }

  #run(
    script: ExecutableScript,
    exec: ExecRequest,
    destination: Destination,
    body: RequestBody,
  ): Response | undefined | Promise<Response | undefined> {
    const { runner, server } = this.#input;
    const refusal = runner.admit(script);
    if (refusal !== undefined) {
      runner.recordRefusal(script, exec, 503);
      return overloadedResponse(refusal, this.requestId);
    }
    const call = runner.call(script, exec);
    const result = runner.run(call);
    if (!(result instanceof Promise)) return this.#finish(call, result, destination, body);
    // The script's own limits bound the wait; the listener's idle timeout would cut a slow answer off.
    server?.timeout(this.request, 0);
    this.#waits = true;
    return result.then((later) => this.#finish(call, later, destination, body));
  }

  #finish(
    call: Call,
    result: ExecResult,
    destination: Destination,
    body: RequestBody,
  ): Response | undefined | Promise<Response> {
    const { runner } = this.#input;
    const { response, end } = result;
    if (response === null) return this.#withoutResponse(call, end, body);
    if (response.webSocket !== undefined) return this.#upgraded(call, response, end);
    try {
      const watched = { ...response, body: this.#watched(response) };
      const answer = toResponse(watched, this.#context(destination));
      runner.settle(call, end, { status: response.status, headers: answer.sent });
      return answer.response;
    } catch (error) {
      if (response.body instanceof ReadableStream)
        void response.body.cancel().catch(() => undefined);
      return this.#invalid(call, end, String(error));
    }
  }

  /** Puts the listener's idle timeout back in force: at once, or when a stream is through. */
  #watched({ body, headers }: ExecResponse): ExecResponse["body"] {
    if (!(body instanceof ReadableStream)) {
      this.#restoreTimeout(body === null ? 0 : body.length);
      return body;
    }
    return observedStream(body, {
      isEvents: headers.some(([name, value]) => isEventStream(name, value)),
      done: (failed) => {
        if (failed) this.#input.runner.metrics.problem("stream_failed");
        this.#restoreTimeout(0);
      },
    });
  }

  #restoreTimeout(bodyLength: number): void {
    if (!this.#waits && bodyLength <= QUICK_BODY_BYTES) return;
    const { server, deps } = this.#input;
    const seconds =
      bodyLength > QUICK_BODY_BYTES ? IDLE_TIMEOUT_SECONDS_MAX : deps.config.idleTimeoutSeconds;
    server?.timeout(this.request, seconds);
  }

  #withoutResponse(
    call: Call,
    end: ExecutionEnd | Promise<ExecutionEnd>,
    body: RequestBody,
  ): Response | Promise<Response> {
    if (end instanceof Promise) {
      const settled = end.catch(() => endOf("aborted", "The executor did not answer"));
      return settled.then((ended) => this.#withoutResponse(call, ended, body));
    }
    const isTooLarge = body.kind === "stream" && body.isTooLarge();
    return this.#failed(call, end, isTooLarge ? "body_too_large" : OUTCOME_PROBLEM[end.outcome]);
  }

  #invalid(call: Call, end: ExecutionEnd | Promise<ExecutionEnd>, message: string): Response {
    const error = { name: "TypeError", message: `The response is not valid HTTP: ${message}` };
    const invalid = (ended: ExecutionEnd): ExecutionEnd => ({
      ...ended,
      outcome: "invalid_response",
      error,
    });
    return this.#failed(
      call,
      end instanceof Promise ? end.then(invalid) : invalid(end),
      "invalid_response",
    );
  }

  #failed(call: Call, end: ExecutionEnd | Promise<ExecutionEnd>, code: ProblemCode): Response {
    this.#restoreTimeout(0);
    const answer = this.#problem(code, { execution_id: call.request.executionId });
    this.#input.runner.settle(call, end, { status: answer.status, headers: null });
    return answer;
  }

  #upgraded(
    call: Call,
    response: ExecResponse,
    end: ExecutionEnd | Promise<ExecutionEnd>,
  ): Response | undefined {
    const { server, runner } = this.#input;
    const { webSocket } = response;
    if (
      webSocket !== undefined &&
      server !== null &&
      upgrade(this.request, server, webSocket, this.requestId)
    ) {
      runner.settle(call, end, { status: 101, headers: response.headers });
      return undefined;
    }
    webSocket?.close(1006, "The client asked for no WebSocket");
    return this.#failed(call, end, "upgrade_failed");
  }

  #problem(code: ProblemCode, details: Record<string, unknown> = {}): Response {
    this.#input.runner.metrics.problem(code);
    return problemResponse(code, this.requestId, { details });
  }
}
