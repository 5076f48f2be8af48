/** The methods of Buffer that deal with text and ranges. */
import { bindHost } from "../bridge.ts";
import { invalidType, nodeError, outOfRange } from "./errors.ts";

export interface BufferTools {
  wrap(bytes: Uint8Array): Uint8Array;
  compareBytes(a: Uint8Array, b: Uint8Array): number;
  decodeText(bytes: Uint8Array, encoding: string): string;
  encodeText(text: string, encoding: string): Uint8Array;
  requireEncoding(encoding: unknown): string;
}

type Methods = Record<string, (this: Uint8Array, ...args: never[]) => unknown>;
const search = bindHost("buffer.indexOf");

const clamp = (value: unknown, low: number, high: number, absent: number): number => {
  if (value === undefined) return absent;
  const number = Math.trunc(Number(value)) || 0;
  return Math.min(Math.max(number, low), high);
};

export function bufferMethods(tools: BufferTools): Methods {
  return {
    ...textMethods(tools),
    ...rangeMethods(tools),
    ...searchMethods(tools),
    ...swapMethods(),
  };
}

function textMethods({ decodeText, encodeText, requireEncoding }: BufferTools): Methods {
  const methods: Methods = {
    toString(this: Uint8Array, encoding?: string, start?: number, end?: number) {
      const from = clamp(start, 0, this.length, 0);
      const to = clamp(end, 0, this.length, this.length);
      if (to <= from) return "";
      return decodeText(
        from === 0 && to === this.length ? this : this.subarray(from, to),
        requireEncoding(encoding),
      );
    },
    toJSON() {
      return { type: "Buffer", data: Array.from(this) };
    },
    write(text: string, second?: unknown, third?: unknown, fourth?: unknown) {
      if (typeof text !== "string") throw invalidType("string", "of type string", text);
      const [offset, length, encoding] =
        typeof second === "string"
          ? [0, undefined, second]
          : typeof third === "string"
            ? [second, undefined, third]
            : [second, third, fourth];
      const at = offset === undefined ? 0 : Number(offset);
      if (at < 0 || at > this.length) throw outOfRange("offset", `>= 0 && <= ${this.length}`, at);
      const room = Math.min(length === undefined ? Infinity : Number(length), this.length - at);
      const name = requireEncoding(encoding);
      const bytes = encodeText(text, name);
      const size = whole(bytes, room, name);
      this.set(bytes.length > size ? bytes.subarray(0, size) : bytes, at);
      return size;
    },
  };
  for (const name of ["utf8", "hex", "base64", "base64url", "latin1", "ascii", "ucs2"]) {
    methods[`${name}Slice`] = function (this: Uint8Array, start?: number, end?: number) {
      return decodeText(this.subarray(start ?? 0, end), requireEncoding(name));
    };
    methods[`${name}Write`] = function (
      this: Uint8Array,
      text: string,
      offset?: number,
      length?: number,
    ) {
      return (methods["write"] as unknown as (...args: unknown[]) => number).call(
        this,
        text,
        offset ?? 0,
        length,
        name,
      );
    };
  }
  methods["toLocaleString"] = methods["toString"] as Methods[string];
  return methods;
}

/** How many bytes fit without cutting a character in two. */
function whole(bytes: Uint8Array, room: number, encoding: string): number {
  if (bytes.length <= room) return bytes.length;
  if (encoding === "utf16le") return room - (room % 2);
  let size = room;
  if (encoding === "utf8") while (size > 0 && ((bytes[size] as number) & 0xc0) === 0x80) size--;
  return size;
}

