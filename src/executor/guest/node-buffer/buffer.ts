/** Node's Buffer: a Uint8Array with text encodings, numbers and copying slices that share memory. */
import { bindHost } from "../bridge.ts";
import { decodeText, encodeText, encodingName, requireEncoding, textLength } from "./encodings.ts";
import { invalidType, nodeError, outOfRange } from "./errors.ts";
import { bufferMethods } from "./methods.ts";
import { numberMethods } from "./numbers.ts";

export const MAX_LENGTH = 2 ** 31 - 1;
const isUtf8Host = bindHost("buffer.isUtf8");

/** The typings want the type argument fixed, which then rules out the other constructors. */
const Bytes = Uint8Array as unknown as {
  prototype: Uint8Array<ArrayBuffer>;
  new (
    source: number | ArrayBuffer | readonly number[],
    offset?: number,
    length?: number,
  ): Uint8Array<ArrayBuffer>;
};

export class FastBuffer extends Bytes {}

function allocate(size: unknown): FastBuffer {
  if (typeof size !== "number") throw invalidType("size", "of type number", size);
  if (!(size >= 0 && size <= MAX_LENGTH))
    throw outOfRange("size", `>= 0 && <= ${MAX_LENGTH}`, size);
  return new FastBuffer(size);
}

/** A Buffer over the same memory. */
export const wrap = (bytes: Uint8Array): FastBuffer =>
  new FastBuffer(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);

const isBytes = (value: unknown): value is ArrayBuffer =>
  value instanceof ArrayBuffer ||
  Object.prototype.toString.call(value) === "[object SharedArrayBuffer]";

function from(value: unknown, second?: unknown, third?: unknown): FastBuffer {
  if (typeof value === "string") return wrap(encodeText(value, requireEncoding(second)));
  if (typeof value === "object" && value !== null) {
    if (isBytes(value)) return fromArrayBuffer(value, second, third);
    const primitive = (value as { valueOf?: () => unknown }).valueOf?.();
    if (
      primitive !== undefined &&
      primitive !== null &&
      primitive !== value &&
      (typeof primitive === "string" || typeof primitive === "object")
    )
      return from(primitive, second, third);
    const made = fromObject(value);
    if (made !== null) return made;
    const toPrimitive = (value as { [Symbol.toPrimitive]?: (hint: string) => unknown })[
      Symbol.toPrimitive
    ];
    if (typeof toPrimitive === "function") {
      const text = toPrimitive.call(value, "string");
      if (typeof text === "string") return from(text, second);
    }
  }
  throw invalidType(
    "first argument",
    "of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object",
    value,
  );
}

function fromArrayBuffer(value: ArrayBuffer, second: unknown, third: unknown): FastBuffer {
  const offset = second === undefined ? 0 : Number(second) || 0;
  if (offset > value.byteLength)
    throw nodeError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", '"offset" is outside of buffer bounds');
  if (third === undefined) return new FastBuffer(value, offset);
  const length = Math.max(0, Number(third) || 0);
  if (length > value.byteLength - offset)
    throw nodeError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", '"length" is outside of buffer bounds');
  return new FastBuffer(value, offset, length);
}

function fromObject(value: object): FastBuffer | null {
  const { length, type, data } = value as { length?: unknown; type?: unknown; data?: unknown };
  if (length !== undefined || isBytes((value as { buffer?: unknown }).buffer)) {
    if (typeof length !== "number" || Number.isNaN(length)) return new FastBuffer(0);
    const made = allocate(Math.max(0, Math.trunc(length)));
    if (value instanceof Uint8Array) made.set(value);
    else for (let i = 0; i < made.length; i++) made[i] = (value as ArrayLike<number>)[i] as number;
    return made;
  }
  return type === "Buffer" && Array.isArray(data) ? fromObject(data) : null;
}

export interface BufferConstructor {
  (value: unknown, second?: unknown, third?: unknown): FastBuffer;
  new (value: unknown, second?: unknown, third?: unknown): FastBuffer;
  prototype: FastBuffer;
  poolSize: number;
  from: typeof from;
  alloc(size: number, fill?: unknown, encoding?: string): FastBuffer;
  allocUnsafe(size: number): FastBuffer;
  allocUnsafeSlow(size: number): FastBuffer;
  concat(list: Uint8Array[], total?: number): FastBuffer;
  isBuffer(value: unknown): value is FastBuffer;
  isEncoding(encoding: unknown): boolean;
  byteLength(value: unknown, encoding?: string): number;
  compare(a: Uint8Array, b: Uint8Array): number;
  copyBytesFrom(view: Uint8Array, offset?: number, length?: number): FastBuffer;
  of(...items: number[]): FastBuffer;
}

