/**
 * The wasm objects of one sandbox, by number. The guest knows only the numbers, and makes everything
 * again in the same order when its image wakes up in another sandbox (another `token`).
 */
import { GuestInterrupted } from "../../engine/imports.ts";
import type { HostContext, HostValue } from "../host-function.ts";
import { HostError } from "../host-function.ts";
import { FunctionTable, type Callable } from "./function-table.ts";
import { FUEL, PAGE_BYTES, pagesOf } from "./instrument.ts";
import { returnMemory, takeMemory } from "./memory-pool.ts";
import type { FunctionType, GlobalType } from "./module-shape.ts";
import { linkError, runtimeError } from "./modules.ts";
import {
  fromWasm,
  GuestReference,
  packList,
  toWasm,
  unpackList,
  type FunctionNumbers,
} from "./values.ts";

export interface WasmGlobal extends GlobalType {
  global: WebAssembly.Global;
}
export interface WasmTable {
  table: WebAssembly.Table;
  element: string;
}
export interface WasmTag {
  tag: WebAssembly.Tag;
  params: string[];
}

/** Without the engine's remark about the host's own code. */
const plainMessage = (error: Error): string =>
  error.message.replace(/\.? \(evaluating '[^]*'\)$/, "");

type Returned =
  | { kind: 0; value: HostValue }
  | { kind: 1; reference: number }
  | { kind: 2; tag: number; args: HostValue };

const NESTING_MAX = 100;
const INLINE_ARGUMENTS_MAX = 8;
const OBJECTS_MAX = 10_000;

export class WasmStore implements FunctionNumbers {
  readonly token = crypto.randomUUID();
  readonly functions = new FunctionTable();
  readonly memories: WebAssembly.Memory[] = [];
  readonly tables: WasmTable[] = [];
  readonly globals: WasmGlobal[] = [];
  readonly tags: WasmTag[] = [];
  /** Set when no code of this sandbox may run any more. */
  fatal: unknown;
  returned: Returned | undefined;
  readonly #context: HostContext;
  readonly #references = new Map<number, GuestReference>();
  readonly #wasmObjects: object[] = [];
  readonly #wasmObjectNumbers = new Map<object, number>();
  readonly #bytesMax: number;
  /** Memories have grown past memory_mb from inside wasm: it traps at its next check, each time. */
  #tooLarge = false;
  #nesting = 0;
  #objects = 0;

  constructor(context: HostContext) {
    this.#context = context;
    this.#bytesMax = context.script.limits.memory_mb * 1_048_576;
  }

  static of(context: HostContext): WasmStore {
    const known = context.state.get("wasm") as WasmStore | undefined;
    if (known) return known;
    const store = new WasmStore(context);
    context.state.set("wasm", store);
    return store;
  }

