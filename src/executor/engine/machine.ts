/**
 * One WebAssembly QuickJS with its own linear memory, and the transfer of plain values in and out.
 * Knows nothing of requests: `Sandbox` builds on it.
 */
import {
  BREAK_ADDRESS,
  EVAL,
  EXPORTS,
  PEEK_FUNCTION,
  REJECTION_TRACKER_INDEX,
  RUNTIME_LAYOUT,
  STACK_HIGH,
  TAG,
} from "./abi.ts";
import type { EngineExports } from "./abi.ts";
import { engineImports, GuestInterrupted } from "./imports.ts";
import { describeHostError, GuestThrow, isFatal } from "./machine-errors.ts";
import { MachineValues } from "./machine-values.ts";
import { ARGUMENTS_MAX, SCRATCH_BYTES } from "./roots.ts";
import type { MachineRoots } from "./roots.ts";
import type { HostValue } from "../host/host-function.ts";

/** Answers a call from the guest. What it throws becomes a guest error through `raise`. */
export type GuestCallHandler = (functionId: number, args: HostValue[]) => HostValue;

export interface MachineHooks {
  call: GuestCallHandler;
  /** True ends the guest with an error that it cannot catch. */
  interrupted(): boolean;
  /** An allocation is about to fail at `bytesMax`. */
  memoryFull(): void;
  /** A promise was rejected unhandled (false), or a handler came after all (true). */
  rejected(handled: boolean): void;
  /** Source of a module that the script imports, or undefined. */
  moduleSource(name: string): string | undefined;
}

/** Room that must stay between the heap and a source text beyond it while that is compiled and run. */
const SOURCE_DISTANCE = 6 * 1024 * 1024;

const encoder = new TextEncoder();

const NO_HOOKS: MachineHooks = {
  call: () => undefined,
  interrupted: () => false,
  memoryFull: () => undefined,
  rejected: () => undefined,
  moduleSource: () => undefined,
};

export class Machine extends MachineValues {
  hooks: MachineHooks = NO_HOOKS;
  /** The instance as the wasm exports it, stack pointer and all. */
  readonly instance: WebAssembly.Instance;
  readonly module: WebAssembly.Module;
  /** The image in it, besides what was written since; null where it may hold anything. */
  loaded: object | null = null;
  /** Allocations fail beyond; the heap begins at STACK_HIGH. */
  bytesMax = Number.MAX_SAFE_INTEGER;
  readonly #stackPointer: WebAssembly.Global;
  readonly #stackDepth: WebAssembly.Global;
  /** Source texts that lie beyond the heap while they are compiled and run, and where the first begins. */
  #distantTexts = 0;
  #distantAt = Number.MAX_SAFE_INTEGER;

  constructor(module: WebAssembly.Module, pagesMax: number) {
    super(pagesMax);
    this.module = module;
    const imports = engineImports({
      memory: this.memory,
      wrote: (address, length) => this.mark(address, length),
      bytesMax: () => this.bytesMax,
      memoryFull: () => this.hooks.memoryFull(),
      grown: () => this.renewViews(),
      callFunction: (argc, argv, functionId) => this.#callFromGuest(argc, argv, functionId),
      shouldInterrupt: () => (this.hooks.interrupted() ? 1 : 0),
      loadModule: (name) => this.#loadModule(name),
      normalizeModule: (_base, name) => this.cString(name),
      readCString: (pointer) => this.readCString(pointer),
      checkFuel: () => {
        if (this.hooks.interrupted()) throw new GuestInterrupted();
      },
      rejection: (promise, reason, handled) => this.#trackRejection(promise, reason, handled),
    });
    this.instance = new WebAssembly.Instance(module, imports);
    const exported = this.instance.exports as Record<string, (...args: number[]) => number>;
    const named: Partial<EngineExports> = {};
    for (const [name, key] of Object.entries(EXPORTS) as [keyof EngineExports, string][]) {
      const found = exported[key];
      if (found === undefined)
        throw new Error(
          `Engine export ${name} (${key}) is missing: the wasm is not the pinned build`,
        );
      named[name] = found;
    }
    this.exports = named as EngineExports;
    this.#stackPointer = this.instance.exports["stackPointer"] as WebAssembly.Global;
    this.#stackDepth = this.instance.exports["stackDepth"] as WebAssembly.Global;
  }

