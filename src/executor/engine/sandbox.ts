/**
 * A machine with a script in it: host operations, pending work and turns. One turn is one call into
 * the guest followed by its promise jobs.
 */
import type { ExecError, ExecutableScript } from "../../shared/execution.ts";
import type { HostContext, HostFunction, HostValue } from "../host/host-function.ts";
import { HostError } from "../host/host-function.ts";
import { PEEK_FUNCTION } from "./abi.ts";
import { builtInModuleSource, partOfModule } from "./built-in-modules.ts";
import { describeHostError, GuestThrow } from "./machine-errors.ts";
import type { Machine, MachineHooks } from "./machine.ts";
import { partBytecode } from "./part-compiler.ts";
import type { OperationTable } from "./operations.ts";

/** Kinds of entry into the guest kernel. */
export const ENTER = {
  event: 0,
  resolve: 1,
  reject: 2,
  module: 3,
  failed: 4,
  rejections: 5,
} as const;
/** Functions that the kernel may call. */
export const NATIVE = {
  op: 0,
  call: 1,
  start: 2,
  turn: 3,
  load: 4,
  evaluated: 5,
  peek: PEEK_FUNCTION,
} as const;

export interface SandboxOwner {
  /** Guest code ran out of its limits or broke the machine; no further turn is possible. */
  failed(error: unknown): void;
  callService(requestId: number, operation: string, payload: unknown): Promise<unknown>;
  /** Wraps every turn, so that the owner can meter and bound it. */
  turn(run: () => void): void;
  interrupted(): boolean;
}

export interface SandboxOptions {
  machine: Machine;
  script: ExecutableScript;
  operations: OperationTable;
  /** Part name to source. */
  parts: Readonly<Record<string, string>>;
  owner: SandboxOwner;
  /** An allocation is about to fail; what this throws ends the sandbox. */
  onMemoryFull?: (() => void) | undefined;
  /** Parts keep their line numbers; for those who work on them. */
  traceable?: boolean;
}

