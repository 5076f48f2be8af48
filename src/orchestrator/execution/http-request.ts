/** A client's request as the executor takes it. */
import type { ExecRequest, HeaderList, ScriptPrincipal } from "../../shared/execution.ts";
import { newId } from "../../shared/ids.ts";
import { scriptHeaders } from "../http/credentials.ts";
import type { ClientRequest } from "../../shared/http.ts";
import type { Origin } from "../http/origin.ts";

/** The execution on whose behalf a script's fetch goes to another app. */
export interface InternalContext {
  rootExecutionId: string;
  /** Of the new execution: one more than that of the caller. */
  triggerDepth: number;
}

/** What the script is told of the request, and where its answer goes. */
export interface Destination {
  url: string;
  /** Of that URL, as it came. */
  path: string;
  params: Readonly<Record<string, string>>;
  rest: string;
  host: Readonly<Record<string, string>>;
  isShared: boolean;
}

export interface HttpRequestInput {
  request: ClientRequest;
  origin: Origin;
  requestId: string;
  destination: Destination;
  principal: ScriptPrincipal | null;
  internal: InternalContext | null;
  body: ExecRequest["body"];
}

/** Address and signal are got when they are read: a script that runs in this process needs neither. */
export class HttpRequest implements ExecRequest {
  readonly invocationType = "http";
  readonly executionId = newId();
  readonly requestId: string;
  readonly rootExecutionId: string;
  readonly triggerDepth: number;
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: ExecRequest["body"];
  readonly params: ExecRequest["params"];
  readonly rest: string;
  readonly host: ExecRequest["host"];
  readonly principal: ScriptPrincipal | null;
  readonly #request: ClientRequest;
  readonly #origin: Origin;

  constructor(input: HttpRequestInput) {
    const { request, origin, destination, internal } = input;
    this.#request = request;
    this.#origin = origin;
    this.requestId = input.requestId;
    this.rootExecutionId = internal?.rootExecutionId ?? this.executionId;
    this.triggerDepth = internal?.triggerDepth ?? 0;
    this.method = request.method;
    this.url = destination.url;
    this.headers = scriptHeaders(request.headers, origin.isForwarded);
    this.body = input.body;
    this.params = destination.params;
    this.rest = destination.rest;
    this.host = destination.host;
    this.principal = input.principal;
  }

  get remoteAddr(): ExecRequest["remoteAddr"] {
    return this.#origin.remoteAddr;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }
}
