/** Runs executions in this process: images, machines, and instances that are kept warm. */
import type { EvaluationResult, ExecError, ExecutableScript } from "../../shared/execution.ts";
import type { Outcome } from "../../shared/outcome.ts";
import { hostOperations } from "../host/registry.ts";
import type { HostFunction } from "../host/host-function.ts";
import { ImageBuilder } from "./builder.ts";
import type { BuildResult, ScriptImage, ServiceCall } from "./builder.ts";
import type { Execution } from "./execution.ts";
import { imageBytes, isReusable, reseed, restoreImage, type Image } from "./image.ts";
import { ImageCache } from "./image-cache.ts";
import type { ImageStore } from "./image-store.ts";
import { Instance, type MachineState } from "./instance.ts";
import type { Machine } from "./machine.ts";
import { executorMachines, MachinePool } from "./machines.ts";
import type { MachinePoolOptions } from "./machines.ts";
import { OperationTable } from "./operations.ts";
import type { ExecutionInput, ExecutionPort } from "./port.ts";
import { partsNamedBy } from "./preload.ts";
import { mapError, positionOf } from "./error-map.ts";

export interface RunnerOptions {
  module: WebAssembly.Module;
  /** Part name to source. */
  sources: Readonly<Record<string, string>>;
  imageCacheBytes: number;
  /** By default as an executor process has them. */
  machines?: MachinePoolOptions;
  operations?: Readonly<Record<string, HostFunction>>;
  /** See InstanceOptions. */
  onMemoryFull?: (() => void) | undefined;
  /** Keeps images over restarts. */
  store?: ImageStore;
}

/** An image, or why there is none: `error` with the author's positions, `thrown` as the guest told it. */
export type Prepared =
  | { ok: true; built: ScriptImage }
  | { ok: false; outcome: Outcome; error: ExecError; thrown: ExecError };

const REUSE_REQUESTS_MAX = 10_000;

export class Runner {
  readonly #pool: MachinePool;
  readonly #operations: OperationTable;
  readonly #builder: ImageBuilder;
  readonly #images: ImageCache;
  readonly #store: ImageStore | undefined;
  readonly #sources: Readonly<Record<string, string>>;
  readonly #building = new Map<string, Promise<BuildResult>>();
  /** Parts that a script's requests had to load, by content. */
  readonly #learned = new Map<string, Set<string>>();
  readonly #warm = new Map<string, Instance>();
  readonly #onMemoryFull: (() => void) | undefined;
  running = 0;

  constructor(options: RunnerOptions) {
    this.#pool = new MachinePool(options.module, options.machines ?? executorMachines());
    this.#operations = new OperationTable(options.operations ?? hostOperations);
    this.#sources = options.sources;
    this.#store = options.store;
    this.#onMemoryFull = options.onMemoryFull;
    this.#builder = new ImageBuilder(options.module, this.#operations, options.sources);
    this.#images = new ImageCache(options.imageCacheBytes, (image) => this.#pool.unload(image));
  }

  get images(): number {
    return this.#images.size;
  }

  get imageBytes(): number {
    return this.#images.bytes;
  }

  /** Whether the script can start at once. */
  has(script: ExecutableScript): boolean {
    return this.#images.has(imageKey(script));
  }

  /** The script's image, where it is in memory. */
  imageOf(script: ExecutableScript): ScriptImage | undefined {
    return this.#images.get(imageKey(script));
  }

  /** Takes an image that another runner of the same build made. */
  adopt(script: ExecutableScript, built: ScriptImage): void {
    this.#keep(imageKey(script), built);
  }

