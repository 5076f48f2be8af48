/** What a sandbox is told of a request. */
import type { ExecRequest, ExecutableScript } from "../../shared/execution.ts";
import { SDK_VERSION } from "../../shared/versions.ts";
import { STREAMED } from "../engine/port.ts";
import type { ExecutionInput } from "../engine/port.ts";
import { flattenHeaders } from "../wire/messages.ts";

const NO_PARAMS = "{}";

/** JSON for `info` is made when it is read: few handlers look at it. */
export class RequestInput implements ExecutionInput {
  readonly method: string;
  readonly url: string;
  readonly headersFlat: string;
  readonly body: ExecutionInput["body"];
  readonly paramsJson: string;
  readonly #script: ExecutableScript;
  readonly #request: ExecRequest;

  constructor(script: ExecutableScript, request: ExecRequest) {
    const { body, params } = request;
    this.method = request.method;
    this.url = request.url;
    this.headersFlat = flattenHeaders(request.headers);
    this.body = body instanceof ReadableStream ? STREAMED : body;
    this.paramsJson = hasMembers(params) ? JSON.stringify(params) : NO_PARAMS;
    this.#script = script;
    this.#request = request;
  }

  get executionId(): string {
    return this.#request.executionId;
  }

  get rootExecutionId(): string {
    return this.#request.rootExecutionId;
  }

  get triggerDepth(): number {
    return this.#request.triggerDepth;
  }

  get invocationType(): ExecutionInput["invocationType"] {
    return this.#request.invocationType;
  }

  get infoJson(): string {
    const { rest, host, principal, remoteAddr } = this.#request;
    return JSON.stringify({ rest, host, principal, execution: this.#facts(), remoteAddr });
  }

  #facts(): Record<string, unknown> {
    const { scriptId, name, version } = this.#script;
    const { executionId, requestId, invocationType, rootExecutionId, triggerDepth } = this.#request;
    return {
      id: executionId,
      requestId,
      scriptId,
      scriptName: name,
      version,
      invocationType,
      sdkVersion: SDK_VERSION,
      rootExecutionId,
      triggerDepth,
    };
  }
}

function hasMembers(record: object): boolean {
  for (const _name in record) return true;
  return false;
}
