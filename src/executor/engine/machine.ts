/**
 * One WebAssembly QuickJS with its own linear memory, and the transfer of plain values in and out.
 * Knows nothing of requests: `Sandbox` builds on it.
 */
import {
  BREAK_ADDRESS,
  CLASS_UINT8_ARRAY,
  DIRTY_SHIFT,
  DIRTY_TABLE,
  EVAL,
  EXPORTS,
  FLOAT_ADDEND,
  NAN_HIGH,
  OBJECT_LAYOUT,
  PAGES_FIRST,
  REJECTION_TRACKER_INDEX,
  ROPE_LAYOUT,
  STACK_HIGH,
  RUNTIME_LAYOUT,
  STRING_LAYOUT,
  TAG,
} from "./abi.ts";
import type { EngineExports } from "./abi.ts";
import { EngineAbort, engineImports, GuestInterrupted } from "./imports.ts";
import { HostError } from "../host/host-function.ts";
import type { HostValue } from "../host/host-function.ts";

/** Answers a call from the guest. What it throws becomes a guest error through `raise`. */
export type GuestCallHandler = (functionId: number, args: HostValue[]) => HostValue;

export interface MachineHooks {
  call: GuestCallHandler;
  /** True ends the guest with an error that it cannot catch. */
  interrupted(): boolean;
  /** A promise was rejected unhandled (false), or a handler came after all (true). */
  rejected(handled: boolean): void;
  /** Source of a module that the script imports, or undefined. */
  moduleSource(name: string): string | undefined;
}

/** Where the long-lived values of a booted machine lie; part of an image. */
export interface MachineRoots {
  runtime: number;
  context: number;
  /** The object that guest parts see as `__picloud`. */
  kernel: number;
  /** `enter(kind, ...args)` of the guest kernel. */
  entry: number;
  /** Turns an ArrayBuffer into a Uint8Array. */
  wrapBytes: number;
  /** `raise(name, message, code)` gives the error object to throw. */
  raise: number;
  /** Builds a string from UTF-16 units that no C string can carry. */
  fromUnits: number;
  /** Makes a rope store its characters in one piece. */
  flatten: number;
  /** Names that a built-in module exports, one a line. */
  moduleNames: number;
  /** Takes note of a rejected promise: (promise, reason, handled). */
  rejection: number;
  /** Room for `ARGUMENTS_MAX` argument pointers, then as many values. */
  scratch: number;
}

const NO_ROOTS: MachineRoots = {
  runtime: 0,
  context: 0,
  kernel: 0,
  entry: 0,
  wrapBytes: 0,
  raise: 0,
  fromUnits: 0,
  flatten: 0,
  moduleNames: 0,
  rejection: 0,
  scratch: 0,
};

export const ARGUMENTS_MAX = 16;
/** Room that must stay between the heap and a source text beyond it while that is compiled and run. */
const SOURCE_DISTANCE = 6 * 1024 * 1024;
const SCRATCH_BYTES = ARGUMENTS_MAX * 12 + 16;

const encoder = new TextEncoder();
const latin1Decoder = new TextDecoder("latin1");
const utf16Decoder = new TextDecoder("utf-16le");
const utf8Decoder = new TextDecoder();

/** The guest threw, and nobody in the guest caught it. `value` is a heap pointer to what was thrown. */
export class GuestThrow extends Error {
  readonly value: number;
  constructor(value: number) {
    super("The guest threw");
    this.name = "GuestThrow";
    this.value = value;
  }
}

const NO_HOOKS: MachineHooks = {
  call: () => undefined,
  interrupted: () => false,
  rejected: () => undefined,
  moduleSource: () => undefined,
};

export class Machine {
  readonly memory: WebAssembly.Memory;
  exports: EngineExports;
  hooks: MachineHooks = NO_HOOKS;
  roots: MachineRoots = { ...NO_ROOTS };
  /** The instance as the wasm exports it, stack pointer and all. */
  readonly instance: WebAssembly.Instance;
  readonly module: WebAssembly.Module;
  /** Allocations fail beyond; the heap begins at STACK_HIGH. */
  bytesMax = Number.MAX_SAFE_INTEGER;
  bytes: Uint8Array;
  words: Uint32Array;
  signed: Int32Array;
  #doubles: Float64Array;
  readonly #float = new Float64Array(1);
  readonly #floatWords = new Uint32Array(this.#float.buffer);
  readonly #stackPointer: WebAssembly.Global;
  readonly #stackDepth: WebAssembly.Global;
  #undefinedPointer = 0;

