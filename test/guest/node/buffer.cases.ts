import { Buffer, isAscii, isUtf8, transcode } from "node:buffer";
import { StringDecoder } from "node:string_decoder";

/** The same numbers everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const bytes = (random: () => number, max = 40): number[] =>
  Array.from({ length: Math.floor(random() * max) }, () => Math.floor(random() * 256));
const ENCODINGS = [
  "utf8",
  "hex",
  "base64",
  "base64url",
  "latin1",
  "ascii",
  "utf16le",
  "binary",
  "ucs2",
] as const;
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
const attempt = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return [(error as Error).name, (error as { code?: string }).code, (error as Error).message];
  }
};

export const cases: Record<string, () => unknown> = {
  "alloc may be called with new": () =>
    new (Buffer.alloc as unknown as new (size: number) => Buffer)(3).toString("hex"),
  "random bytes in every encoding and back": () => {
    const random = randomFrom(1);
    return Array.from({ length: 60 }, () => {
      const buffer = Buffer.from(bytes(random));
      return ENCODINGS.map((encoding) => {
        const text = buffer.toString(encoding);
        return [text, hex(Buffer.from(text, encoding)), Buffer.byteLength(text, encoding)];
      });
    });
  },
  "text that is not well formed": () =>
    ["\uD800", "a\uDC00b", "€\u{1F600}", "%zz", "", "\0"].map((text) => [
      hex(Buffer.from(text)),
      hex(Buffer.from(text, "utf16le")),
      hex(Buffer.from(text, "latin1")),
      Buffer.from(text).toString(),
    ]),
  "hex and base64 with rubbish": () =>
    ["abc", "zz11", "12zz34", "0x12"]
      .map((text) => hex(Buffer.from(text, "hex")))
      .concat(
        ["a", "a=", "YW Jj", "YWJj====", "_-8=", "+/8"].map((text) =>
          hex(Buffer.from(text, "base64")),
        ),
      ),
  "numbers read and written": () => {
    const random = randomFrom(2);
    const names = [
      "UInt8",
      "Int8",
      "UInt16LE",
      "UInt16BE",
      "Int16LE",
      "Int16BE",
      "UInt32LE",
      "UInt32BE",
      "Int32LE",
      "Int32BE",
      "FloatLE",
      "FloatBE",
      "DoubleLE",
      "DoubleBE",
      "BigUInt64LE",
      "BigInt64BE",
    ];
    const buffer = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)));
    const table = buffer as unknown as Record<string, (...args: unknown[]) => unknown>;
    return names.map((name) => {
      const value = table[`read${name}`]?.(8);
      const copy = Buffer.alloc(16) as unknown as Record<string, (...args: unknown[]) => unknown>;
      return [
        name,
        String(value),
        copy[`write${name}`]?.(value, 3),
        hex(copy as unknown as Uint8Array),
      ];
    });
  },
  "numbers of variable width": () => {
    const buffer = Buffer.from([0xff, 0x80, 1, 2, 3, 0xfe, 7]);
    return [1, 2, 3, 4, 5, 6].map((width) => [
      buffer.readIntLE(0, width),
      buffer.readIntBE(0, width),
      buffer.readUIntLE(1, width),
      buffer.readUIntBE(1, width),
    ]);
  },
  "numbers out of range": () => {
    const buffer = Buffer.alloc(4);
    return [
      attempt(() => buffer.readUInt32LE(1)),
      attempt(() => buffer.readUInt8(-1)),
      attempt(() => buffer.writeUInt8(256)),
      attempt(() => buffer.writeInt16BE(40_000)),
      attempt(() => buffer.readInt8(1.5)),
    ].map((item) => (Array.isArray(item) ? item.slice(0, 2) : item));
  },
  "slices share memory, copies do not": () => {
    const buffer = Buffer.from("hello");
    const part = buffer.subarray(1, 3);
    part[0] = 0x45;
    const old = buffer.slice(-2);
    old[0] = 0x4c;
    const copy = Uint8Array.prototype.slice.call(buffer, 0, 1);
    copy[0] = 0;
    return [
      buffer.toString(),
      Buffer.isBuffer(part),
      Buffer.isBuffer(old),
      part.byteOffset - buffer.byteOffset,
    ];
  },
  "search in all directions": () => {
    const buffer = Buffer.from("this is a buffer, is it");
    return [
      buffer.indexOf("is"),
      buffer.indexOf("is", 3),
      buffer.lastIndexOf("is"),
      buffer.lastIndexOf("is", -5),
      buffer.indexOf(Buffer.from("buffer")),
      buffer.indexOf(0x61),
      buffer.indexOf("zzz"),
      buffer.includes("it"),
      buffer.indexOf(""),
      buffer.indexOf("", 5),
      buffer.indexOf("is", -3),
      buffer.indexOf("6973", "hex"),
      buffer.lastIndexOf("this", 0),
      buffer.indexOf("is", 100),
      buffer.lastIndexOf(0x69, 6),
      buffer.indexOf("i", 2.9),
    ];
  },
  "fill, write and copy": () => {
    const filled = Buffer.alloc(7).fill("abc");
    const some = Buffer.alloc(6, "x").fill("ab", 1, 4).toString();
    const target = Buffer.alloc(5, ".");
    const copied = Buffer.from("12345678").copy(target, 1, 2);
    const written = Buffer.alloc(5, ".");
    const count = written.write("a€€", 1);
    return [
      filled.toString(),
      some,
      target.toString(),
      copied,
      count,
      hex(written),
      Buffer.alloc(4).fill(257)[0],
      Buffer.alloc(4).fill("6162", "hex").toString(),
      Buffer.alloc(3, "€").toString("hex"),
    ];
  },
  "comparison and order": () => {
    const list = [Buffer.from("b"), Buffer.from("a"), Buffer.from("ab"), Buffer.alloc(0)];
    return [
      list.toSorted(Buffer.compare).map(String),
      Buffer.from("abc").compare(Buffer.from("xbcx"), 1, 3, 1),
      Buffer.from("a").equals(Buffer.from("a")),
      Buffer.from("a").equals(new Uint8Array([98])),
    ];
  },
  "concat, of, JSON and array-likes": () => [
    Buffer.concat([Buffer.from("ab"), new Uint8Array([99])]).toString(),
    Buffer.concat([Buffer.from("abc")], 2).toString(),
    Buffer.concat([Buffer.from("a")], 3).toString("hex"),
    JSON.stringify(Buffer.from("hi")),
    Buffer.from({ length: 2, 0: 65, 1: 66 }).toString(),
    Buffer.from(JSON.parse(JSON.stringify(Buffer.from("x")))).toString(),
    Buffer.from(new String("boxed")).toString(),
    Buffer.of(1, 257).toString("hex"),
    Buffer.from(new Uint16Array([1, 258])).toString("hex"),
    Buffer.from([-1, 1.9, "7"]).toString("hex"),
  ],
  "what is refused": () =>
    [
      attempt(() => Buffer.from(5)),
      attempt(() => Buffer.from(null)),
      attempt(() => Buffer.alloc(-1)),
      attempt(() => Buffer.from("x", "nope")),
      attempt(() => Buffer.concat("x")),
      attempt(() => Buffer.byteLength(5)),
      attempt(() => Buffer.alloc("5")),
    ].map((item) => (Array.isArray(item) ? item.slice(0, 2) : item)),
  "swaps, iterators and class": () => {
    const buffer = Buffer.from("0102030405060708", "hex");
    return [
      hex(Buffer.from(buffer).swap16()),
      hex(Buffer.from(buffer).swap32()),
      hex(Buffer.from(buffer).swap64()),
      [...buffer.keys()].length,
      Buffer.name,
      buffer.constructor === Buffer,
      Object.prototype.toString.call(buffer),
      buffer instanceof Uint8Array,
      Buffer.isEncoding("UTF-8"),
      Buffer.isEncoding("x"),
      Buffer.poolSize,
    ];
  },
  "toString ranges": () =>
    ["abcdef"].flatMap((text) => [
      Buffer.from(text).toString("utf8", 1, 3),
      Buffer.from(text).toString("utf8", -2),
      Buffer.from(text).toString(undefined, 2),
      Buffer.from(text).toString("utf8", 4, 2),
      Buffer.from(text).toString("utf8", 1.7, 99),
    ]),
  "isAscii, isUtf8 and transcode": () => [
    isAscii(Buffer.from("é")),
    isUtf8(Buffer.from([0xff])),
    isUtf8(Buffer.from("é")),
    hex(transcode(Buffer.from("€"), "utf8", "utf16le")),
    hex(transcode(Buffer.from("é"), "utf8", "latin1")),
  ],
  "StringDecoder over every split": () => {
    const source = Buffer.from("a€\u{1F600}é\uFFFDz");
    return Array.from({ length: source.length }, (_, at) => {
      const decoder = new StringDecoder("utf8");
      return [
        decoder.write(source.subarray(0, at)),
        decoder.write(source.subarray(at)),
        decoder.end(),
      ];
    });
  },
  "StringDecoder in other encodings": () =>
    (["base64", "hex", "utf16le", "latin1"] as const).map((encoding) => {
      const decoder = new StringDecoder(encoding);
      return [1, 2, 3, 4, 5]
        .map((size) => decoder.write(Buffer.alloc(size, 0x61)))
        .concat(decoder.end());
    }),
  "StringDecoder with what never becomes text": () => {
    const decoder = new StringDecoder("utf8");
    return [
      decoder.write(Buffer.from([0xe2, 0x82])),
      decoder.end(),
      decoder.write(Buffer.from([0xff, 0xc3])),
      decoder.end(Buffer.from([0x28])),
    ];
  },
};