  /** Starts the C runtime and makes a context. Call once, on a new machine only. */
  initialize(): void {
    const { exports } = this;
    exports.start();
    this.roots.runtime = exports.newRuntime();
    this.roots.context = exports.newContext(this.roots.runtime, 0);
    this.roots.scratch = exports.malloc(SCRATCH_BYTES);
    exports.enableInterruptHandler(this.roots.runtime);
    exports.enableModuleLoader(this.roots.runtime, 1);
    this.words[(this.roots.runtime + RUNTIME_LAYOUT.rejectionTracker) >> 2] =
      REJECTION_TRACKER_INDEX;
    this.adopt(this.roots);
  }

  /** To be called after the memory was replaced by an image's. */
  adopt(roots: MachineRoots): void {
    this.roots = roots;
    this.undefinedPointer = this.exports.getUndefined();
  }

  get stackPointer(): number {
    return this.#stackPointer.value as number;
  }

  /** Whether functions compiled from now on keep their text for toString(). */
  get keepSources(): boolean {
    return (this.instance.exports["keepSources"] as WebAssembly.Global).value === 1;
  }

  set keepSources(keep: boolean) {
    (this.instance.exports["keepSources"] as WebAssembly.Global).value = keep ? 1 : 0;
  }

  /** The lowest address that the C stack reached since the last call. */
  takeStackDepth(): number {
    const depth = this.#stackDepth.value as number;
    this.#stackDepth.value = STACK_HIGH;
    return depth;
  }

  /**
   * After a run that was stopped in its middle, when none of its frames is on the stack any more: at rest again,
   * with a memory that may hold anything. The globals are all the state that there is beside it.
   */
  reset(): void {
    this.loaded = null;
    this.#stackPointer.value = STACK_HIGH;
    // Counted anew after the next check.
    (this.instance.exports["fuel"] as WebAssembly.Global).value = 0;
    if (this.#distantTexts > 0) this.bytes.fill(0, this.#distantAt);
    this.#distantTexts = 0;
    this.#distantAt = Number.MAX_SAFE_INTEGER;
  }

  /** Nobody answers it, and it holds nobody alive, until it has a sandbox again. */
  detach(): void {
    this.hooks = NO_HOOKS;
  }

  /** Calls the guest's entry, or another of its roots, with plain values and drops what it returns. */
  enter(args: readonly HostValue[], entry = this.roots.entry): void {
    const { exports, roots } = this;
    const values = roots.scratch + ARGUMENTS_MAX * 4;
    this.mark(roots.scratch, SCRATCH_BYTES);
    let heap: number[] | undefined;
    for (let i = 0; i < args.length; i += 1) {
      const value = args[i];
      const slot = values + i * 8;
      let pointer = slot;
      if (!this.writePrimitive(slot, value)) {
        pointer = this.newValue(value);
        (heap ??= []).push(pointer);
      }
      this.words[(roots.scratch >> 2) + i] = pointer;
    }
    const result = exports.call(
      roots.context,
      entry,
      this.undefinedPointer,
      args.length,
      roots.scratch,
    );
    if (heap !== undefined) for (const pointer of heap) this.free(pointer);
    this.free(this.checked(result));
  }

  /** Runs promise jobs until none is left. */
  drain(): void {
    const { exports, roots } = this;
    const result = exports.executePendingJob(roots.runtime, -1, roots.scratch);
    if (this.signed[(result >> 2) + 1] === TAG.object) throw new GuestThrow(result);
    const tag = this.signed[(result >> 2) + 1] ?? 0;
    if (tag <= TAG.object && tag >= -9) throw new GuestThrow(result);
    this.exports.free(result);
  }

  /** Evaluates source. Gives a heap pointer: the completion value, the namespace, or a promise of it. */
  evaluate(source: string, fileName: string, flags: number = EVAL.global): number {
    const { exports, roots } = this;
    const code = encoder.encode(source);
    const name = this.cString(fileName);
    const { pointer, release } = this.#placeSource(code);
    const result = exports.evaluate(roots.context, pointer, code.length, name, 0, flags);
    release();
    exports.free(name);
    return this.checked(result);
  }

  /**
   * Source text goes to the far end of the memory where the heap is not: in the heap it would leave a
   * hole in every image.
   */
  #placeSource(code: Uint8Array): { pointer: number; release: () => void } {
    const end = this.bytes.length;
    const heapEnd = this.words[BREAK_ADDRESS >> 2] ?? 0;
    const distant = end - code.length - 8;
    const inHeap = distant - heapEnd < SOURCE_DISTANCE + code.length * 32;
    const pointer = inHeap ? this.exports.malloc(code.length + 1) : distant;
    if (pointer === 0) throw new RangeError("Out of sandbox memory");
    this.bytes.set(code, pointer);
    this.bytes[pointer + code.length] = 0;
    if (inHeap) this.mark(pointer, code.length + 1);
    else {
      this.#distantTexts += 1;
      this.#distantAt = Math.min(this.#distantAt, pointer);
    }
    const release = () => {
      // A heap that has grown this far owns the bytes now.
      if (inHeap || (this.words[BREAK_ADDRESS >> 2] ?? 0) <= pointer)
        this.bytes.fill(0, pointer, pointer + code.length);
      if (inHeap) this.exports.free(pointer);
      else this.#distantTexts -= 1;
    };
    return { pointer, release };
  }

