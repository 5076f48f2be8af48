/** Deno.inspect: the text of every kind of value, and what each option makes of it. */
import type { CaseTable } from "./outcomes.ts";

type Options = Record<string, unknown>;
declare const Deno: { inspect(value: unknown, options?: Options): string };

const custom = Symbol.for("Deno.customInspect");
const nodeCustom = Symbol.for("nodejs.util.inspect.custom");
class Plain {
  a = 1;
}
class Derived extends Plain {
  b = { c: [1, 2] };
}
const sparse = (length: number, items: Record<number, unknown>): unknown[] =>
  Object.assign([], { length, ...items });
const circular = (): object => {
  const value: Record<string, unknown> = { name: "root", list: [1] };
  value["self"] = value;
  value["inner"] = { list: value["list"], up: value };
  return value;
};
const withProperties = (value: object): object => Object.assign(value, { more: 1 });
const bare = (value: object): object => Object.setPrototypeOf(value, null) as object;
const deep = (levels: number): object =>
  levels === 0 ? { end: 1 } : { [`l${levels}`]: deep(levels - 1) };
const wide = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`member${i}`, i * 1000]));
const long = "a long text that has to be broken ".repeat(4);

/** Each value by what it is. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  numbers: () => [0, -0, 1.5, NaN, -Infinity, 1e21, 5n],
  strings: () => ["a", "it's", 'say "hi"', "`\"'", "\u0007\n\\", "\ud800", "é中😀"],
  "a long text": () => ({ long }),
  "a text of several lines": () => ["one line is here\nand the second one is longer\nthree"],
  "very long text": () => ["x".repeat(10_050)],
  symbols: () => [
    Symbol(),
    Symbol(""),
    Symbol("a.b"),
    Symbol("a b"),
    Symbol("\n"),
    Symbol.iterator,
  ],
  "symbol keys": () => ({ [Symbol("k\n")]: 1, [Symbol.for("x y")]: 2 }),
  keys: () => ({ a: 1, "b-c": 2, 3: 4, "": 5, $d: 6, "e\n": 7 }),
  "nothing and no value": () => [null, undefined, [null], { a: undefined }],
  boxes: () => [Object(1), Object("s"), Object(true), Object(1n), Object(Symbol("q r"))],
  "boxes with properties": () => withProperties(Object("text") as object),
  dates: () => [new Date(0), new Date(NaN), withProperties(new Date(5))],
  patterns: () => [/a\/b/giu, withProperties(/x/)],
  "short arrays": () => [[], [1, 2, 3], [[], [[]]], ["a", ["b", ["c"]]]],
  "number columns": () => Array.from({ length: 30 }, (_, i) => i ** 3),
  "text columns": () => Array.from({ length: 20 }, (_, i) => "w".repeat((i * 7) % 11)),
  "wide text columns": () => ["你好", "世界", "a", "bb", "ccc", "dddd", "é"],
  "more than a hundred": () => Array.from({ length: 150 }, (_, i) => i),
  holes: () => [sparse(2, { 1: 1 }), sparse(3, {}), sparse(9, { 1: "a", 3: "b", 4: "c", 7: "d" })],
  "an array with names": () => Object.assign([1, 2], { name: "x", [-1]: 3 }),
  "seven and a name": () => Object.assign([1, 2, 3, 4, 5, 6, 7], { name: "x" }),
  maps: () => [new Map(), new Map([["a", { b: 1 }]]), new Map([[{ k: [1] }, new Map([[1, 2]])]])],
  sets: () => [new Set(), new Set([1, "a"]), new Set([[1], new Set([2])])],
  "a big map": () => new Map(Array.from({ length: 120 }, (_, i) => [i, i])),
  weak: () => [new WeakMap(), new WeakSet()],
  views: () => [
    new Uint8Array(3),
    new Float64Array([1.5, -0]),
    new BigInt64Array(1),
    new Uint8Array(),
  ],
  "a long view": () => new Uint16Array(120),
  buffers: () => [new ArrayBuffer(3), new DataView(new ArrayBuffer(2), 1), new ArrayBuffer(120)],
  "a buffer that is gone": () => {
    const buffer = new ArrayBuffer(2);
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  },
  functions: () => [
    () => 1,
    function named() {},
    async () => 1,
    function* g() {},
    async function* h() {},
  ],
  classes: () => [Plain, Derived, class extends Plain {}],
  "functions with properties": () => Object.assign(() => 1, { a: 1, f: (x: unknown) => x }),
  instances: () => [new Plain(), new Derived(), Plain.prototype, Object.create(Plain.prototype)],
  subclasses: () => [
    new (class List extends Array {})(2),
    new (class Table extends Map {})(),
    new (class Bag extends Set {})([1]),
    new (class Bytes extends Uint8Array {})(2),
    new (class Day extends Date {})(0),
    new (class Pattern extends RegExp {})("x"),
  ],
  "without a prototype": () => [
    bare({ a: 1 }),
    bare([1]),
    bare(new Map([[1, 2]])),
    bare(new Set([1])),
    bare(new Date(0)),
    bare(/x/),
    bare(function f() {}),
    bare(async function f() {}),
  ],
  tags: () => [{ [Symbol.toStringTag]: "Tag", a: 1 }, Math, JSON, Reflect],
  accessors: () => ({
    get a() {
      return 1;
    },
    set b(_value: unknown) {},
    get c() {
      return { d: 1 };
    },
    set c(_value: unknown) {},
  }),
  "accessors that throw": () => ({
    get a(): never {
      throw new Error("no");
    },
  }),
  "a tag that throws": () => ({
    a: 1,
    get [Symbol.toStringTag](): string {
      throw new Error("no");
    },
  }),
  circles: () => [circular(), Object.assign([1], {})],
  depths: () => [deep(3), deep(6), [[[[[[1]]]]]], new Map([[1, deep(5)]])],
  "many members": () => wide,
  "members on a line": () => ({ a: { b: { c: {} } }, d: [{ e: 1 }], f: "text", g: [[]] }),
  arguments: () =>
    (function (..._values: unknown[]) {
      // oxlint-disable-next-line prefer-rest-params -- the object itself is what is shown
      return arguments;
    })(1, "a"),
  "custom texts": () => [
    { [custom]: () => "own" },
    { deep: { [custom]: () => "two\nlines" } },
    { [custom]: () => ({ other: 1 }) },
    { [custom]: () => 5 },
  ],
  "custom texts that ask on": () => ({
    [custom]: (inspect: (value: unknown) => string) => `<${inspect({ a: [1] })}>`,
  }),
  "Node's custom texts": () => [
    { [nodeCustom]: (depth: number) => `depth ${depth}` },
    { a: { [nodeCustom]: () => "two\nlines" } },
  ],
  urls: () => [new URL("https://u:p@h.test:1/p?q#f"), new URLSearchParams("a=1&b=2")],
  headers: () => [new Headers(), new Headers([["a", "b"]]), { h: new Headers({ "x-y": "z" }) }],
  "long headers": () =>
    new Headers({ "content-type": "application/json", "content-length": "1337" }),
  cookies: () =>
    new Headers([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]),
  requests: () =>
    new Request("https://h.test/", { method: "POST", body: "x", headers: { a: "b" } }),
  responses: () => [new Response(), new Response("body", { status: 201 })],
  blobs: () => [new Blob(["abc"], { type: "a/b" }), new File(["x"], "n.txt", { lastModified: 1 })],
  prototypes: () => [Request.prototype, Response.prototype, Blob.prototype],
  forms: () => {
    const form = new FormData();
    form.append("a", "b");
    return [new FormData(), form];
  },
  streams: () => [new ReadableStream(), new WritableStream(), new TransformStream()],
  coders: () => [new TextEncoder(), new TextDecoder(), new TextDecoderStream()],
  signals: () => [new AbortController(), new AbortController().signal],
  strategies: () => new CountQueuingStrategy({ highWaterMark: 2 }),
  "a locale": () => new Intl.Locale("de-Latn-DE"),
};

const OPTIONS: Readonly<Record<string, [value: () => unknown, options: Options]>> = {
  "depth 0": [() => ({ a: { b: 1 }, c: [1], d: [], e: {} }), { depth: 0 }],
  "depth 1": [() => [deep(3), new Plain(), { p: new Derived() }], { depth: 1 }],
  "no compaction": [
    () => ({ a: [1, { b: {} }], c: new Map([["k", { v: 1 }]]) }),
    { compact: false },
  ],
  "as assertions print": [
    () => ({ b: [2, 1], a: new Set(["y", "x"]), c: { d: [] } }),
    {
      compact: false,
      sorted: true,
      trailingComma: true,
      depth: Infinity,
      getters: true,
      iterableLimit: Infinity,
      strAbbreviateSize: Infinity,
    },
  ],
  sorted: [
    () => [{ b: 1, a: 2 }, new Set(["b", "a"]), Object.assign([2, 1], { z: 1, y: 2 })],
    { sorted: true },
  ],
  "getters shown": [VALUES["accessors"] as () => unknown, { getters: true }],
  "getters that throw": [VALUES["accessors that throw"] as () => unknown, { getters: true }],
  "hidden members": [
    () => [[1], Object.create({}, { h: { value: 1 } }), new Uint8Array(1), (a: unknown) => a],
    { showHidden: true },
  ],
  "few items": [
    () => [
      [1, 2, 3],
      new Set([1, 2, 3]),
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    { iterableLimit: 1 },
  ],
  "short texts": [() => ["abcdefgh", { a: "abcdefgh" }], { strAbbreviateSize: 3 }],
  "short lines": [() => ({ a: { b: 1, c: 2 }, d: [1, 2, { e: 3 }] }), { breakLength: 12 }],
  "endless lines": [() => [wide, long], { breakLength: Infinity }],
  unescaped: [() => "a\nb", { escapeSequences: false }],
  "a comma at the end": [
    () => [wide, Array.from({ length: 30 }, (_, i) => i)],
    { trailingComma: true },
  ],
};

const COLORED = [
  "numbers",
  "strings",
  "symbols",
  "symbol keys",
  "keys",
  "nothing and no value",
  "boxes",
  "dates",
  "patterns",
  "number columns",
  "holes",
  "maps",
  "functions",
  "classes",
  "accessors",
  "circles",
  "depths",
  "buffers",
  "weak",
];

/** Frames are a runtime's own. */
const withoutFrames = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join("\n");

