/**
 * A sandbox at work: one execution (fresh) or several (reuse) in one machine. Meters turns, ends what
 * is over its limits, and says when the machine can go back.
 */
import type { CronRegistration, ExecError, ExecutableScript } from "../../shared/execution.ts";
import type { Outcome } from "../../shared/outcome.ts";
import type { HostContext, HostValue } from "../host/host-function.ts";
import { STACK_HIGH } from "./abi.ts";
import { BODY } from "../wire/frames.ts";
import { Execution } from "./execution.ts";
import type { ExecutionHome } from "./execution.ts";
import { recentCpuMs, threadCpuMs } from "./cpu-clock.ts";
import { describeThrown } from "./failures.ts";
import { breakOf } from "./image.ts";
import type { Machine } from "./machine.ts";
import type { OperationTable } from "./operations.ts";
import { STREAMED } from "./port.ts";
import type { ExecutionInput, ExecutionPort } from "./port.ts";
import { mapError, mapText } from "./error-map.ts";
import { mapPlaces } from "../../shared/source-map.ts";
import { Sandbox } from "./sandbox.ts";
import type { SandboxOwner } from "./sandbox.ts";

/** What evaluating the module made known. */
export interface Registrations {
  crons: CronRegistration[];
  listensToQueue: boolean;
}

/** Of the machine that an instance gives back: a limit may have stopped it in the middle of a run. */
export type MachineState = "rest" | "stopped" | "broken";

export interface InstanceOptions {
  machine: Machine;
  script: ExecutableScript;
  operations: OperationTable;
  parts: Readonly<Record<string, string>>;
  /** An allocation is about to pass the memory limit; what this throws ends the sandbox. */
  onMemoryFull?: (() => void) | undefined;
  /** Serves the evaluation of a module. */
  evaluationServices?: Pick<ExecutionPort, "callService">;
  /** A part was compiled while a request ran. */
  onPartLoaded?(name: string): void;
  /** Whether a shared instance that is idle now may take more requests; false where absent. */
  mayGoOn?(instance: Instance): boolean;
  /** No execution is left, or none may come any more. `reusable` is false for a machine that broke. */
  released(instance: Instance, state: MachineState): void;
}

/** The key under which host operations find the instance they serve. */
export const INSTANCE = "engine.instance";

const QUICK_MAP_MAX = 512 * 1024;
const SHORT_TURN_MS = 2;
/**
 * Turns are timed by the wall clock, so that a loop ends when it should, as long as the thread got at
 * least this share of a core; on a machine that is busier, the CPU time times its inverse counts.
 */
const LEAST_SHARE = 0.5;