function rangeMethods({ wrap, compareBytes, encodeText, requireEncoding }: BufferTools): Methods {
  return {
    slice(start?: number, end?: number) {
      return wrap(this.subarray(start, end));
    },
    equals(other: Uint8Array) {
      if (!(other instanceof Uint8Array))
        throw invalidType("otherBuffer", "an instance of Buffer or Uint8Array", other);
      return this.length === other.length && compareBytes(this, other) === 0;
    },
    compare(
      this: Uint8Array,
      other: Uint8Array,
      otherStart = 0,
      otherEnd = other?.length,
      start = 0,
      end = this.length,
    ) {
      if (!(other instanceof Uint8Array))
        throw invalidType("target", "an instance of Buffer or Uint8Array", other);
      if (otherStart < 0 || otherEnd > other.length || start < 0 || end > this.length)
        throw outOfRange("range", "inside both buffers", otherStart);
      return compareBytes(
        this.subarray(start, Math.max(start, end)),
        other.subarray(otherStart, Math.max(otherStart, otherEnd)),
      );
    },
    copy(target: Uint8Array, targetStart?: number, start?: number, end?: number) {
      if (!(target instanceof Uint8Array))
        throw invalidType("target", "an instance of Buffer or Uint8Array", target);
      const to = clamp(targetStart, 0, Infinity, 0);
      if (Number(targetStart) < 0) throw outOfRange("targetStart", ">= 0", targetStart);
      if (Number(start) < 0 || Number(start) > this.length)
        throw outOfRange("sourceStart", `>= 0 && <= ${this.length}`, start);
      const from = clamp(start, 0, this.length, 0);
      const upTo = clamp(end, 0, this.length, this.length);
      const count = Math.max(0, Math.min(upTo - from, target.length - to));
      if (count > 0) target.set(this.subarray(from, from + count), to);
      return count;
    },
    fill(value: unknown, second?: unknown, third?: unknown, fourth?: unknown) {
      const [start, end, encoding] =
        typeof second === "string"
          ? [0, undefined, second]
          : typeof third === "string"
            ? [second, undefined, third]
            : [second, third, fourth];
      const from = clamp(start, 0, this.length, 0);
      const to = clamp(end, 0, this.length, this.length);
      if (Number(start) < 0 || Number(end) > this.length)
        throw outOfRange("offset", `>= 0 && <= ${this.length}`, end ?? start);
      const pattern =
        typeof value === "string" ? encodeText(value, requireEncoding(encoding)) : value;
      if (!(pattern instanceof Uint8Array))
        Uint8Array.prototype.fill.call(this, Number(pattern) & 255, from, to);
      else if (pattern.length > 0)
        for (let i = from; i < to; i++) this[i] = pattern[(i - from) % pattern.length] as number;
      else if (value === "") Uint8Array.prototype.fill.call(this, 0, from, to);
      else
        throw nodeError(
          TypeError,
          "ERR_INVALID_ARG_VALUE",
          "The argument 'value' is invalid. Received an empty buffer",
        );
      return this;
    },
  };
}

function searchMethods({ encodeText, requireEncoding }: BufferTools): Methods {
  const find = (
    bytes: Uint8Array,
    value: unknown,
    offset: unknown,
    encoding: unknown,
    backwards: boolean,
  ): number => {
    const name = typeof offset === "string" ? offset : encoding;
    const start = typeof offset === "string" ? Number.NaN : Number(offset ?? Number.NaN);
    const absent = backwards ? bytes.length - 1 : 0;
    let at = Number.isNaN(start) ? absent : Math.trunc(start);
    if (at < 0) at += bytes.length;
    if (at < 0) {
      if (backwards) return -1;
      at = 0;
    }
    if (typeof value === "number") {
      return backwards
        ? Uint8Array.prototype.lastIndexOf.call(bytes, value & 255, at)
        : Uint8Array.prototype.indexOf.call(bytes, value & 255, at);
    }
    const needle = typeof value === "string" ? encodeText(value, requireEncoding(name)) : value;
    if (!(needle instanceof Uint8Array))
      throw invalidType(
        "value",
        "one of type number or string or an instance of Buffer or Uint8Array",
        value,
      );
    if (needle.length === 0) return Math.min(at, bytes.length);
    return search(bytes, needle, at, backwards) as number;
  };
  return {
    indexOf(value: unknown, offset?: unknown, encoding?: unknown) {
      return find(this, value, offset, encoding, false);
    },
    lastIndexOf(value: unknown, offset?: unknown, encoding?: unknown) {
      return find(this, value, offset, encoding, true);
    },
    includes(value: unknown, offset?: unknown, encoding?: unknown) {
      return find(this, value, offset, encoding, false) !== -1;
    },
  };
}

function swapMethods(): Methods {
  const methods: Methods = {};
  for (const bits of [16, 32, 64]) {
    const width = bits / 8;
    methods[`swap${bits}`] = function (this: Uint8Array) {
      if (this.length % width !== 0)
        throw nodeError(
          RangeError,
          "ERR_INVALID_BUFFER_SIZE",
          `Buffer size must be a multiple of ${bits}-bits`,
        );
      for (let i = 0; i < this.length; i += width) this.subarray(i, i + width).reverse();
      return this;
    };
  }
  return methods;
}
