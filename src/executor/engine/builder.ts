/** Makes images: the base (kernel and core), the base with parts, and a script on top of it. */
import type { ExecError, ExecutableScript } from "../../shared/execution.ts";
import { DEFAULT_LIMITS } from "../../shared/limits.ts";
import type { Outcome } from "../../shared/outcome.ts";
import { STACK_HIGH } from "./abi.ts";
import { bootCore, bootKernel, warmUp } from "./boot.ts";
import { captureImage, isReusable, reseed, restoreImage } from "./image.ts";
import type { Image } from "./image.ts";
import { Instance } from "./instance.ts";
import type { Registrations } from "./instance.ts";
import { Machine } from "./machine.ts";
import { PAGES_MAX } from "./machines.ts";
import type { OperationTable } from "./operations.ts";
import type { ExecutionPort } from "./port.ts";
import { MODULE_FILE } from "../../shared/source-map.ts";
import { Sandbox } from "./sandbox.ts";

export interface ScriptImage extends Registrations {
  image: Image;
  /** Parts that were loaded when the image was made. */
  parts: readonly string[];
  startupMs: number;
}

/** How a module that is being evaluated asks the platform; a fetch may need that. */
export type ServiceCall = Pick<ExecutionPort, "callService">;

export type BuildResult =
  | { ok: true; built: ScriptImage }
  | { ok: false; outcome: Outcome; error: ExecError };

const PART_BASES_MAX = 32;
const SOURCE_PAGES = 192;
/** More modules that are evaluated at the same time, as their top-level awaits take time, get machines that are dropped. */
const IDLE_MAX = 8;
const MEGABYTE = 1024 * 1024;

const NO_SCRIPT: ExecutableScript = {
  scriptId: "",
  appId: "",
  name: "",
  version: 0,
  code: "",
  sourceMap: null,
  files: {},
  contentHash: "",
  instance: "fresh",
  access: "public",
  limits: DEFAULT_LIMITS,
  env: {},
  envRevision: 0,
  secretValues: [],
};

export class ImageBuilder {
  readonly #module: WebAssembly.Module;
  /** Machines with room for source texts beyond the heap; never used for requests. */
  readonly #idle: Machine[] = [];
  readonly #operations: OperationTable;
  readonly #sources: Readonly<Record<string, string>>;
  /** By the names of their parts. */
  readonly #bases = new Map<string, Image>();

  constructor(
    module: WebAssembly.Module,
    operations: OperationTable,
    sources: Readonly<Record<string, string>>,
  ) {
    this.#module = module;
    this.#operations = operations;
    this.#sources = sources;
  }

  /** Evaluates a script's module. Never throws for what the script does. */
  async build(
    script: ExecutableScript,
    parts: readonly string[],
    services: ServiceCall,
  ): Promise<BuildResult> {
    const startedAt = performance.now();
    const known = parts.filter((name) => this.#sources[name] !== undefined);
    const base = this.#base(known);
    const machine = this.#take();
    restoreImage(machine, base);
    reseed(machine);
    this.#setLimits(machine, script);
    const instance = new Instance({
      machine,
      script,
      operations: this.#operations,
      parts: this.#sources,
      evaluationServices: services,
      released: (_instance, state) => {
        if (state === "rest" && isReusable(machine, base)) this.#give(machine);
      },
    });
    const failure = await instance.evaluate(script.code, MODULE_FILE, script.limits.startup_ms);
    if (failure !== null) {
      instance.release(false);
      return { ok: false, ...failure };
    }
    const image = captureImage(machine, instance.timerDelayMs);
    const built = {
      image,
      parts: known,
      startupMs: performance.now() - startedAt,
      ...instance.registrations,
    };
    instance.release(true);
    return { ok: true, built };
  }

  #take(): Machine {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const machine = new Machine(this.#module, PAGES_MAX);
    machine.memory.grow(SOURCE_PAGES);
    machine.renewViews();
    return machine;
  }

  #give(machine: Machine): void {
    machine.detach();
    machine.loaded = null;
    if (this.#idle.length < IDLE_MAX) this.#idle.push(machine);
  }

  #setLimits(machine: Machine, script: ExecutableScript): void {
    const { runtime } = machine.roots;
    machine.keepSources = true;
    machine.bytesMax = STACK_HIGH + script.limits.memory_mb * MEGABYTE;
    machine.exports.setMaxStackSize(runtime, script.limits.stack_kb * 1024);
  }

  #base(parts: readonly string[]): Image {
    const key = parts.join(",");
    const known = this.#bases.get(key);
    if (known !== undefined) return known;
    const machine = this.#take();
    const sandbox = this.#bareSandbox(machine);
    if (parts.length === 0) {
      machine.keepSources = false;
      bootKernel(machine, this.#sources["kernel"] ?? "");
      bootCore(machine, this.#sources["core"]);
      warmUp(machine, (name) => this.#operations.number(name));
    } else {
      restoreImage(machine, this.#base([]));
      machine.keepSources = false;
      for (const name of parts) sandbox.loadPartOnce(name);
    }
    machine.drain();
    const image = captureImage(machine);
    sandbox.dispose();
    this.#give(machine);
    if (this.#bases.size >= PART_BASES_MAX) this.#dropOldestBase();
    this.#bases.set(key, image);
    return image;
  }

  #dropOldestBase(): void {
    for (const key of this.#bases.keys()) {
      if (key === "") continue;
      this.#bases.delete(key);
      return;
    }
  }

  /** Runs parts of the guest runtime, which is trusted: no limits. */
  #bareSandbox(machine: Machine): Sandbox {
    return new Sandbox({
      machine,
      script: NO_SCRIPT,
      operations: this.#operations,
      parts: this.#sources,
      owner: {
        failed: (error) => {
          throw error;
        },
        callService: () => Promise.reject(new Error("No script runs here")),
        turn: (run) => run(),
        interrupted: () => false,
      },
    });
  }
}
