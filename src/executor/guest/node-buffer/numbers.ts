/** readUInt8 ... writeDoubleBE of Buffer, all over one DataView. */
import { invalidType, nodeError, outOfRange } from "./errors.ts";

type Methods = Record<string, (this: Uint8Array, ...args: never[]) => unknown>;

const KINDS: readonly (readonly [
  name: string,
  bytes: number,
  getter: string,
  low: number,
  high: number,
])[] = [
  ["UInt16", 2, "Uint16", 0, 0xffff],
  ["UInt32", 4, "Uint32", 0, 0xffffffff],
  ["Int16", 2, "Int16", -0x8000, 0x7fff],
  ["Int32", 4, "Int32", -0x80000000, 0x7fffffff],
  ["Float", 4, "Float32", -Infinity, Infinity],
  ["Double", 8, "Float64", -Infinity, Infinity],
];

type View = Record<string, (offset: number, value: unknown, little?: boolean) => unknown>;
const viewOf = (bytes: Uint8Array): View =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) as unknown as View;

function checkOffset(bytes: Uint8Array, offset: unknown, size: number): number {
  const at = offset === undefined ? 0 : offset;
  if (typeof at !== "number") throw invalidType("offset", "of type number", at);
  if (!Number.isInteger(at)) throw outOfRange("offset", "an integer", at);
  if (bytes.length < size)
    throw nodeError(
      RangeError,
      "ERR_BUFFER_OUT_OF_BOUNDS",
      "Attempt to access memory outside buffer bounds",
    );
  if (at < 0 || at + size > bytes.length)
    throw outOfRange("offset", `>= 0 and <= ${bytes.length - size}`, at);
  return at;
}

function checkValue(value: unknown, low: number | bigint, high: number | bigint): void {
  if (typeof value === "number" || typeof value === "bigint") {
    if (value < low || value > high) throw outOfRange("value", `>= ${low} and <= ${high}`, value);
  }
}

function addFixed(methods: Methods): void {
  methods["readUInt8"] = function (offset?: number) {
    return this[checkOffset(this, offset, 1)];
  };
  methods["readInt8"] = function (offset?: number) {
    return ((this[checkOffset(this, offset, 1)] as number) << 24) >> 24;
  };
  methods["writeUInt8"] = function (value: number, offset?: number) {
    return writeByte(this, +value, offset, 0, 255);
  };
  methods["writeInt8"] = function (value: number, offset?: number) {
    return writeByte(this, +value, offset, -128, 127);
  };
  for (const [name, size, kind, low, high] of KINDS) {
    for (const little of [true, false]) {
      const end = little ? "LE" : "BE";
      methods[`read${name}${end}`] = function (offset?: number) {
        return viewOf(this)[`get${kind}`]?.(checkOffset(this, offset, size), little);
      };
      methods[`write${name}${end}`] = function (value: number, offset?: number) {
        if (low !== -Infinity) checkValue(+value, low, high);
        const at = checkOffset(this, offset, size);
        viewOf(this)[`set${kind}`]?.(at, +value, little);
        return at + size;
      };
    }
  }
}

function writeByte(
  bytes: Uint8Array,
  value: number,
  offset: number | undefined,
  low: number,
  high: number,
): number {
  checkValue(value, low, high);
  const at = checkOffset(bytes, offset, 1);
  bytes[at] = value;
  return at + 1;
}

function addBig(methods: Methods): void {
  for (const little of [true, false]) {
    const end = little ? "LE" : "BE";
    for (const [name, kind, low, high] of [
      ["BigUInt64", "BigUint64", 0n, 2n ** 64n - 1n],
      ["BigInt64", "BigInt64", -(2n ** 63n), 2n ** 63n - 1n],
    ] as const) {
      methods[`read${name}${end}`] = function (offset?: number) {
        return viewOf(this)[`get${kind}`]?.(checkOffset(this, offset, 8), little);
      };
      methods[`write${name}${end}`] = function (value: bigint, offset?: number) {
        if (typeof value !== "bigint") throw invalidType("value", "of type bigint", value);
        checkValue(value, low, high);
        const at = checkOffset(this, offset, 8);
        viewOf(this)[`set${kind}`]?.(at, value, little);
        return at + 8;
      };
    }
  }
}

function checkSize(size: unknown): number {
  if (typeof size !== "number") throw invalidType("byteLength", "of type number", size);
  if (!Number.isInteger(size)) throw outOfRange("byteLength", "an integer", size);
  if (size < 1 || size > 6) throw outOfRange("byteLength", ">= 1 and <= 6", size);
  return size;
}

function addVariable(methods: Methods): void {
  for (const little of [true, false]) {
    const end = little ? "LE" : "BE";
    const read = (bytes: Uint8Array, offset: number, size: number): number => {
      const width = checkSize(size);
      const at = checkOffset(bytes, offset, width);
      let value = 0;
      for (let i = 0; i < width; i++)
        value = value * 256 + (bytes[little ? at + width - 1 - i : at + i] as number);
      return value;
    };
    const write = (
      bytes: Uint8Array,
      value: number,
      offset: number,
      size: number,
      signed: boolean,
    ): number => {
      const width = checkSize(size);
      const span = 256 ** width;
      checkValue(+value, signed ? -span / 2 : 0, signed ? span / 2 - 1 : span - 1);
      const at = checkOffset(bytes, offset, width);
      let rest = +value < 0 ? +value + span : +value;
      for (let i = 0; i < width; i++) {
        bytes[little ? at + i : at + width - 1 - i] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      return at + width;
    };
    methods[`readUInt${end}`] = function (offset: number, size: number) {
      return read(this, offset, size);
    };
    methods[`readInt${end}`] = function (offset: number, size: number) {
      const value = read(this, offset, size);
      return value >= 256 ** size / 2 ? value - 256 ** size : value;
    };
    methods[`writeUInt${end}`] = function (value: number, offset: number, size: number) {
      return write(this, value, offset, size, false);
    };
    methods[`writeInt${end}`] = function (value: number, offset: number, size: number) {
      return write(this, value, offset, size, true);
    };
  }
}

/** All of them, with Node's `Uint` spellings beside `UInt`. */
export function numberMethods(): Methods {
  const methods: Methods = {};
  addFixed(methods);
  addBig(methods);
  addVariable(methods);
  for (const name of Object.keys(methods)) {
    if (name.includes("UInt"))
      methods[name.replace("UInt", "Uint")] = methods[name] as Methods[string];
  }
  return methods;
}
