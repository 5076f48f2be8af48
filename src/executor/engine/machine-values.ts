/** A machine's memory, and plain values in and out of it: exact for every string, number and byte. */
import {
  CLASS_MAP_ITERATOR,
  CLASS_PROMISE,
  CLASS_PROXY,
  CLASS_SET_ITERATOR,
  CLASS_UINT8_ARRAY,
  DIRTY_SHIFT,
  DIRTY_TABLE,
  FLOAT_ADDEND,
  ITERATOR_LAYOUT,
  NAN_HIGH,
  OBJECT_LAYOUT,
  PAGES_FIRST,
  PEEK,
  PROMISE_LAYOUT,
  PROXY_LAYOUT,
  RECORD_LAYOUT,
  ROPE_LAYOUT,
  STRING_LAYOUT,
  TAG,
} from "./abi.ts";
import type { EngineExports } from "./abi.ts";
import { GuestThrow } from "./machine-errors.ts";
import { NO_ROOTS } from "./roots.ts";
import type { MachineRoots } from "./roots.ts";
import { HostError } from "../host/host-function.ts";
import type { HostValue } from "../host/host-function.ts";

const ITERATIONS = ["keys", "values", "entries"];

/** Such as "map keys". */
function iteration(view: DataView, iterator: number, collection: string): string {
  return `${collection} ${ITERATIONS[view.getUint32(iterator + ITERATOR_LAYOUT.kind, true)]}`;
}

/** How many entries an iterator over a Map or Set has still to give, but for what is removed or added until then. */
function recordsLeft(view: DataView, iterator: number): number {
  if (view.getInt32(iterator + ITERATOR_LAYOUT.collection + 4, true) !== TAG.object) return 0;
  const collection = view.getUint32(iterator + ITERATOR_LAYOUT.collection, true);
  const head = view.getUint32(collection + OBJECT_LAYOUT.own, true) + RECORD_LAYOUT.head;
  const { empty, link, next } = RECORD_LAYOUT;
  const last = view.getUint32(iterator + ITERATOR_LAYOUT.record, true);
  let left = 0;
  let at = view.getUint32((last === 0 ? head : last + link) + next, true);
  while (at !== head) {
    if (view.getUint8(at - link + empty) === 0) left += 1;
    at = view.getUint32(at + next, true);
  }
  return left;
}

const encoder = new TextEncoder();
const latin1Decoder = new TextDecoder("latin1");
const utf16Decoder = new TextDecoder("utf-16le");
const utf8Decoder = new TextDecoder();

export class MachineValues {
  readonly memory: WebAssembly.Memory;
  /** Filled in by Machine as soon as there is an instance: the instance needs the memory first. */
  exports = {} as EngineExports;
  roots: MachineRoots = { ...NO_ROOTS };
  bytes: Uint8Array;
  words: Uint32Array;
  signed: Int32Array;
  protected undefinedPointer = 0;
  readonly #float = new Float64Array(1);
  readonly #floatWords = new Uint32Array(this.#float.buffer);

  constructor(pagesMax: number) {
    this.memory = new WebAssembly.Memory({ initial: PAGES_FIRST, maximum: pagesMax });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Uint32Array(this.memory.buffer);
    this.signed = new Int32Array(this.memory.buffer);
  }

  renewViews(): void {
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.signed = new Int32Array(buffer);
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
  protected writePrimitive(address: number, value: HostValue): boolean {
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
    this.writePrimitive(pointer, value);
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

  /** Answers `kernel.peek(value, what)`, whose arguments lie at `argv`. Undefined for a value of any other kind. */
  protected peek(argv: number): number {
    if (!this.isObject(argv)) return 0;
    const view = new DataView(this.memory.buffer);
    const object = view.getUint32(argv, true);
    const what = view.getUint32(argv + 8, true);
    const own = view.getUint32(object + OBJECT_LAYOUT.own, true);
    const classId = view.getUint16(object + OBJECT_LAYOUT.classId, true);
    switch (classId) {
      case CLASS_PROMISE:
        return what === PEEK.kind
          ? this.newValue(view.getUint32(own + PROMISE_LAYOUT.state, true))
          : this.newReference(own + PROMISE_LAYOUT.result);
      case CLASS_PROXY:
        if (what === PEEK.kind)
          return this.newValue(
            view.getUint8(own + PROXY_LAYOUT.revoked) === 0 ? "proxy" : "revoked",
          );
        return this.newReference(
          own + (what === PEEK.target ? PROXY_LAYOUT.target : PROXY_LAYOUT.handler),
        );
      case CLASS_MAP_ITERATOR:
      case CLASS_SET_ITERATOR:
        if (what === PEEK.target) return this.newReference(own + ITERATOR_LAYOUT.collection);
        if (what === PEEK.left) return this.newValue(recordsLeft(view, own));
        return this.newValue(iteration(view, own, classId === CLASS_MAP_ITERATOR ? "map" : "set"));
      default:
        return 0;
    }
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
      this.words[(pointers >> 2) + i] = args[i] || this.undefinedPointer;
    this.mark(pointers, args.length * 4 + 4);
    const result = exports.call(
      roots.context,
      functionPointer,
      this.undefinedPointer,
      args.length,
      pointers,
    );
    exports.free(pointers);
    for (const argument of args) this.free(argument);
    return this.checked(result);
  }

  /** The result itself, or GuestThrow with the pending exception. */
  checked(result: number): number {
    if (this.signed[(result >> 2) + 1] !== TAG.exception) return result;
    const error = this.exports.resolveException(this.roots.context, result);
    this.exports.free(result);
    throw new GuestThrow(error);
  }
}