  constructor(module: WebAssembly.Module, pagesMax: number) {
    this.module = module;
    this.memory = new WebAssembly.Memory({ initial: PAGES_FIRST, maximum: pagesMax });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Uint32Array(this.memory.buffer);
    this.signed = new Int32Array(this.memory.buffer);
    this.#doubles = new Float64Array(this.memory.buffer);
    const imports = engineImports({
      memory: this.memory,
      wrote: (address, length) => this.mark(address, length),
      bytesMax: () => this.bytesMax,
      grown: () => this.renewViews(),
      callFunction: (argc, argv, functionId) => this.#callFromGuest(argc, argv, functionId),
      shouldInterrupt: () => (this.hooks.interrupted() ? 1 : 0),
      loadModule: (name) => this.#loadModule(name),
      normalizeModule: (base, name) => this.cString(resolveSpecifier(base, name)),
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

  renewViews(): void {
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.signed = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
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
    this.#undefinedPointer = this.exports.getUndefined();
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

  /** Notes that the host wrote here, as the wasm's own stores do. */
  mark(address: number, length: number): void {
    const last = (address + length - 1) >> DIRTY_SHIFT;
    for (let block = address >> DIRTY_SHIFT; block <= last; block += 1)
      this.bytes[DIRTY_TABLE + block] = 1;
  }

  // --- strings and bytes ---

  cString(text: string): number {
    const encoded = encoder.encode(text);
    const pointer = this.exports.malloc(encoded.length + 1);
    this.bytes.set(encoded, pointer);
    this.bytes[pointer + encoded.length] = 0;
    this.mark(pointer, encoded.length + 1);
    return pointer;
  }

  readCString(pointer: number): string {
    const { bytes } = this;
    let end = pointer;
    while (bytes[end] !== 0) end += 1;
    return utf8Decoder.decode(bytes.subarray(pointer, end));
  }

  /** Exact UTF-16 contents of a string object; ropes are linearized first. */
  readString(pointer: number, tag: number, valueAddress: number): string {
    let object = pointer;
    if (tag === TAG.ropeString) {
      this.free(this.call(this.roots.flatten, [this.newReference(valueAddress)]));
      object = this.words[(pointer + ROPE_LAYOUT.left) >> 2] ?? 0;
    }
    return this.#readFlat(object, valueAddress);
  }

  #readFlat(object: number, valueAddress: number): string {
    const { words } = this;
    const header = words[(object + STRING_LAYOUT.length) >> 2] ?? 0;
    const kind = ((words[(object + STRING_LAYOUT.flags) >> 2] ?? 0) >>> 28) & 3;
    const wide = header >>> 31 === 1;
    const length = header & 0x7fffffff;
    let start = object + STRING_LAYOUT.characters;
    if (kind === 1) {
      const parent = words[(object + STRING_LAYOUT.sliceParent) >> 2] ?? 0;
      start =
        parent + STRING_LAYOUT.characters + (words[(object + STRING_LAYOUT.sliceOffset) >> 2] ?? 0);
    } else if (kind !== 0) {
      const flat = this.exports.getString(this.roots.context, valueAddress);
      const text = this.readCString(flat);
      this.exports.freeCString(this.roots.context, flat);
      return text;
    }
    return wide ? this.#readWide(start, length) : this.#readLatin1(start, length);
  }

  #readLatin1(start: number, length: number): string {
    const { bytes } = this;
    if (length > 24) {
      const view = bytes.subarray(start, start + length);
      // The "latin1" label means windows-1252, which differs from 0x80 to 0x9f.
      for (let i = 0; i < length; i += 1)
        if ((view[i] ?? 0) >= 0x80) return Buffer.from(view).toString("latin1");
      return latin1Decoder.decode(view);
    }
    let text = "";
    for (let i = start; i < start + length; i += 1) text += String.fromCharCode(bytes[i] ?? 0);
    return text;
  }

  #readWide(start: number, length: number): string {
    const view = this.bytes.subarray(start, start + length * 2);
    const text = utf16Decoder.decode(view);
    // The decoder replaces lone surrogates and swallows a byte order mark.
    if (text.length === length && !text.includes("\ufffd")) return text;
    return Buffer.from(view).toString("utf16le");
  }

  /** Heap pointer to a new string value, exact for any UTF-16. The caller frees it. */
  newString(text: string): number {
    const { context } = this.roots;
    const room = this.exports.malloc(text.length * 3 + 1);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(room, room + text.length * 3));
    this.bytes[room + written] = 0;
    this.mark(room, written + 1);
    if (!text.isWellFormed() || text.includes("\0")) {
      this.exports.free(room);
      return this.#newPatched(text);
    }
    const value = this.exports.newString(context, room);
    this.exports.free(room);
    return value;
  }

