/** One request in a sandbox: its budget, its log, and what it has answered so far. */
import type { ExecError, ExecutionEnd, LogLine } from "../../shared/execution.ts";
import type { Limits } from "../../shared/limits.ts";
import type { Outcome } from "../../shared/outcome.ts";
import { hasFrames } from "../../shared/source-map.ts";
import type { HostValue } from "../host/host-function.ts";
import { WINDOW_BYTES } from "../wire/frames.ts";
import { STREAMED } from "./port.ts";
import type { ExecutionInput, ExecutionPort, ResponseHead } from "./port.ts";

const LOG_BYTES_MAX = 1024 * 1024;
/** A check comes after some ten thousand loops or calls. */
const SHORT_CHECKS = 3;
const MEGABYTE = 1024 * 1024;

/** What the instance does for an execution that it runs. */
export interface ExecutionHome {
  event(kind: string, ...args: HostValue[]): void;
  /** Ends the execution from outside: limits, a client that has gone. */
  terminate(execution: Execution, outcome: Outcome, error: ExecError): void;
  memoryBytes(): number;
  /** Positions in the author's files in place of those in the bundle. */
  mapError(error: ExecError): ExecError;
  mapText(text: string): string;
  readonly idle: boolean;
}

export class Execution {
  readonly requestId: number;
  readonly input: ExecutionInput;
  readonly limits: Limits;
  readonly port: ExecutionPort;
  readonly home: ExecutionHome;
  cpuMs = 0;
  /** Entries into the guest so far, and how often the engine looked whether its time is up. */
  turns = 0;
  checks = 0;
  /** What will be reported once the work after the response has ended too. */
  outcome: Outcome = "completed";
  error: ExecError | null = null;
  done = false;
  closed = false;
  #head: ResponseHead | null = null;
  #headSent = false;
  #bodyOpen = false;
  #logs: LogLine[] = [];
  #logsDropped = 0;
  #logBytes = 0;
  #sentBytes = 0;
  #inFlight = 0;
  #guestWaits = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When `wall_ms` began. */
  readonly startedAt: number;
  #reads: { resolve: (chunk: Uint8Array | null) => void; reject: (error: Error) => void }[] = [];
  #receivedBytes = 0;
  #bodyRead = false;

  constructor(
    requestId: number,
    input: ExecutionInput,
    limits: Limits,
    port: ExecutionPort,
    home: ExecutionHome,
  ) {
    this.requestId = requestId;
    this.input = input;
    this.startedAt = input.arrivedAt ?? performance.now();
    this.limits = limits;
    this.port = port;
    this.home = home;
  }

  // --- from the guest ---

