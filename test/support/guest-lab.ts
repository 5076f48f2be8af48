/** Runs a module in the real engine, with every guest part and host operation that this build has. */
import { bootCore, bootKernel } from "../../src/executor/engine/boot.ts";
import { GuestThrow } from "../../src/executor/engine/machine-errors.ts";
import { Machine } from "../../src/executor/engine/machine.ts";
import { OperationTable } from "../../src/executor/engine/operations.ts";
import { runPart, Sandbox } from "../../src/executor/engine/sandbox.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";
import type { HostOperations } from "../../src/executor/host/host-function.ts";
import { hostOperations } from "../../src/executor/host/registry.ts";
import type { ExecError, ExecutableScript } from "../../src/shared/execution.ts";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";

export interface LabOptions {
  env?: Record<string, string>;
  files?: Record<string, string>;
  /** Parts to load before the module, as the engine does for globals that a source names. */
  preload?: string[];
  /** Replaces or adds host operations. */
  operations?: HostOperations;
  /** Answers `context.callService`. */
  services?: (operation: string, payload: unknown) => unknown;
  /** Bounds the whole run; 10 s by default. */
  timeoutMs?: number;
}

export interface LabLog {
  level: string;
  message: string;
  data: unknown;
}

export interface LabResult {
  logs: LabLog[];
  /** JSON of what the module's default export resolved to. */
  result: unknown;
  error: ExecError | null;
}

/** Reports the default export once it has resolved. */
const REPORTER = `
  const report = __picloud.op("lab.result"), fail = __picloud.op("lab.error");
  const { stringify } = JSON;
  __picloud.on("module", (namespace) => {
    Promise.resolve(namespace.default).then((value) => __picloud.call(report, stringify(value)))
      .catch((error) => __picloud.call(fail, stringify(__picloud.describe(error))));
  });`;

export function labScript(code: string, options: LabOptions = {}): ExecutableScript {
  return {
    scriptId: "00000000-0000-7000-8000-000000000001",
    appId: "00000000-0000-7000-8000-000000000002",
    name: "lab",
    version: 1,
    code,
    sourceMap: null,
    files: options.files ?? {},
    contentHash: Bun.hash(code).toString(16),
    instance: "fresh",
    access: "public",
    limits: { ...DEFAULT_LIMITS },
    env: options.env ?? {},
    envRevision: 1,
    secretValues: [],
  };
}

class LabRun {
  readonly logs: LabLog[] = [];
  timer: ReturnType<typeof setTimeout> | undefined;
  resolve: (outcome: { result: unknown; error: ExecError | null }) => void = () => undefined;
  readonly done = new Promise<{ result: unknown; error: ExecError | null }>((resolve) => {
    this.resolve = resolve;
  });

  operations(sandbox: () => Sandbox): HostOperations {
    return {
      log: (_context, _requestId, level, message, data) => {
        this.logs.push({ level: String(level), message: String(message), data: parse(data) });
        return undefined;
      },
      unhandled: (_context, _requestId, json, prefix) => {
        const error = parse(json) as ExecError;
        // The kernel alone, without core, says nothing of how it came about.
        if (typeof prefix !== "string") this.resolve({ result: undefined, error });
        else {
          const message = `${prefix}${error.name}: ${error.message}`;
          this.logs.push({ level: "error", message, data: error });
        }
        return undefined;
      },
      "timer.arm": (_context, delayMs) => {
        clearTimeout(this.timer);
        if (Number(delayMs) >= 0)
          this.timer = setTimeout(() => sandbox().event(0, "timer"), Number(delayMs));
        return undefined;
      },
      "lab.result": (_context, json) => {
        this.resolve({ result: parse(json), error: null });
        return undefined;
      },
      "lab.error": (_context, json) => {
        this.resolve({ result: undefined, error: parse(json) as ExecError });
        return undefined;
      },
    };
  }
}

const parse = (json: unknown): unknown => (typeof json === "string" ? JSON.parse(json) : undefined);

export async function runInGuest(source: string, options: LabOptions = {}): Promise<LabResult> {
  const [module, parts] = await Promise.all([engineModule(), guestSources()]);
  const run = new LabRun();
  const machine = new Machine(module, 4096);
  const limit = setTimeout(
    () =>
      run.resolve({
        result: undefined,
        error: { name: "TimeoutError", message: "The lab run did not end in time" },
      }),
    options.timeoutMs ?? 10_000,
  );
  const deadline = Date.now() + (options.timeoutMs ?? 10_000);
  const sandbox: Sandbox = new Sandbox({
    machine,
    script: labScript(source, options),
    operations: new OperationTable({
      ...hostOperations,
      ...run.operations(() => sandbox),
      ...options.operations,
    }),
    parts,
    traceable: true,
    owner: {
      failed: (error) => run.resolve({ result: undefined, error: describeFailure(machine, error) }),
      callService: async (_requestId, operation, payload) => {
        if (options.services === undefined)
          throw new Error(`The lab has no service for ${operation}`);
        return options.services(operation, payload);
      },
      turn: (turn) => turn(),
      interrupted: () => Date.now() > deadline,
    },
  });
  try {
    // Line numbers in the runtime's own frames, for those who work on it.
    machine.keepSources = true;
    bootKernel(machine, parts["kernel"] ?? "");
    bootCore(machine, parts["core"]);
    for (const name of options.preload ?? []) sandbox.loadPart(name);
    runPart(machine, "lab", REPORTER);
    machine.drain();
    const error = await Promise.race([
      sandbox.evaluateModule(source, "main.js"),
      run.done.then(() => null),
    ]);
    if (error !== null) return { logs: run.logs, result: undefined, error };
    return { logs: run.logs, ...(await run.done) };
  } catch (error) {
    return { logs: run.logs, result: undefined, error: describeFailure(machine, error) };
  } finally {
    clearTimeout(limit);
    clearTimeout(run.timer);
    sandbox.dispose();
  }
}

function describeFailure(machine: Machine, error: unknown): ExecError {
  if (!(error instanceof GuestThrow)) return { name: "EngineError", message: String(error) };
  const field = (name: string) => {
    const pointer = machine.property(error.value, name);
    return String(machine.read(pointer));
  };
  return { name: field("name"), message: field("message"), stack: field("stack") };
}
