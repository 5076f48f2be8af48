/** One executor process as the platform sees it. */
import type { Subprocess } from "bun";
import type {
  EvaluationResult,
  ExecError,
  ExecutionEnd,
  ExecRequest,
  ExecutableScript,
  HostServices,
  ServiceContext,
} from "../../shared/execution.ts";
import type { ScriptImage } from "../engine/builder.ts";
import { decodeImage } from "../engine/image-codec.ts";
import type { Run } from "../inline/history.ts";
import { Channel } from "../wire/channel.ts";
import type { ByteSink } from "../wire/channel.ts";
import { FRAME } from "../wire/frames.ts";
import {
  readEnd,
  readHead,
  readSocketData,
  writeInput,
  writeSocketData,
} from "../wire/messages.ts";
import type { ProcessSettings } from "../wire/messages.ts";
import { packPayload, unpackPayload } from "../wire/payload.ts";
import type { FrameReader } from "../wire/reader.ts";
import { RequestInput } from "./execution-input.ts";
import { PendingExecution } from "./pending.ts";
import { LongRuns, type RunCosts } from "./run-costs.ts";
import type { PendingLink } from "./pending.ts";

/** Told of what ran in a process. */
export interface RunObserver {
  /** True when the image of the script is wanted: `image` is to follow. */
  ran(scriptNumber: number, script: ExecutableScript, run: Run): boolean;
  image(scriptNumber: number, image: ScriptImage | null): void;
}

export class ProcessHandle implements PendingLink {
  readonly child: Subprocess;
  readonly #channel = new Channel((frame) => this.#onFrame(frame));
  readonly #pending = new Map<number, PendingExecution>();
  readonly #evaluations = new Map<
    number,
    { script: ExecutableScript; resolve: (result: EvaluationResult) => void }
  >();
  readonly #scripts = new Set<number>();
  readonly #services: HostServices;
  readonly #observer: RunObserver | null;
  readonly #costs: RunCosts;
  readonly #longRuns = new LongRuns();
  #nextNumber = 1;
  #askedAt = 0;
  /** When the oldest unanswered ping was sent, or 0. */
  pingedAt = 0;
  /** Since when nothing runs here. */
  idleSince = performance.now();
  images = 0;
  imageBytes = 0;
  dead = false;
  /** It has loaded the engine; one that dies before cannot run anything. */
  ready = false;
  /** Requests and evaluations that its death ended. */
  lost = 0;
  /** No new work: it ends with what it has. */
  retiring = false;

  constructor(
    child: Subprocess,
    services: HostServices,
    observer: RunObserver | null,
    costs: RunCosts,
  ) {
    this.#costs = costs;
    this.child = child;
    this.#services = services;
    this.#observer = observer;
  }

  get load(): number {
    return this.#pending.size + this.#evaluations.size;
  }

  get heardAt(): number {
    return this.#channel.heardAt;
  }

  /** For how long a request has been there without a word from the process since, in ms. */
  silentMs(now: number): number {
    return this.#askedAt > this.heardAt ? now - this.#askedAt : 0;
  }

  /** CPU time that is likely to pass here before others have their turn, in ms. */
  busyMs(now: number): number {
    return this.#longRuns.expectedMs(now);
  }

  has(scriptNumber: number): boolean {
    return this.#scripts.has(scriptNumber);
  }

  attach(socket: ByteSink): void {
    this.#channel.attach(socket);
  }

  received(bytes: Uint8Array): void {
    this.#channel.received(bytes);
  }

  drained(): void {
    this.#channel.drained();
  }

  /** The key goes over the socket, as a command line or an environment can be read by others. */
  hello(settings: ProcessSettings, imageKey: Uint8Array): void {
    this.#channel.writer.begin(FRAME.hello, 0);
    this.#channel.writer.text(JSON.stringify(settings));
    this.#channel.writer.bytes(imageKey);
    this.#channel.send();
  }