export class Sandbox {
  readonly machine: Machine;
  readonly context: HostContext;
  /** Host calls that will settle later. */
  pendingCalls = 0;
  broken = false;
  /** Asked for by host code; a shared sandbox ends after the requests that it has. */
  retired = false;
  onPartLoaded: (name: string) => void = () => undefined;
  disposed = false;
  #requestId = 0;
  #unhandled = false;
  #evaluated: ((error: ExecError | null) => void) | undefined;
  readonly #releases: (() => void)[] = [];
  readonly #whenSettled: (() => void)[] = [];
  readonly #options: SandboxOptions;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.machine = options.machine;
    this.context = this.#makeContext();
    this.machine.hooks = this.#makeHooks();
  }

  get requestId(): number {
    return this.#requestId;
  }

  #makeHooks(): MachineHooks {
    return {
      call: (functionId, args) => this.#answer(functionId, args),
      rejected: (handled) => {
        if (!handled) this.#unhandled = true;
      },
      interrupted: () => this.#options.owner.interrupted(),
      memoryFull: () => this.#options.onMemoryFull?.(),
      moduleSource: (name) => builtInModuleSource(this, name),
    };
  }

  #makeContext(): HostContext {
    const requestId = (): number => this.#requestId;
    return {
      get requestId() {
        return requestId();
      },
      evaluating: false,
      script: this.#options.script,
      state: new Map(),
      onDispose: (release) => {
        if (this.disposed) release();
        else this.#releases.push(release);
      },
      emit: (kind, ...args) => {
        const current = this.#requestId;
        queueMicrotask(() => this.event(current, kind, ...args));
      },
      callGuest: (kind, ...args) =>
        this.machine.enter([ENTER.event, this.#requestId, kind, ...args]),
      retire: () => {
        this.retired = true;
      },
      wrote: (view) => this.machine.mark(view.byteOffset, view.byteLength),
      interrupted: () => this.#options.owner.interrupted(),
      callService: (operation, payload, requestId = this.#requestId) =>
        this.#options.owner.callService(requestId, operation, payload),
    };
  }

  /** Raises an event for a request and runs the jobs that follow from it. */
  event(requestId: number, kind: string, ...args: HostValue[]): void {
    this.#enter(requestId, [ENTER.event, requestId, kind, ...args]);
  }

  /** Begins a request: its number, method, URL, headers, kind of body, body, JSON of its parameters. */
  request(requestId: number, args: HostValue[]): void {
    this.#turn(requestId, () => this.machine.enter(args, this.machine.roots.request));
  }

  /** Evaluates an ES module; resolves when it and its top-level awaits have ended. */
  evaluateModule(code: string, fileName: string): Promise<ExecError | null> {
    return new Promise((resolve) => {
      this.#evaluated = resolve;
      this.#turn(0, () => {
        const { machine } = this;
        const kind = machine.newValue(ENTER.module);
        let result: number;
        try {
          result = machine.evaluate(code, fileName, 1);
        } catch (error) {
          if (!(error instanceof GuestThrow)) throw error;
          machine.free(kind);
          machine.free(
            machine.call(machine.roots.entry, [
              machine.newValue(ENTER.failed),
              machine.newValue(0),
              error.value,
            ]),
          );
          return;
        }
        machine.free(machine.call(machine.roots.entry, [kind, machine.newValue(0), result]));
      });
    });
  }

  #enter(requestId: number, args: HostValue[]): void {
    this.#turn(requestId, () => this.machine.enter(args));
  }

  #turn(requestId: number, run: () => void): void {
    if (this.broken || this.disposed) return;
    this.#requestId = requestId;
    try {
      this.#options.owner.turn(() => {
        run();
        this.machine.drain();
        while (this.#unhandled) {
          this.#unhandled = false;
          this.machine.enter([ENTER.rejections, this.#requestId]);
          this.machine.drain();
        }
      });
    } catch (error) {
      this.broken = true;
      this.#options.owner.failed(error);
    }
  }

  #answer(functionId: number, args: HostValue[]): HostValue {
    switch (functionId) {
      case NATIVE.call:
        return this.#callOperation(args);
      case NATIVE.start:
        this.#startOperation(args);
        return undefined;
      case NATIVE.op:
        return this.#options.operations.number(String(args[0]));
      case NATIVE.turn:
        this.#requestId = Number(args[0]);
        return undefined;
      case NATIVE.load:
        this.loadPart(String(args[0]));
        if (!this.context.evaluating)
          this.onPartLoaded(partOfModule(String(args[0])) ?? String(args[0]));
        return undefined;
      case NATIVE.evaluated:
        this.#evaluated?.(args[0] === null ? null : (JSON.parse(String(args[0])) as ExecError));
        this.#evaluated = undefined;
        return undefined;
      default:
        throw new Error(`The guest called unknown function ${functionId}`);
    }
  }

  #operation(number: HostValue): HostFunction {
    return this.#options.operations.get(Number(number));
  }

  #callOperation(args: HostValue[]): HostValue {
    const operation = this.#operation(args.shift());
    const result = operation(this.context, ...args);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new HostError("Error", "This host operation is asynchronous: bind it by bindHostAsync");
    }
    return result;
  }

  #startOperation(args: HostValue[]): void {
    const operation = this.#operation(args.shift());
    const pendingId = Number(args.shift());
    const requestId = this.#requestId;
    const copies = args.map((value) => (value instanceof Uint8Array ? value.slice() : value));
    const result = operation(this.context, ...copies);
    this.pendingCalls += 1;
    Promise.resolve(result).then(
      (value) => this.#settle(requestId, [ENTER.resolve, requestId, pendingId, value]),
      (error: unknown) => {
        const { name, message, code } = describeHostError(error);
        this.#settle(requestId, [ENTER.reject, requestId, pendingId, name, message, code]);
      },
    );
  }

  #settle(requestId: number, args: HostValue[]): void {
    this.pendingCalls -= 1;
    this.#enter(requestId, args);
    if (this.pendingCalls === 0) for (const resolve of this.#whenSettled.splice(0)) resolve();
  }

  /** Resolves when no host call is pending. */
  settled(): Promise<void> {
    if (this.pendingCalls === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** As loadPart, unless the kernel knows the part already. */
  loadPartOnce(name: string): void {
    const { machine } = this;
    const parts = machine.property(machine.roots.kernel, "parts");
    const part = machine.property(parts, name);
    const known = machine.isObject(part);
    machine.free(part);
    machine.free(parts);
    if (!known) this.loadPart(name);
  }

  /** Compiles and runs a guest part, named by itself or by a module it defines, with the kernel as its free identifier. */
  loadPart(name: string): void {
    const part = partOfModule(name) ?? name;
    const source = this.#options.parts[part];
    if (source === undefined) {
      throw name.includes(":")
        ? new HostError(
            "Error",
            `Cannot find module "${name.replace(/^missing:/, "")}"`,
            "MODULE_NOT_FOUND",
          )
        : new HostError("Error", `Guest part "${name}" does not exist in this build`);
    }
    runPart(this.machine, part, source);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const release of this.#releases.splice(0).reverse()) release();
    this.context.state.clear();
  }
}

/** Runs a part's source with the kernel as its free identifier `__picloud`. */
export function runPart(machine: Machine, name: string, source: string): void {
  const wrapper = evaluateTrusted(machine, `(function(__picloud){${source}\n})`, `picloud:${name}`);
  const result = machine.call(wrapper, [machine.newReference(machine.roots.kernel)]);
  machine.free(result);
  machine.free(wrapper);
}

/** From bytecode, unless line numbers are wanted. */
export function evaluateTrusted(machine: Machine, source: string, fileName: string): number {
  if (machine.keepSources) return machine.evaluate(source, fileName);
  return machine.run(partBytecode(machine.module, fileName, source));
}
