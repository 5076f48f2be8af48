/** An execution seen from the platform: what came from its process, as the result that was promised. */
import { unrunEnd } from "../../shared/execution.ts";
import type {
  ExecError,
  ExecRequest,
  ExecResponse,
  ExecResult,
  ExecutableScript,
  ExecutionEnd,
} from "../../shared/execution.ts";
import { STREAMED } from "../engine/port.ts";
import type { ResponseHead } from "../engine/port.ts";
import { expandHeaders } from "../wire/messages.ts";
import { ScriptSocket, type SocketLink } from "./script-socket.ts";

/** What a pending execution tells its process. */
export interface PendingLink extends SocketLink {
  credit(number: number, bytes: number): void;
  abort(number: number, reason: string): void;
  requestChunk(number: number, bytes: Uint8Array): void;
  requestEnd(number: number): void;
  requestError(number: number, message: string): void;
}

const SWITCHING_PROTOCOLS = 101;

export class PendingExecution {
  readonly number: number;
  readonly scriptNumber: number;
  readonly script: ExecutableScript;
  readonly request: ExecRequest;
  readonly promise: Promise<ExecResult>;
  /** It called a service of the platform, which may keep something for it. */
  asked = false;
  #resolve: (result: ExecResult) => void = () => undefined;
  readonly #link: PendingLink;
  #end: ((end: ExecutionEnd) => void) | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #chunks: Uint8Array[] = [];
  #pull: (() => void) | undefined;
  #bodyEnded = false;
  #bodyFailure: Error | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #onAbort: (() => void) | undefined;
  #socket: ScriptSocket | undefined;

  constructor(
    number: number,
    scriptNumber: number,
    script: ExecutableScript,
    request: ExecRequest,
    link: PendingLink,
  ) {
    this.number = number;
    this.scriptNumber = scriptNumber;
    this.script = script;
    this.request = request;
    this.#link = link;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { signal } = request;
    if (signal === null) return;
    this.#onAbort = () => link.abort(number, "The client has gone");
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  complete(head: ResponseHead, end: ExecutionEnd): void {
    this.#settled();
    this.#resolve({ response: toResponse(head, head.body === STREAMED ? null : head.body), end });
  }

  head(head: ResponseHead): void {
    const end = new Promise<ExecutionEnd>((resolve) => {
      this.#end = resolve;
    });
    const body = head.body === STREAMED ? this.#stream() : head.body;
    const response = toResponse(head, body);
    if (head.status === SWITCHING_PROTOCOLS) response.webSocket = this.#accept(response.headers);
    this.#resolve({ response, end });
  }

  /** The end without a response, or after one. */
  end(end: ExecutionEnd): void {
    this.#settled();
    this.#socket?.ended();
    if (this.#end === undefined) this.#resolve({ response: null, end });
    else this.#end(end);
  }

  /** The process is gone: one answer for each request that was in it. */
  died(): void {
    const error: ExecError = {
      name: "ExecutorDied",
      message: "The executor process died while it ran this request: try again",
    };
    this.bodyError(error);
    this.end(unrunEnd("threw", error));
  }

  #settled(): void {
    this.#forgetSignal();
    void this.#reader?.cancel().catch(() => undefined);
  }

  // --- WebSocket ---

  #accept(headers: ExecResponse["headers"]): ScriptSocket {
    // From here on the client's going is a close event of the socket, and no abort.
    this.#forgetSignal();
    const protocol = headers.find(([name]) => name === "sec-websocket-protocol")?.[1] ?? "";
    return (this.#socket = new ScriptSocket(this.#link, this.number, protocol));
  }

  socketSend(data: string | Uint8Array): void {
    this.#socket?.send(data);
  }

  socketShut(code: number, reason: string): void {
    this.#socket?.shut(code, reason);
  }

  #forgetSignal(): void {
    if (this.#onAbort !== undefined)
      this.request.signal?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }

  // --- response body ---

  #stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pulled(),
        cancel: () => this.#link.abort(this.number, "The client has gone"),
      },
      { highWaterMark: 0 },
    );
  }

  #pulled(): Promise<void> | undefined {
    if (this.#deliver()) return undefined;
    return new Promise((resolve) => {
      this.#pull = resolve;
    });
  }

  /** Hands the next thing to the stream, if there is any. */
  #deliver(): boolean {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#controller?.enqueue(chunk);
      this.#link.credit(this.number, chunk.length);
      return true;
    }
    if (this.#bodyFailure !== undefined) this.#controller?.error(this.#bodyFailure);
    else if (this.#bodyEnded) this.#controller?.close();
    else return false;
    return true;
  }

  #arrived(): void {
    const pull = this.#pull;
    if (pull === undefined || !this.#deliver()) return;
    this.#pull = undefined;
    pull();
  }

  chunk(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#arrived();
  }

  bodyEnd(): void {
    this.#bodyEnded = true;
    this.#arrived();
  }

  bodyError(error: ExecError): void {
    if (this.#bodyEnded) return;
    this.#bodyFailure = new Error(`${error.name}: ${error.message}`);
    this.#arrived();
  }

  // --- request body ---

  /** The script wants more: one chunk is read for each call. */
  async needBody(): Promise<void> {
    const { body } = this.request;
    if (!(body instanceof ReadableStream)) return;
    this.#reader ??= body.getReader();
    try {
      const { done, value } = await this.#reader.read();
      if (done) this.#link.requestEnd(this.number);
      else this.#link.requestChunk(this.number, value);
    } catch (error) {
      this.#link.requestError(this.number, error instanceof Error ? error.message : String(error));
    }
  }

  cancelBody(): void {
    const { body } = this.request;
    if (!(body instanceof ReadableStream)) return;
    this.#reader ??= body.getReader();
    void this.#reader.cancel().catch(() => undefined);
  }
}

function toResponse(head: ResponseHead, body: ExecResponse["body"]): ExecResponse {
  return { status: head.status, headers: expandHeaders(head.headersFlat), body };
}