  #keep(key: string, built: ScriptImage): void {
    this.#images.set(key, built);
    // Making a machine takes milliseconds: at a deploy, and not when the first request has come.
    const machine = this.#pool.take(built.image);
    restoreImage(machine, built.image);
    this.#pool.give(machine);
  }

  /**
   * Starts at once, from the image that is given or in memory; undefined where there is none: `prepare` makes it.
   * Requests of a reused script join the instance that they share, if there is one.
   */
  execute(
    script: ExecutableScript,
    input: ExecutionInput,
    port: ExecutionPort,
    prepared?: ScriptImage,
  ): Execution | undefined {
    const key = imageKey(script);
    const joined = this.#join(key, input, port);
    if (joined !== undefined) return joined;
    const image = this.#images.get(key) ?? prepared;
    return image === undefined ? undefined : this.#start(key, script, image, input, port);
  }

  /** In the instance that requests of a reused script share, where there is one. */
  #join(key: string, input: ExecutionInput, port: ExecutionPort): Execution | undefined {
    const warm = this.#warm.get(key);
    if (warm?.accepting !== true || warm.served >= REUSE_REQUESTS_MAX) return undefined;
    return warm.start(input, port);
  }

  async evaluate(script: ExecutableScript, services: ServiceCall): Promise<EvaluationResult> {
    const result = await this.prepare(script, services);
    if (!result.ok) {
      const { thrown, ...failure } = result;
      return { ...failure, ...positionOf(thrown, script) };
    }
    const { image, startupMs, crons, listensToQueue } = result.built;
    return { ok: true, startupMs, imageBytes: imageBytes(image), crons, listensToQueue };
  }

  /** The script's image; all who ask while it is being made get the same one. */
  async prepare(script: ExecutableScript, services: ServiceCall): Promise<Prepared> {
    const key = imageKey(script);
    const cached = this.#images.get(key);
    if (cached !== undefined) return { ok: true, built: cached };
    const result = await (this.#building.get(key) ?? this.#build(key, script, services));
    if (result.ok) return result;
    return { ...result, thrown: result.error, error: mapError(result.error, script) };
  }

  #build(key: string, script: ExecutableScript, services: ServiceCall): Promise<BuildResult> {
    const building = this.#make(key, script, services).finally(() => {
      if (this.#building.get(key) === building) this.#building.delete(key);
    });
    this.#building.set(key, building);
    return building;
  }

  /** From the disk, or by evaluating the module. */
  async #make(key: string, script: ExecutableScript, services: ServiceCall): Promise<BuildResult> {
    const learned = this.#learned.get(script.contentHash);
    const stored = await this.#store?.load(script, key);
    if (stored !== undefined && [...(learned ?? [])].every((part) => stored.parts.includes(part))) {
      if (this.#building.has(key)) this.#keep(key, stored);
      return { ok: true, built: stored };
    }
    const parts = new Set([...partsNamedBy(script.code), ...(learned ?? [])]);
    const result = await this.#builder.build(script, [...parts].sort(), services);
    // A script that was forgotten meanwhile leaves nothing here, and nothing on the disk.
    if (result.ok && this.#building.has(key)) {
      this.#keep(key, result.built);
      void this.#store?.save(script, key, result.built);
    }
    return result;
  }

  #start(
    key: string,
    script: ExecutableScript,
    { image }: ScriptImage,
    input: ExecutionInput,
    port: ExecutionPort,
  ): Execution {
    const machine = this.#pool.take(image);
    restoreImage(machine, image);
    reseed(machine);
    machine.keepSources = true;
    const imageEnd = image.heap.length;
    const instance = new Instance({
      machine,
      script,
      operations: this.#operations,
      parts: this.#sources,
      onPartLoaded: (name) => this.#learn(key, script, name),
      onMemoryFull: this.#onMemoryFull,
      released: (released, state) => {
        this.running -= 1;
        if (this.#warm.get(key) === released) this.#warm.delete(key);
        // Memory of images has a bound, which machines at rest must not stretch.
        if (this.#images.peek(key)?.image !== image) machine.loaded = null;
        this.#giveBack(machine, image, state);
      },
      mayGoOn: (instanceNow) =>
        this.#warm.get(key) === instanceNow &&
        instanceNow.served < REUSE_REQUESTS_MAX &&
        instanceNow.heapBytes() <= Math.max(imageEnd * 2, imageEnd + 4 * 1024 * 1024),
    });
    this.running += 1;
    // Nobody would end the instance of a script that was forgotten while this request waited.
    const isKept = this.#images.peek(key)?.image === image;
    if (script.instance === "reuse" && isKept) this.#warm.set(key, instance);
    return instance.start(input, port);
  }

  #giveBack(machine: Machine, image: Image, state: MachineState): void {
    if (state === "broken") return;
    if (state === "rest") return isReusable(machine, image) ? this.#pool.give(machine) : undefined;
    // Its frames may still be on the stack of calls that led here.
    queueMicrotask(() => {
      machine.reset();
      if (isReusable(machine, image)) this.#pool.give(machine);
    });
  }

  /** The next image of this script has the part in it. */
  #learn(key: string, script: ExecutableScript, part: string): void {
    let parts = this.#learned.get(script.contentHash);
    if (parts === undefined) this.#learned.set(script.contentHash, (parts = new Set()));
    if (parts.has(part)) return;
    parts.add(part);
    this.#images.delete(key);
  }

  /** Drops what is kept of a script's version. */
  forget(script: ExecutableScript): void {
    const key = imageKey(script);
    this.#images.delete(key);
    this.#building.delete(key);
    this.#learned.delete(script.contentHash);
    void this.#store?.forget(script);
    const warm = this.#warm.get(key);
    this.#warm.delete(key);
    if (warm?.idle === true) warm.release(false);
  }

  /** To be called now and then: gives back the memory of sandboxes that a busier time needed. */
  releaseUnused(): void {
    this.#pool.release();
  }
}

/** What an image depends on besides the runtime build. */
export function imageKey(script: ExecutableScript): string {
  const { scriptId, contentHash, envRevision, limits, instance } = script;
  return `${scriptId}:${contentHash}:${envRevision}:${limits.memory_mb}:${limits.stack_kb}:${instance}`;
}
