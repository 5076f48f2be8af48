/** TextEncoder, TextDecoder, atob and btoa. */
import type { CaseTable } from "./outcomes.ts";

const threw = (run: () => unknown): unknown => {
  try {
    const value = run();
    return { gave: value === undefined ? "undefined" : value };
  } catch (error) {
    return [(error as Error).name, (error as { code?: unknown }).code];
  }
};
const codes = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0) as number);

const ENCODINGS =
  "utf-8 ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr utf-16be utf-16le x-user-defined".split(
    " ",
  );
const LABELS = [
  "utf8",
  "UTF-8",
  " utf-8 ",
  "\tutf-8\n",
  "\vutf-8",
  "utf-8\0",
  "\u00a0utf-8",
  "unicode-1-1-utf-8",
  "latin1",
  "ascii",
  "l1",
  "iso-8859-1",
  "cp1252",
  "sjis",
  "csshiftjis",
  "utf-16",
  "ucs-2",
  "unicodefffe",
  "replacement",
  "hz-gb-2312",
  "iso-2022-kr",
  "utf-7",
  "utf-32",
  "",
  "x",
  "gb2312",
  "ks_c_5601-1987",
  "dos-874",
  "logical",
  "visual",
  "korean",
];

/** The same numbers in every runtime. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const TROUBLE = [
  0xef, 0xbb, 0xbf, 0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0x41, 0xd8, 0xdc, 0x3d, 0,
  0xff, 0xfe, 0xc3, 0xa9, 0x81, 0x30, 0xf4, 0x90, 0xc0,
];

function randomBytes(random: (below: number) => number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => TROUBLE[random(TROUBLE.length)] as number);
}

function legacy(encoding: string): unknown {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const random = generator(encoding.length * 7919);
  const decoder = new TextDecoder(encoding);
  const fatal = new TextDecoder(encoding, { fatal: true });
  const results: unknown[] = [decoder.encoding, codes(decoder.decode(all)).length];
  for (let i = 0; i < 40; i++) {
    const bytes = Uint8Array.from({ length: 1 + random(8) }, () =>
      random(3) ? 128 + random(128) : random(128),
    );
    results.push(
      codes(decoder.decode(bytes)),
      threw(() => fatal.decode(bytes).length),
    );
  }
  return results;
}

function streamed(encoding: string, options: TextDecoderOptions): unknown {
  const random = generator(encoding.length * 104729 + (options.fatal ? 1 : 0));
  const results: unknown[] = [];
  for (let i = 0; i < 120; i++) {
    const decoder = new TextDecoder(encoding, options);
    const pieces: unknown[] = [];
    const count = random(4);
    for (let piece = 0; piece <= count; piece++) {
      const bytes = randomBytes(random, random(5));
      const given = threw(() => codes(decoder.decode(bytes, { stream: piece < count })));
      pieces.push(given);
      // What a decoder holds after it has thrown differs between runtimes.
      if (Array.isArray(given)) break;
    }
    results.push(pieces);
  }
  return results;
}

const BASE64 = [
  "",
  "ab",
  " a b c d ",
  "YQ==",
  "YQ=",
  "YQ",
  "Y",
  "YWI=",
  "YWJj",
  "YWJjZ",
  "=",
  "==",
  "====",
  "ab=cd",
  "ab\vcd",
  "a\tb\nc\fd\r",
  "é",
  "ab==c",
  "ab===",
  "/A",
  "//A",
  "AA/",
  "AAAA/",
  "\0nonsense",
  "abcd\0nonsense",
  "YR==",
  "A-_B",
  "_",
  "\u2003YQ==",
  "a",
  "abc",
  "abcde",
];
const VALUES = [
  null,
  undefined,
  12,
  -0,
  true,
  NaN,
  Infinity,
  [1],
  {},
  1n,
  "",
  "a",
  "\u00ff",
  "\u0100",
  "\ud800",
];

export const cases: CaseTable = {
  ...Object.fromEntries(
    ENCODINGS.map((encoding) => [`decode ${encoding}`, () => legacy(encoding)]),
  ),
  labels: () => LABELS.map((label) => threw(() => new TextDecoder(label).encoding)),
  "utf-8 streams": () => streamed("utf-8", {}),
  "utf-8 streams, fatal": () => streamed("utf-8", { fatal: true }),
  "utf-8 streams, BOM kept": () => streamed("utf-8", { ignoreBOM: true }),
  "utf-16le streams": () => streamed("utf-16le", {}),
  "utf-16le streams, fatal": () => streamed("utf-16le", { fatal: true }),
  "utf-16be streams": () => streamed("utf-16be", {}),
  "shift_jis streams": () => streamed("shift_jis", {}),
  "gb18030 streams": () => streamed("gb18030", {}),
  "windows-1252 streams": () => streamed("windows-1252", {}),
  "decoder options": () => {
    const decoder = new TextDecoder("utf-8", { fatal: 1, ignoreBOM: "x" } as never);
    return [
      decoder.fatal,
      decoder.ignoreBOM,
      threw(() => new TextDecoder("utf-8", 1 as never)),
      threw(() => new TextDecoder(null as never)),
      new TextDecoder(undefined, null as never).encoding,
    ];
  },
  "decode takes": () => {
    const decoder = new TextDecoder();
    const inputs: unknown[] = [
      undefined,
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(1)),
      new Float64Array(1),
      null,
      "x",
      1,
      {},
      [65],
    ];
    return inputs.map((input) => threw(() => decoder.decode(input as never).length));
  },
  "decode of a shared buffer": () =>
    new TextDecoder().decode(new Uint8Array(new SharedArrayBuffer(2)).fill(65)),
  "BOM handling": () => {
    const bom = Uint8Array.of(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 65);
    const decoder = new TextDecoder();
    return [
      codes(decoder.decode(bom)),
      codes(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bom)),
      codes(decoder.decode(bom.subarray(0, 2), { stream: true })),
      codes(decoder.decode(bom.subarray(2))),
      codes(new TextDecoder("utf-16le").decode(Uint8Array.of(0xff, 0xfe, 65, 0))),
    ];
  },
  encode: () =>
    ["", "a", "é€😀", "a\ud800b", "\udc00\ud83d\ude00", null, undefined, 12, {}].map((value) => [
      ...new TextEncoder().encode(value as never),
    ]),
  "encode without an argument": () => new TextEncoder().encode().length,
  encodeInto: () =>
    ["a\ud800b", "\udc00\ud83d\ude00", "héé€😀x", ""].map((text) =>
      Array.from({ length: 13 }, (_, size) => {
        const target = new Uint8Array(size);
        const { read, written } = new TextEncoder().encodeInto(text, target);
        return [read, written, [...target]];
      }),
    ),
  "encodeInto refuses": () =>
    [new ArrayBuffer(1), new Uint16Array(1), new DataView(new ArrayBuffer(1)), [], null].map(
      (target) => threw(() => new TextEncoder().encodeInto("a", target as never)),
    ),
  atob: () => BASE64.map((text) => threw(() => codes(atob(text)))),
  "atob of values": () => VALUES.map((value) => threw(() => codes(atob(value as never)))),
  "btoa of values": () => VALUES.map((value) => threw(() => btoa(value as never))),
  "btoa of all bytes": () => btoa(String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))),
  "round trips": () => {
    const random = generator(42);
    return Array.from({ length: 50 }, (_, length) => {
      const text = String.fromCharCode(...Array.from({ length }, () => random(256)));
      return atob(btoa(text)) === text;
    });
  },
};