  /** Bytecode of a script, for any machine of the same module. */
  compile(source: string, fileName: string): Uint8Array {
    const compiled = this.evaluate(source, fileName, EVAL.compileOnly);
    const buffer = this.checked(this.#added("writeBytecode")(this.roots.context, compiled));
    const { data, length } = this.#arrayBuffer(buffer);
    const bytecode = this.bytes.slice(data, data + length);
    this.free(buffer);
    this.free(compiled);
    return bytecode;
  }

  /** Runs bytecode that `compile` made. Gives a heap pointer to its completion value. */
  run(bytecode: Uint8Array): number {
    const { pointer, release } = this.#placeSource(bytecode);
    const script = this.#added("readBytecode")(this.roots.context, pointer, bytecode.length);
    release();
    this.checked(script);
    const result = this.#added("runBytecode")(this.roots.context, script);
    // The call took the value over; what is left is the box it was in.
    this.exports.free(script);
    return this.checked(result);
  }

  #added(name: string): (...args: number[]) => number {
    return this.instance.exports[name] as (...args: number[]) => number;
  }

  #arrayBuffer(value: number): { data: number; length: number } {
    const { exports, roots } = this;
    const bytes = this.call(roots.wrapBytes, [this.newReference(value)]);
    const view = this.read(bytes);
    exports.freeValue(roots.context, bytes);
    if (!(view instanceof Uint8Array)) throw new Error("The engine gave no bytes");
    return { data: view.byteOffset, length: view.length };
  }

  newFunction(name: string, functionId: number): number {
    const text = this.cString(name);
    const value = this.exports.newFunction(this.roots.context, text, 0, 0, functionId);
    this.exports.free(text);
    return value;
  }

  #callFromGuest(argc: number, argv: number, functionId: number): number {
    if (functionId === PEEK_FUNCTION) return this.peek(argv);
    try {
      const args: HostValue[] = [];
      for (let i = 0; i < argc; i += 1) args.push(this.read(argv + i * 8));
      return this.newValue(this.hooks.call(functionId, args));
    } catch (error) {
      return this.#throwInGuest(error);
    }
  }

  #trackRejection(promise: bigint, reason: bigint, handled: boolean): void {
    const view = new DataView(this.memory.buffer);
    const values = [promise, reason].map((value) => {
      const slot = this.exports.malloc(8);
      view.setBigUint64(slot, BigInt.asUintN(64, value), true);
      this.mark(slot, 8);
      const reference = this.newReference(slot);
      this.exports.free(slot);
      return reference;
    });
    this.hooks.rejected(handled);
    this.free(this.call(this.roots.rejection, [...values, this.newValue(handled)]));
  }

  #throwInGuest(error: unknown): number {
    if (isFatal(error)) throw error;
    const { name, message, code } = describeHostError(error);
    const value = this.call(this.roots.raise, [
      this.newString(name),
      this.newString(message),
      this.newString(code),
    ]);
    const thrown = this.exports.throwValue(this.roots.context, value);
    this.free(value);
    return thrown;
  }

  #loadModule(name: string): number {
    const source = this.hooks.moduleSource(name);
    if (source !== undefined) return this.cString(source);
    const pointer = this.#throwInGuest(
      new TypeError(
        `Module "${name}" is not part of this script: imports are resolved when a script is deployed`,
      ),
    );
    this.exports.free(pointer);
    return 0;
  }
}