export const Buffer = function (value: unknown, second?: unknown, third?: unknown): FastBuffer {
  return typeof value === "number" ? allocate(value) : from(value, second, third);
} as unknown as BufferConstructor;

Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(Buffer, "name", { value: "Buffer" });
Object.defineProperty(Buffer, Symbol.species, { configurable: true, get: () => FastBuffer });
Buffer.prototype = FastBuffer.prototype;
Object.defineProperty(FastBuffer.prototype, "constructor", {
  value: Buffer,
  writable: true,
  configurable: true,
});

Buffer.poolSize = 8192;
Buffer.from = from;
Buffer.of = (...items) => new FastBuffer(items);
// A plain function: older packages write `new Buffer.alloc(n)`.
Buffer.alloc = function alloc(size, fill, encoding) {
  const made = allocate(size);
  const filler = made as unknown as { fill(value: unknown, encoding?: string): FastBuffer };
  return fill === undefined || fill === 0 || size === 0 ? made : filler.fill(fill, encoding);
};
Buffer.allocUnsafe = allocate;
Buffer.allocUnsafeSlow = allocate;
Buffer.isBuffer = (value): value is FastBuffer => value instanceof FastBuffer;
Buffer.isEncoding = (encoding) =>
  typeof encoding === "string" && encoding !== "" && encodingName(encoding) !== undefined;
Buffer.compare = (a, b) => {
  for (const [name, value] of [
    ["buf1", a],
    ["buf2", b],
  ] as const)
    if (!(value instanceof Uint8Array))
      throw invalidType(name, "an instance of Buffer or Uint8Array", value);
  return compareBytes(a, b);
};
Buffer.byteLength = (value, encoding) => {
  if (typeof value === "string") return textLength(value, encodingName(encoding) ?? "utf8");
  if (ArrayBuffer.isView(value) || isBytes(value)) return value.byteLength;
  throw invalidType("string", "of type string or an instance of Buffer or ArrayBuffer", value);
};
Buffer.concat = (list, total) => {
  if (!Array.isArray(list)) throw invalidType("list", "an instance of Array", list);
  let length = 0;
  for (const [index, item] of list.entries()) {
    if (!(item instanceof Uint8Array))
      throw invalidType(`list[${index}]`, "an instance of Buffer or Uint8Array", item);
    length += item.length;
  }
  const joined = allocate(total ?? length);
  let at = 0;
  for (const item of list) {
    if (at >= joined.length) break;
    joined.set(item.length > joined.length - at ? item.subarray(0, joined.length - at) : item, at);
    at += item.length;
  }
  return joined;
};
Buffer.copyBytesFrom = (view, offset = 0, length = view.length - offset) => {
  const part = view.subarray(offset, offset + length);
  return fromObject(
    new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength),
  ) as FastBuffer;
};

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

for (const table of [
  numberMethods(),
  bufferMethods({ wrap, compareBytes, decodeText, encodeText, requireEncoding }),
]) {
  for (const name of Object.keys(table))
    Object.defineProperty(FastBuffer.prototype, name, {
      value: table[name],
      writable: true,
      configurable: true,
      enumerable: true,
    });
}
for (const [name, source] of [
  ["parent", "buffer"],
  ["offset", "byteOffset"],
] as const) {
  Object.defineProperty(FastBuffer.prototype, name, {
    enumerable: true,
    get(this: FastBuffer) {
      return this[source];
    },
  });
}
Object.defineProperty(FastBuffer.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: FastBuffer) {
    const shown = Array.from(this.subarray(0, 50), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join(" ");
    const more =
      this.length > 50 ? ` ... ${this.length - 50} more byte${this.length > 51 ? "s" : ""}` : "";
    return `<Buffer${shown === "" ? "" : " "}${shown}${more}>`;
  },
});

export function isUtf8(value: Uint8Array): boolean {
  return isUtf8Host(value) === true;
}

export const isAscii = (value: Uint8Array): boolean => value.every((byte) => byte < 128);

export function transcode(
  source: Uint8Array,
  fromEncoding: string,
  toEncoding: string,
): FastBuffer {
  return wrap(
    encodeText(decodeText(source, requireEncoding(fromEncoding)), requireEncoding(toEncoding)),
  );
}