  respond(head: ResponseHead): void {
    if (this.#head !== null || this.closed) return;
    const { body } = head;
    if (body !== null && body !== STREAMED) {
      const size = body.length;
      if (size > this.limits.response_mb * MEGABYTE) {
        this.fail("memory_exceeded", tooLarge("response", this.limits.response_mb));
        return;
      }
    }
    this.#bodyOpen = body === STREAMED;
    this.#head = head;
  }

  /** There is no response to give. */
  fail(outcome: Outcome, error: ExecError): void {
    if (this.outcome === "completed") {
      this.outcome = outcome;
      this.error = error;
    }
  }

  /** False where the script has to wait for "pull". */
  chunk(bytes: Uint8Array): boolean {
    if (this.closed || !this.#bodyOpen) return true;
    this.#sentBytes += bytes.length;
    if (this.#sentBytes > this.limits.response_mb * MEGABYTE) {
      this.bodyError(tooLarge("response", this.limits.response_mb), "memory_exceeded");
      // Makes the script wait for room that never comes: the execution ends with this turn.
      this.done = true;
      return false;
    }
    this.#sendHead();
    this.port.chunk(bytes);
    this.#inFlight += bytes.length;
    this.#armIdle();
    this.#guestWaits = this.#inFlight >= WINDOW_BYTES;
    return !this.#guestWaits;
  }

  bodyEnd(): void {
    if (!this.#bodyOpen) return;
    this.#bodyOpen = false;
    this.#sendHead();
    this.port.bodyEnd();
  }

  bodyError(error: ExecError, outcome: Outcome = "threw"): void {
    this.fail(outcome, error);
    if (!this.#bodyOpen) return;
    this.#bodyOpen = false;
    this.#sendHead();
    this.port.bodyError(error);
  }

  /** Nobody caught it: recorded, and the rest goes on; a limit that it passed is the execution's outcome. */
  uncaught(text: string, error: ExecError, outcome: Outcome): void {
    this.log("error", text, JSON.stringify(error));
    if (this.#headSent && outcome !== "threw") this.fail(outcome, error);
  }

  log(level: LogLine["level"], message: string, dataJson: string | null): void {
    const size = message.length + (dataJson?.length ?? 0);
    if (this.#logs.length >= this.limits.log_lines || this.#logBytes + size > LOG_BYTES_MAX) {
      this.#logsDropped += 1;
      return;
    }
    this.#logBytes += size;
    const at = new Date().toISOString();
    const line: LogLine = { at, level, message: this.home.mapText(message) };
    if (dataJson !== null && hasFrames(dataJson)) line.data = JSON.parse(dataJson, this.#mapValue);
    else if (dataJson !== null) line.data = JSON.parse(dataJson);
    this.#logs.push(line);
  }

  /** Of what is logged, stacks get the author's positions. */
  readonly #mapValue = (_key: string, value: unknown): unknown =>
    typeof value === "string" ? this.home.mapText(value) : value;

  readBody(): Promise<Uint8Array | null> {
    if (this.input.body !== STREAMED || this.#bodyRead) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#reads.push({ resolve, reject });
      this.port.needBody();
    });
  }

  cancelBody(): void {
    this.#bodyRead = true;
    for (const read of this.#reads.splice(0)) read.resolve(null);
    this.port.cancelBody();
  }

  // --- from the platform ---

  requestChunk(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    const read = this.#reads.shift();
    if (this.#receivedBytes > this.limits.request_mb * MEGABYTE) {
      this.#bodyRead = true;
      this.port.cancelBody();
      read?.reject(
        new RangeError(`The request body is over the limit of ${this.limits.request_mb} MB`),
      );
      return;
    }
    read?.resolve(bytes);
  }

  requestEnd(): void {
    this.#bodyRead = true;
    for (const read of this.#reads.splice(0)) read.resolve(null);
  }

  requestError(message: string): void {
    this.#bodyRead = true;
    for (const read of this.#reads.splice(0)) read.reject(new TypeError(message));
  }

  credit(bytes: number): void {
    this.#inFlight -= bytes;
    if (this.closed) return;
    this.#armIdle();
    if (!this.#guestWaits || this.#inFlight >= WINDOW_BYTES) return;
    this.#guestWaits = false;
    this.home.event("pull", this.requestId);
  }

  /** The client has gone. The script is told; what it does then is its own time until the wall. */
  abort(reason: string): void {
    if (this.closed) return;
    this.fail("aborted", { name: "AbortError", message: reason });
    this.home.event("abort", this.requestId, reason);
    if (!this.closed) this.home.terminate(this, "aborted", { name: "AbortError", message: reason });
  }

  /** What happens to the WebSocket that this execution accepted; the guest knows it by the negative id. */
  socketEvent(kind: "open" | "message" | "close", ...args: HostValue[]): void {
    if (this.closed) return;
    this.#armIdle();
    this.home.event("socket", -this.requestId, kind, ...args);
  }

  // --- after each turn ---

  #sendHead(): void {
    if (this.#headSent || this.#head === null) return;
    this.#headSent = true;
    this.port.head(this.#head);
    this.#armIdle();
  }

  /** Passes on what the turn produced; true when the execution has ended. */
  flush(): boolean {
    if (this.closed) return true;
    if (this.done && !this.#bodyOpen) {
      this.close();
      return true;
    }
    if (this.#head !== null) this.#sendHead();
    else if (this.#timer === undefined) this.#armWall();
    return false;
  }

  /** Sends the end; nothing may follow. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.#timer);
    for (const read of this.#reads.splice(0)) read.resolve(null);
    const end: ExecutionEnd = {
      outcome: this.outcome,
      error: this.error === null ? null : this.home.mapError(this.error),
      cpuMs: Math.round(this.cpuMs * 1000) / 1000,
      memoryPeakBytes: this.home.memoryBytes(),
      logs: this.#logs,
      logsDropped: this.#logsDropped,
    };
    if (this.#bodyOpen && this.#headSent) {
      this.port.bodyError(this.error ?? { name: "Error", message: "The response was cut off" });
    }
    if (this.#head !== null && !this.#headSent && this.#head.body !== STREAMED)
      this.port.complete(this.#head, end, this.turns <= 1 && this.checks <= SHORT_CHECKS);
    else this.port.end(end);
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    this.home.terminate(this, "aborted", { name: "AbortError", message: "Not finished here" });
  }

  #armWall(): void {
    const left = this.limits.wall_ms - (performance.now() - this.startedAt);
    this.#timer = setTimeout(
      () => {
        const message = `No response within wall_ms (${this.limits.wall_ms} ms)`;
        this.home.terminate(this, "timed_out", { name: "TimeoutError", message });
      },
      Math.max(0, left),
    );
  }

  #armIdle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `Nothing was sent within stream_idle_ms (${this.limits.stream_idle_ms} ms)`;
      this.home.terminate(this, "timed_out", { name: "TimeoutError", message });
    }, this.limits.stream_idle_ms);
  }

  /** CPU time that the next turn may take, in ms. */
  cpuLeft(): number {
    return this.limits.cpu_ms - this.cpuMs;
  }

  /** When the head is due, by performance.now(). */
  wallDeadline(): number {
    return this.#headSent ? Infinity : this.startedAt + this.limits.wall_ms;
  }
}

function tooLarge(what: string, megabytes: number): ExecError {
  return { name: "RangeError", message: `The ${what} body is over the limit of ${megabytes} MB` };
}