  /** The longest that a turn of what runs here may take, in ms. */
  longestTurnMs(): number {
    let longest = 0;
    for (const { script } of [...this.#pending.values(), ...this.#evaluations.values()]) {
      longest = Math.max(longest, script.limits.cpu_ms, script.limits.startup_ms);
    }
    return longest;
  }

  #teach(scriptNumber: number, script: ExecutableScript): void {
    if (this.#scripts.has(scriptNumber)) return;
    this.#scripts.add(scriptNumber);
    this.#channel.writer.begin(FRAME.script, scriptNumber);
    this.#channel.writer.text(JSON.stringify(script));
    this.#channel.send();
  }

  forget(scriptNumber: number): void {
    if (!this.#scripts.delete(scriptNumber)) return;
    this.#channel.writer.begin(FRAME.forgetScript, scriptNumber);
    this.#channel.send();
  }

  execute(scriptNumber: number, script: ExecutableScript, request: ExecRequest): PendingExecution {
    this.#teach(scriptNumber, script);
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const { writer } = this.#channel;
    writer.begin(FRAME.request, number);
    writer.word(scriptNumber);
    // May throw, where the client is asked for what it no longer can tell: nothing is pending then.
    writeInput(writer, new RequestInput(script, request));
    this.#channel.send();
    const now = performance.now();
    // The first request since the last word counts, not the latest.
    if (this.#askedAt <= this.heardAt) this.#askedAt = now;
    const pending = new PendingExecution(number, scriptNumber, script, request, this);
    this.#pending.set(number, pending);
    this.#longRuns.begin(number, this.#costs.expected(scriptNumber), now);
    if (request.signal?.aborted === true) this.abort(number, "The client has gone");
    return pending;
  }

  evaluate(scriptNumber: number, script: ExecutableScript): Promise<EvaluationResult> {
    this.#teach(scriptNumber, script);
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    this.#channel.writer.begin(FRAME.evaluate, number);
    this.#channel.writer.word(scriptNumber);
    this.#channel.send();
    return new Promise((resolve) => this.#evaluations.set(number, { script, resolve }));
  }

  ping(): void {
    if (this.pingedAt !== 0) return;
    this.pingedAt = performance.now();
    this.#channel.writer.begin(FRAME.ping, 0);
    this.#channel.send();
  }

  /** Settles everything that was in the process. */
  died(): void {
    if (this.dead) return;
    this.dead = true;
    this.lost = this.load;
    for (const pending of this.#pending.values()) {
      pending.died();
      this.#forget(pending);
    }
    this.#pending.clear();
    const error: ExecError = {
      name: "ExecutorDied",
      message: "The executor process died: try again",
    };
    for (const { resolve } of this.#evaluations.values())
      resolve({ ok: false, outcome: "threw", error });
    this.#evaluations.clear();
    this.#channel.close();
  }

  close(): void {
    this.#channel.flush();
    this.#channel.close();
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  // --- PendingLink ---

  #begin(type: number, number: number): boolean {
    if (this.dead || !(this.#pending.has(number) || this.#evaluations.has(number))) return false;
    this.#channel.writer.begin(type, number);
    return true;
  }

  credit(number: number, bytes: number): void {
    if (!this.#begin(FRAME.credit, number)) return;
    this.#channel.writer.word(bytes);
    this.#channel.send();
  }

  abort(number: number, reason: string): void {
    if (!this.#begin(FRAME.abort, number)) return;
    this.#channel.writer.text(reason);
    this.#channel.send();
  }

  requestChunk(number: number, bytes: Uint8Array): void {
    if (!this.#begin(FRAME.requestChunk, number)) return;
    this.#channel.writer.bytes(bytes);
    this.#channel.send();
  }

  requestEnd(number: number): void {
    if (this.#begin(FRAME.requestEnd, number)) this.#channel.send();
  }

  requestError(number: number, message: string): void {
    if (!this.#begin(FRAME.requestError, number)) return;
    this.#channel.writer.text(message);
    this.#channel.send();
  }

  socketOpen(number: number): void {
    if (this.#begin(FRAME.socketOpen, number)) this.#channel.send();
  }

  socketMessage(number: number, data: string | Uint8Array): void {
    if (!this.#begin(FRAME.socketMessage, number)) return;
    writeSocketData(this.#channel.writer, data);
    this.#channel.send();
  }

  socketClose(number: number, code: number, reason: string): void {
    if (!this.#begin(FRAME.socketClose, number)) return;
    this.#channel.writer.word(code);
    this.#channel.writer.text(reason);
    this.#channel.send();
  }

  // --- from the process ---

  #onFrame(frame: FrameReader): void {
    const pending = this.#pending.get(frame.execution);
    switch (frame.type) {
      case FRAME.complete:
        this.#remove(frame.execution);
        if (pending !== undefined) this.#onComplete(pending, frame);
        return;
      case FRAME.head:
        pending?.head(readHead(frame));
        return;
      case FRAME.chunk:
        pending?.chunk(frame.bytes());
        return;
      case FRAME.bodyEnd:
        pending?.bodyEnd();
        return;
      case FRAME.bodyError:
        pending?.bodyError(JSON.parse(frame.text()) as ExecError);
        return;
      case FRAME.end:
        this.#remove(frame.execution);
        this.#onEnd(pending, readEnd(frame));
        return;
      case FRAME.requestNeed:
        void pending?.needBody();
        return;
      case FRAME.requestCancel:
        pending?.cancelBody();
        return;
      case FRAME.socketSend:
        pending?.socketSend(readSocketData(frame));
        return;
      case FRAME.socketShut:
        pending?.socketShut(frame.word(), frame.text());
        return;
      case FRAME.serviceCall:
        void this.#serve(frame.execution, frame.word(), frame.text(), frame.text());
        return;
      default:
        this.#onControl(frame);
    }
  }

  #onEnd(pending: PendingExecution | undefined, end: ExecutionEnd): void {
    if (pending === undefined) return;
    this.#costs.learn(pending.scriptNumber, end.cpuMs);
    pending.end(end);
  }

  #onComplete(pending: PendingExecution, frame: FrameReader): void {
    const head = readHead(frame);
    const end = readEnd(frame);
    const isShort = frame.byte() === 1;
    this.#costs.learn(pending.scriptNumber, end.cpuMs);
    pending.complete(head, end);
    const { script, scriptNumber } = pending;
    const run = { cpuMs: end.cpuMs, isShort };
    if (this.#observer?.ran(scriptNumber, script, run) !== true) return;
    this.#channel.writer.begin(FRAME.imageWanted, scriptNumber);
    this.#channel.send();
  }

  #onImage(scriptNumber: number, frame: FrameReader): void {
    const encoded = frame.bytes();
    const image = encoded.length === 0 ? null : decodeImage(encoded);
    this.#observer?.image(scriptNumber, image);
  }

  #onControl(frame: FrameReader): void {
    if (frame.type === FRAME.image) {
      this.#onImage(frame.execution, frame);
    } else if (frame.type === FRAME.pong) {
      this.pingedAt = 0;
      this.images = frame.double();
      this.imageBytes = frame.double();
    } else if (frame.type === FRAME.ready) {
      this.ready = true;
    } else if (frame.type === FRAME.evaluated) {
      const evaluation = this.#evaluations.get(frame.execution);
      this.#evaluations.delete(frame.execution);
      evaluation?.resolve(JSON.parse(frame.text()) as EvaluationResult);
      this.#noteIdle();
    }
  }

  #forget({ asked, request }: PendingExecution): void {
    if (asked) this.#services.ended?.(request.executionId);
  }

  #remove(number: number): void {
    const pending = this.#pending.get(number);
    if (pending !== undefined) this.#forget(pending);
    this.#pending.delete(number);
    this.#longRuns.end(number);
    this.#noteIdle();
  }

  #noteIdle(): void {
    if (this.load === 0) this.idleSince = performance.now();
  }

  /** On whose behalf a service is called; an evaluation has no execution. */
  #serviceContext(number: number): ServiceContext | undefined {
    const pending = this.#pending.get(number);
    const script = pending?.script ?? this.#evaluations.get(number)?.script;
    if (script === undefined) return undefined;
    return {
      appId: script.appId,
      scriptId: script.scriptId,
      executionId: pending?.request.executionId ?? "",
      rootExecutionId: pending?.request.rootExecutionId ?? "",
      triggerDepth: pending?.request.triggerDepth ?? 0,
    };
  }

  async #serve(number: number, call: number, operation: string, payload: string): Promise<void> {
    const context = this.#serviceContext(number);
    if (context === undefined) return;
    const pending = this.#pending.get(number);
    if (pending !== undefined) pending.asked = true;
    try {
      const result = packPayload(
        await this.#services.call(context, operation, unpackPayload(payload)),
      );
      if (!this.#begin(FRAME.serviceResult, number)) return;
      this.#channel.writer.word(call);
      this.#channel.writer.text(result);
    } catch (error) {
      if (!this.#begin(FRAME.serviceError, number)) return;
      const failure = error as {
        name?: string;
        guestName?: string;
        message?: string;
        code?: unknown;
      };
      this.#channel.writer.word(call);
      this.#channel.writer.text(failure.guestName ?? failure.name ?? "Error");
      this.#channel.writer.text(failure.message ?? String(error));
      this.#channel.writer.text(typeof failure.code === "string" ? failure.code : "");
    }
    this.#channel.send();
  }
}