export class Instance implements SandboxOwner, ExecutionHome {
  readonly sandbox: Sandbox;
  readonly script: ExecutableScript;
  readonly registrations: Registrations = { crons: [], listensToQueue: false };
  /** Requests begun in it. */
  served = 0;
  /** Budget of the evaluation, in ms; executions have their own. */
  evaluationBudget = 0;
  timerDelayMs = -1;
  broken = false;
  readonly #options: InstanceOptions;
  readonly #executions = new Map<number, Execution>();
  #deadline = 0;
  #wallDeadline = Infinity;
  #budget = 0;
  #cpuAtStart = 0;
  #checks = 0;
  /** Which limit ended the turn. */
  #ended: "" | "cpu" | "wall" = "";
  #inTurn = false;
  /** An execution failed: a shared instance is not kept after that. */
  #tainted = false;
  #released = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onFailure: ((error: ExecError) => void) | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.script = options.script;
    this.sandbox = new Sandbox({ ...options, owner: this });
    this.sandbox.onPartLoaded = (name) => this.#options.onPartLoaded?.(name);
    this.sandbox.context.state.set(INSTANCE, this);
  }

  get idle(): boolean {
    return this.#executions.size === 0;
  }

  /** Whether a shared instance takes another request. */
  get accepting(): boolean {
    return !this.broken && !this.#tainted && !this.sandbox.retired && !this.#released;
  }

  get running(): number {
    return this.#executions.size;
  }

  heapBytes(): number {
    return breakOf(this.sandbox.machine) - STACK_HIGH;
  }

  memoryBytes(): number {
    return breakOf(this.sandbox.machine);
  }

  execution(requestId: number): Execution | undefined {
    return this.#executions.get(requestId);
  }

  /** Begins a request; what comes of it goes to the port, perhaps before this returns. */
  start(input: ExecutionInput, port: ExecutionPort): Execution {
    this.served += 1;
    const requestId = this.served;
    const execution = new Execution(requestId, input, this.script.limits, port, this);
    this.#executions.set(requestId, execution);
    const { body } = input;
    const kind = body === null ? BODY.none : body === STREAMED ? BODY.stream : BODY.bytes;
    const whole = body === null || body === STREAMED ? undefined : body;
    const { method, url, headersFlat, paramsJson } = input;
    const args = [requestId, method, url, headersFlat, kind, whole, paramsJson];
    this.sandbox.request(requestId, args);
    return execution;
  }

  /** Evaluates the module within the budget. Null, or why it failed. */
  async evaluate(
    code: string,
    fileName: string,
    budgetMs: number,
  ): Promise<{ outcome: Outcome; error: ExecError } | null> {
    this.evaluationBudget = budgetMs;
    (this.sandbox.context as { evaluating: boolean }).evaluating = true;
    const failed = new Promise<ExecError>((resolve) => {
      this.#onFailure = resolve;
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const message = `The module was not evaluated within startup_ms (${budgetMs} ms)`;
    const late = new Promise<ExecError>((resolve) => {
      timer = setTimeout(() => resolve({ name: "TimeoutError", message }), budgetMs);
    });
    const error = await Promise.race([this.#evaluateAndSettle(code, fileName), failed, late]);
    clearTimeout(timer);
    this.#onFailure = undefined;
    (this.sandbox.context as { evaluating: boolean }).evaluating = false;
    if (error === null) return null;
    const told = this.#ended === "cpu" ? { ...error, name: "TimeoutError", message } : error;
    return { outcome: this.#outcomeOf(error), error: told };
  }

  async #evaluateAndSettle(code: string, fileName: string): Promise<ExecError | null> {
    const error = await this.sandbox.evaluateModule(code, fileName);
    if (error !== null) return error;
    await this.sandbox.settled();
    this.sandbox.event(0, "freeze");
    return null;
  }

  // --- ExecutionHome ---

  event(kind: string, ...args: HostValue[]): void {
    // The sockets of a request are named by its number with a minus.
    this.sandbox.event(Math.abs(Number(args[0])), kind, ...args);
  }

  terminate(execution: Execution, outcome: Outcome, error: ExecError): void {
    if (execution.closed) return;
    execution.fail(outcome, error);
    // In a shared sandbox the others go on; this one's remaining work is no longer listened to.
    this.#finish(execution);
    this.#tainted = true;
    if (this.#executions.size === 0) this.release(true);
  }

  mapError(error: ExecError): ExecError {
    return mapError(error, this.script);
  }

  /** For `error.stack` inside of the sandbox, where reading a large map would take the script's own time. */
  mapFrames(frames: string): string {
    const { sourceMap } = this.script;
    if (sourceMap === null || sourceMap.length > QUICK_MAP_MAX) return frames;
    return mapPlaces(frames, sourceMap);
  }

  mapText(text: string): string {
    return mapText(text, this.script);
  }

  // --- SandboxOwner ---

  turn(run: () => void): void {
    if (this.#inTurn) {
      run();
      return;
    }
    const execution = this.#executions.get(this.sandbox.requestId);
    const startedAt = performance.now();
    this.#budget = execution?.cpuLeft() ?? this.#idleBudget();
    this.#cpuAtStart = recentCpuMs(startedAt);
    this.#deadline = startedAt + this.#budget;
    this.#wallDeadline = execution?.wallDeadline() ?? Infinity;
    this.#ended = "";
    this.#checks = 0;
    this.#inTurn = true;
    try {
      run();
    } finally {
      this.#inTurn = false;
      const spent = this.#spentSince(startedAt);
      if (execution === undefined) this.evaluationBudget -= spent;
      else {
        execution.cpuMs += spent;
        execution.turns += 1;
        execution.checks += this.#checks;
      }
    }
    this.#flush();
  }

  /** A short turn is timed by the wall clock, which is cheap to read. */
  #spentSince(startedAt: number): number {
    const wall = performance.now() - startedAt;
    if (wall < SHORT_TURN_MS) return wall;
    return Math.min(wall, (threadCpuMs() - this.#cpuAtStart) / LEAST_SHARE);
  }

  /** Work that belongs to no request: evaluation, or timers of a shared sandbox. */
  #idleBudget(): number {
    return this.sandbox.context.evaluating ? this.evaluationBudget : this.script.limits.cpu_ms;
  }

  interrupted(): boolean {
    this.#checks += 1;
    const now = performance.now();
    if (now > this.#wallDeadline) {
      this.#ended = "wall";
      return true;
    }
    if (now <= this.#deadline) return false;
    const left = this.#budget * LEAST_SHARE - (threadCpuMs() - this.#cpuAtStart);
    if (left > 0) {
      this.#deadline = now + left;
      return false;
    }
    this.#ended = "cpu";
    return true;
  }

  failed(error: unknown): void {
    this.broken = true;
    const described = describeThrown(this.sandbox.machine, error);
    this.#onFailure?.(described);
    const culprit = this.#executions.get(this.sandbox.requestId);
    for (const execution of this.#executions.values()) {
      if (execution === culprit)
        execution.fail(this.#outcomeOf(described), this.#limitError(execution, described));
      else
        execution.fail("threw", {
          name: "Error",
          message: "Another request broke the shared instance: try again",
        });
      execution.close();
    }
    this.#executions.clear();
    this.release(false);
  }

  #limitError(execution: Execution, described: ExecError): ExecError {
    const { cpu_ms, wall_ms } = execution.limits;
    if (this.#ended === "cpu")
      return { name: "TimeoutError", message: `CPU time is over cpu_ms (${cpu_ms} ms)` };
    if (this.#ended === "wall")
      return { name: "TimeoutError", message: `No response within wall_ms (${wall_ms} ms)` };
    return described;
  }

  #outcomeOf(error: ExecError): Outcome {
    if (this.#ended === "cpu") return "cpu_exceeded";
    if (this.#ended === "wall") return "timed_out";
    return outcomeOfError(error);
  }

  callService(requestId: number, operation: string, payload: unknown): Promise<unknown> {
    const execution = this.#executions.get(requestId) ?? this.#executions.values().next().value;
    const port = execution?.port ?? this.#options.evaluationServices;
    if (port === undefined)
      return Promise.reject(new Error(`No request is left to call ${operation} for`));
    return port.callService(operation, payload);
  }

  // --- lifecycle ---

  armTimer(delayMs: number): void {
    clearTimeout(this.#timer);
    this.timerDelayMs = delayMs;
    if (delayMs < 0 || this.#released) return;
    const requestId = this.sandbox.requestId;
    this.#timer = setTimeout(() => {
      this.timerDelayMs = -1;
      this.sandbox.event(requestId, "timer");
    }, delayMs);
  }

  #flush(): void {
    for (const execution of this.#executions.values()) {
      if (!execution.flush()) continue;
      this.#executions.delete(execution.requestId);
      if (execution.outcome !== "completed") this.#tainted = true;
    }
    if (this.#executions.size === 0 && this.served > 0 && !this.#staysWarm()) this.release(true);
  }

  #staysWarm(): boolean {
    return (
      this.script.instance === "reuse" &&
      !this.#tainted &&
      !this.sandbox.retired &&
      this.#options.mayGoOn?.(this) === true
    );
  }

  #finish(execution: Execution): void {
    this.#executions.delete(execution.requestId);
    execution.close();
  }

  /** Ends it all and gives the machine back. */
  release(reusable: boolean): void {
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#timer);
    for (const execution of this.#executions.values()) execution.close();
    this.#executions.clear();
    this.sandbox.dispose();
    const isBroken = this.broken || this.sandbox.broken;
    const isStopped = isBroken && this.#ended !== "";
    this.#options.released(this, isStopped ? "stopped" : isBroken || !reusable ? "broken" : "rest");
  }
}

export function outcomeOfError(error: ExecError): Outcome {
  if (error.name === "InternalError" && error.message === "out of memory") return "memory_exceeded";
  if (error.name === "TimeoutError" && error.message.includes("startup_ms")) return "timed_out";
  if (error.name === "GuestInterrupted") return "cpu_exceeded";
  return "threw";
}

export const instanceOf = (context: HostContext): Instance =>
  context.state.get(INSTANCE) as Instance;