  /** Pages that one memory may grow to. */
  get memoryPages(): number {
    return pagesOf(this.#bytesMax);
  }

  /** A memory for as long as the sandbox lives. */
  borrowMemory(initial: number, maximum: number): WebAssembly.Memory {
    const memory = takeMemory(initial, maximum);
    this.#context.onDispose(() => returnMemory(memory, initial, maximum));
    return memory;
  }

  /** RangeError when all memories together would be larger than memory_mb. */
  requireRoom(pages: number): void {
    const bytes = this.#memoryBytes() + pages * PAGE_BYTES;
    if (bytes > this.#bytesMax / 2) this.#context.retire();
    if (bytes <= this.#bytesMax) return;
    throw new HostError(
      "RangeError",
      `Cannot have ${bytes} bytes of wasm memory: memory_mb allows ${this.#bytesMax}`,
    );
  }

  #memoryBytes(): number {
    let bytes = 0;
    for (const memory of this.memories) bytes += memory.buffer.byteLength;
    return bytes;
  }

  /** Bounds what a script can make; the host's collector cannot see what the guest no longer needs. */
  count(): void {
    this.#objects += 1;
    if (this.#objects > OBJECTS_MAX / 2) this.#context.retire();
    if (this.#objects > OBJECTS_MAX)
      throw new HostError(
        "RangeError",
        `Cannot make more than ${OBJECTS_MAX} wasm objects in one sandbox`,
      );
  }

  functionOf(id: number): Callable {
    return this.functions.get(id).run;
  }

  /** For what comes out of a call; see FunctionTable. */
  numberOf(callable: unknown): number {
    if (this.functions.size >= OBJECTS_MAX) this.count();
    return this.functions.numberOf(callable, false);
  }

  referenceOf(id: number): GuestReference {
    let reference = this.#references.get(id);
    if (!reference) this.#references.set(id, (reference = new GuestReference(id)));
    return reference;
  }

  objectOf(id: number): object {
    const object = this.#wasmObjects[id];
    if (object === undefined)
      throw runtimeError("The wasm object is gone: it came out of wasm before the image was made");
    return object;
  }

  numberOfObject(object: object): number {
    let number = this.#wasmObjectNumbers.get(object);
    if (number === undefined) {
      this.count();
      number = this.#wasmObjects.push(object) - 1;
      this.#wasmObjectNumbers.set(object, number);
    }
    return number;
  }

  /** One per instance: looks at the clock when the fuel is used up. 1 makes the wasm trap. */
  checkFor(fuel: () => WebAssembly.Global): () => number {
    return () => {
      if (this.fatal === undefined && this.#context.interrupted())
        this.fatal = new GuestInterrupted();
      this.#tooLarge = this.#memoryBytes() > this.#bytesMax;
      if (this.fatal !== undefined || this.#tooLarge) return 1;
      fuel().value = FUEL;
      return 0;
    };
  }

  /** Runs wasm for the guest. Whatever goes wrong becomes the guest's error, or the sandbox's end. */
  enter<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (this.fatal !== undefined) throw this.fatal;
      throw this.#asGuestError(error);
    }
  }

  #asGuestError(error: unknown): unknown {
    if (error instanceof HostError) return error;
    if (error instanceof GuestReference)
      return new HostError("thrown", String(error.id), "wasm-thrown");
    if (error instanceof WebAssembly.Exception) return this.#describeException(error);
    if (!(error instanceof Error)) return error;
    const message = plainMessage(error);
    if (error instanceof WebAssembly.RuntimeError) {
      return runtimeError(
        this.#tooLarge
          ? `The wasm memories are larger than memory_mb allows (${this.#bytesMax} bytes)`
          : message,
      );
    }
    if (error instanceof WebAssembly.LinkError) return linkError(message);
    return new HostError(error.name, message);
  }

  #describeException(error: WebAssembly.Exception): HostError {
    const tag = this.tags.findIndex((candidate) => error.is(candidate.tag));
    const known = this.tags[tag];
    if (!known) return runtimeError("A wasm exception was not caught, and its tag is not exported");
    const args = known.params.map((type, index) =>
      fromWasm(this, type, error.getArg(known.tag, index)),
    );
    return new HostError(
      "exception",
      JSON.stringify({ tag, args: packList(args) }),
      "wasm-exception",
    );
  }

  /** A function of the guest as an import. */
  callback(id: number, { params, results }: FunctionType): Callable {
    return (...args) => {
      if (this.#nesting >= NESTING_MAX) throw new RangeError("Maximum call stack size exceeded");
      const given = params.map((type, index) => fromWasm(this, type, args[index]));
      this.#nesting += 1;
      try {
        if (given.length <= INLINE_ARGUMENTS_MAX)
          this.#context.callGuest("wasm", id, null, ...given);
        else this.#context.callGuest("wasm", id, packList(given));
      } catch (error) {
        this.fatal ??= error;
        throw error;
      } finally {
        this.#nesting -= 1;
      }
      return this.#takeReturned(results);
    };
  }

  #takeReturned(results: string[]): unknown {
    const { returned } = this;
    this.returned = undefined;
    if (returned === undefined) throw runtimeError("The imported function did not answer");
    if (returned.kind === 1) throw this.referenceOf(returned.reference);
    if (returned.kind === 2) {
      const { tag, params } = this.tags[returned.tag] ?? {
        tag: new WebAssembly.Tag({ parameters: [] }),
        params: [],
      };
      const args = unpackList(returned.args);
      throw new WebAssembly.Exception(
        tag,
        params.map((type, index) => toWasm(this, type, args[index])) as number[],
      );
    }
    if (results.length === 0) return undefined;
    if (results.length === 1) return toWasm(this, results[0] ?? "", returned.value);
    const values = unpackList(returned.value);
    return results.map((type, index) => toWasm(this, type, values[index]));
  }

  /** Calls an exported function: one result as it is, several as a list. */
  call(id: number, list: HostValue, inline: HostValue[]): HostValue {
    const { run, type } = this.functions.get(id);
    return this.enter(() => {
      const given = list === null ? inline : unpackList(list);
      const result = run(...type.params.map((param, index) => toWasm(this, param, given[index])));
      if (type.results.length === 0) return undefined;
      if (type.results.length === 1) return fromWasm(this, type.results[0] ?? "", result);
      return packList(
        [...(result as Iterable<unknown>)].map((value, index) =>
          fromWasm(this, type.results[index] ?? "", value),
        ),
      );
    });
  }
}