  #newPatched(text: string): number {
    const units = new Uint8Array(text.length * 2);
    const view = new DataView(units.buffer);
    for (let i = 0; i < text.length; i += 1) view.setUint16(i * 2, text.charCodeAt(i), true);
    const bytes = this.newBytes(units);
    return this.call(this.roots.fromUnits, [bytes]);
  }

  /** Heap pointer to a new Uint8Array with a copy of the bytes. The caller frees it. */
  newBytes(source: Uint8Array): number {
    const { exports, roots } = this;
    const data = exports.malloc(source.length || 1);
    if (data === 0) throw new HostError("InternalError", "out of memory");
    this.bytes.set(source, data);
    this.mark(data, source.length);
    const buffer = exports.newArrayBuffer(roots.context, data, source.length);
    return this.call(roots.wrapBytes, [buffer]);
  }

  // --- values ---

  /** Reads the value at an address. Bytes are views into the sandbox's memory. */
  read(address: number): HostValue {
    const low = this.words[address >> 2] ?? 0;
    const tag = this.signed[(address >> 2) + 1] ?? 0;
    switch (tag) {
      case TAG.int:
        return low | 0;
      case TAG.boolean:
        return low !== 0;
      case TAG.null:
        return null;
      case TAG.undefined:
        return undefined;
      case TAG.string:
      case TAG.ropeString:
        return this.readString(low, tag, address);
      case TAG.object:
        return this.#readBytes(low);
      default:
        return this.#readFloat(low, tag);
    }
  }

  #readFloat(low: number, tag: number): number {
    if ((tag + 9) >>> 0 < 17)
      throw new TypeError("A bigint or symbol cannot cross to the host: pack it as text");
    this.#floatWords[0] = low;
    this.#floatWords[1] = (tag + FLOAT_ADDEND) >>> 0;
    return this.#float[0] ?? Number.NaN;
  }

  #readBytes(object: number): Uint8Array {
    const classId = new DataView(this.memory.buffer).getUint16(
      object + OBJECT_LAYOUT.classId,
      true,
    );
    if (classId !== CLASS_UINT8_ARRAY)
      throw new TypeError("Only a Uint8Array or a primitive can cross to the host");
    const data = this.words[(object + OBJECT_LAYOUT.data) >> 2] ?? 0;
    const count = this.words[(object + OBJECT_LAYOUT.count) >> 2] ?? 0;
    return this.bytes.subarray(data, data + count);
  }

  /** Writes a primitive at an address; false where the value needs the heap. */
  #writePrimitive(address: number, value: HostValue): boolean {
    const at = address >> 2;
    const { words, signed } = this;
    if (typeof value === "number") {
      if (Number.isInteger(value) && value === (value | 0) && !Object.is(value, -0)) {
        signed[at] = value;
        signed[at + 1] = TAG.int;
      } else {
        this.#float[0] = value;
        words[at] = this.#floatWords[0] ?? 0;
        signed[at + 1] = Number.isNaN(value)
          ? NAN_HIGH
          : ((this.#floatWords[1] ?? 0) - FLOAT_ADDEND) | 0;
        if (Number.isNaN(value)) words[at] = 0;
      }
      return true;
    }
    if (typeof value === "string" || value instanceof Uint8Array) return false;
    words[at] = value === true ? 1 : 0;
    signed[at + 1] = value === undefined ? TAG.undefined : value === null ? TAG.null : TAG.boolean;
    return true;
  }

  /** Heap pointer to a value for the guest; 0 for undefined. */
  newValue(value: HostValue): number {
    if (value === undefined) return 0;
    if (typeof value === "string") return this.newString(value);
    if (value instanceof Uint8Array) return this.newBytes(value);
    const pointer = this.exports.malloc(8);
    this.#writePrimitive(pointer, value);
    this.mark(pointer, 8);
    return pointer;
  }

  /** A second heap pointer to the same value. */
  newReference(pointer: number): number {
    return this.exports.duplicate(this.roots.context, pointer);
  }

  /** Property of an object as a heap pointer. */
  property(object: number, name: string): number {
    const key = this.newString(name);
    const value = this.exports.getProp(this.roots.context, object, key);
    this.free(key);
    return this.checked(value);
  }

  isObject(pointer: number): boolean {
    return this.signed[(pointer >> 2) + 1] === TAG.object;
  }

  setProperty(object: number, name: string, value: number): void {
    const key = this.newString(name);
    this.exports.setProp(this.roots.context, object, key, value);
    this.free(key);
  }

  free(pointer: number): void {
    if (pointer !== 0) this.exports.freeValue(this.roots.context, pointer);
  }

  // --- calls ---

  /** Calls a guest function with heap values, which it frees. Gives a heap pointer; throws GuestThrow. */
  call(functionPointer: number, args: number[]): number {
    const { exports, roots } = this;
    const pointers = exports.malloc(args.length * 4 + 4);
    for (let i = 0; i < args.length; i += 1)
      this.words[(pointers >> 2) + i] = args[i] || this.#undefinedPointer;
    this.mark(pointers, args.length * 4 + 4);
    const result = exports.call(
      roots.context,
      functionPointer,
      this.#undefinedPointer,
      args.length,
      pointers,
    );
    exports.free(pointers);
    for (const argument of args) this.free(argument);
    return this.checked(result);
  }

  /** Calls the guest's entry with plain values and drops what it returns. */
  enter(args: readonly HostValue[]): void {
    const { exports, roots } = this;
    const values = roots.scratch + ARGUMENTS_MAX * 4;
    this.mark(roots.scratch, SCRATCH_BYTES);
    let heap: number[] | undefined;
    for (let i = 0; i < args.length; i += 1) {
      const value = args[i];
      const slot = values + i * 8;
      let pointer = slot;
      if (!this.#writePrimitive(slot, value)) {
        pointer = this.newValue(value);
        (heap ??= []).push(pointer);
      }
      this.words[(roots.scratch >> 2) + i] = pointer;
    }
    const result = exports.call(
      roots.context,
      roots.entry,
      this.#undefinedPointer,
      args.length,
      roots.scratch,
    );
    if (heap !== undefined) for (const pointer of heap) this.free(pointer);
    this.free(this.checked(result));
  }

  /** The result itself, or GuestThrow with the pending exception. */
  checked(result: number): number {
    if (this.signed[(result >> 2) + 1] !== TAG.exception) return result;
    const error = this.exports.resolveException(this.roots.context, result);
    this.exports.free(result);
    throw new GuestThrow(error);
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
    this.mark(pointer, code.length + 1);
    const release = () => {
      // A heap that has grown this far owns the bytes now.
      if (inHeap || (this.words[BREAK_ADDRESS >> 2] ?? 0) <= pointer)
        this.bytes.fill(0, pointer, pointer + code.length);
      if (inHeap) this.exports.free(pointer);
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

/** After these no guest code may run in the machine again, so they must not become guest errors. */
function isFatal(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    error instanceof GuestThrow ||
    error instanceof GuestInterrupted ||
    error instanceof EngineAbort
  );
}

function resolveSpecifier(_base: string, name: string): string {
  return name;
}

/** Name, message and code that a host failure has in the guest. */
export function describeHostError(error: unknown): { name: string; message: string; code: string } {
  if (error instanceof Error) {
    const named = error as Error & { guestName?: string; code?: unknown };
    const code = typeof named.code === "string" ? named.code : "";
    return { name: named.guestName ?? named.name, message: named.message, code };
  }
  return { name: "Error", message: String(error), code: "" };
}