class Named extends Error {}
class Renamed extends Error {
  override name = "Renamed";
}
const ERRORS: Readonly<Record<string, () => unknown>> = {
  plain: () => new TypeError("what"),
  "without a message": () => new Error(),
  "with a cause": () => new Error("outer", { cause: "inner" }),
  "with a cause that is an object": () => new Error("outer", { cause: { code: 1 } }),
  "with properties": () => Object.assign(new Error("m"), { code: "E", more: { a: 1 } }),
  "of a class": () => new Named("m"),
  "with a name of its own": () => new Renamed("m"),
  "renamed later": () => Object.assign(new Error("m"), { name: "Later" }),
  "of several": () => new AggregateError([new Error("a"), 1], "many"),
  "in an object": () => ({ a: new RangeError("r"), b: [new Error("x")] }),
  "without a stack": () => Object.assign(new Error("m"), { stack: undefined }),
  "with a stack of its own": () => Object.assign(new Error("m"), { stack: "mine" }),
  "of the DOM": () => new DOMException("m", "DataError"),
  "of several lines": () => new Error("one\ntwo"),
};

export const cases: CaseTable = Object.fromEntries([
  ...Object.entries(VALUES).map(([name, value]) => [name, () => Deno.inspect(value())]),
  ...Object.entries(OPTIONS).map(([name, [value, options]]) => [
    name,
    () => Deno.inspect(value(), options),
  ]),
  ...COLORED.map((name) => [
    `${name}, in colors`,
    () => Deno.inspect(VALUES[name]?.(), { colors: true }),
  ]),
  ...Object.entries(ERRORS).map(([name, error]) => [
    `an error ${name}`,
    () => withoutFrames(Deno.inspect(error())),
  ]),
] as [string, () => unknown][]);
