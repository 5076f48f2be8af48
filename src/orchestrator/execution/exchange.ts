/** One public request from the moment its script is known: body, gate, execution, response. */
import type {
  ExecRequest,
  ExecResponse,
  ExecResult,
  ExecutableScript,
  ExecutionEnd,
  HeaderList,
  ScriptPrincipal,
} from "../../shared/execution.ts";
import type { Answer, ClientRequest, Handled } from "../../shared/http.ts";
import { requestHost } from "../../shared/routing/host.ts";
import type { DataPlaneDeps } from "../deps.ts";
import { originText, type Origin } from "../http/origin.ts";
import {
  OUTCOME_PROBLEM,
  overloadedAnswer,
  problemAnswer,
  type ProblemCode,
} from "../http/problems.ts";
import { readBody, withinTime, type RequestBody } from "../http/request-body.ts";
import { toAnswer, type AnswerContext } from "../http/answer.ts";
import { observedStream } from "../http/stream.ts";
import { findAsset } from "../static/find.ts";
import { serveAsset } from "../static/serve.ts";
import { HttpRequest, type Destination, type InternalContext } from "./http-request.ts";
import type { Call } from "./record.ts";
import { endOf, type Runner } from "./runner.ts";

export interface ExchangeInput {
  deps: DataPlaneDeps;
  runner: Runner;
  request: ClientRequest;
  requestId: string;
  origin: Origin;
  internal: InternalContext | null;
}

const MIB = 1024 * 1024;

export class Exchange {
  readonly request: ClientRequest;
  readonly requestId: string;
  readonly #input: ExchangeInput;

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
    return `${originText(this.#input.origin)}${path}${query}`;
  }

  start(
    script: ExecutableScript,
    destination: Destination,
    principal: ScriptPrincipal | null,
  ): Handled {
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
  file(script: ExecutableScript, destination: Destination): Promise<Answer> | undefined {
    const { method, headers } = this.request;
    if (method !== "GET" && method !== "HEAD") return undefined;
    const asset = findAsset(script, destination.path);
    if (asset === undefined) return undefined;
    this.#input.runner.metrics.file();
    return serveAsset(asset, headers).then((found) => toAnswer(found, this.#context(destination)));
  }

  #context(destination: Destination): AnswerContext {
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
  ): Handled {
    const { runner } = this.#input;
    const refusal = runner.admit(script);
    if (refusal !== undefined) {
      runner.recordRefusal(script, exec, 503);
      return overloadedAnswer(refusal, this.requestId);
    }
    const call = runner.call(script, exec);
    const result = runner.run(call);
    if (!(result instanceof Promise)) return this.#finish(call, result, destination, body);
    return result.then((later) => this.#finish(call, later, destination, body));
  }

  #finish(call: Call, result: ExecResult, destination: Destination, body: RequestBody): Handled {
    const { runner } = this.#input;
    const { response, end } = result;
    if (response === null) return this.#withoutResponse(call, end, body);
    if (response.webSocket !== undefined) return this.#upgraded(call, response, end);
    try {
      const answer = toAnswer(response, this.#context(destination));
      runner.settle(call, end, { status: response.status, headers: answer.headers });
      if (answer.body instanceof ReadableStream) answer.body = this.#watched(answer.body);
      return answer;
    } catch (error) {
      if (response.body instanceof ReadableStream)
        void response.body.cancel().catch(() => undefined);
      return this.#invalid(call, end, String(error));
    }
  }

  #watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    return observedStream(body, () => this.#input.runner.metrics.problem("stream_failed"));
  }

  #withoutResponse(
    call: Call,
    end: ExecutionEnd | Promise<ExecutionEnd>,
    body: RequestBody,
  ): Answer | Promise<Answer> {
    if (end instanceof Promise) {
      const settled = end.catch(() => endOf("aborted", "The executor did not answer"));
      return settled.then((ended) => this.#withoutResponse(call, ended, body));
    }
    const isTooLarge = body.kind === "stream" && body.isTooLarge();
    return this.#failed(call, end, isTooLarge ? "body_too_large" : OUTCOME_PROBLEM[end.outcome]);
  }

  #invalid(call: Call, end: ExecutionEnd | Promise<ExecutionEnd>, message: string): Answer {
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

  #failed(call: Call, end: ExecutionEnd | Promise<ExecutionEnd>, code: ProblemCode): Answer {
    const answer = this.#problem(code, { execution_id: call.request.executionId });
    this.#input.runner.settle(call, end, { status: answer.status, headers: null });
    return answer;
  }

  #upgraded(
    call: Call,
    response: ExecResponse,
    end: ExecutionEnd | Promise<ExecutionEnd>,
  ): Answer | undefined {
    const { runner } = this.#input;
    const { webSocket } = response;
    const headers: HeaderList = [["x-request-id", this.requestId]];
    if (webSocket !== undefined && webSocket.protocol !== "")
      headers.push(["sec-websocket-protocol", webSocket.protocol]);
    if (webSocket !== undefined && this.request.upgrade(webSocket, headers)) {
      runner.settle(call, end, { status: 101, headers: response.headers });
      return undefined;
    }
    webSocket?.close(1006, "The client asked for no WebSocket");
    return this.#failed(call, end, "upgrade_failed");
  }

  #problem(code: ProblemCode, details: Record<string, unknown> = {}): Answer {
    this.#input.runner.metrics.problem(code);
    return problemAnswer(code, this.requestId, { details });
  }
}
