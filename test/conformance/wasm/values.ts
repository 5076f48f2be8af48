import type { CaseTable } from "../outcomes.ts";
import { exportsOf, nameOf } from "./load.ts";

const arithmetic = (): ReturnType<typeof exportsOf> => exportsOf("arithmetic");
const text = (value: unknown): string => (Object.is(value, -0) ? "-0" : String(value));
const NUMBERS: unknown[] = [
  0,
  -0,
  1,
  -1,
  1.9,
  -1.9,
  2 ** 31,
  2 ** 32 + 5,
  -(2 ** 33) - 1,
  Number.NaN,
  Infinity,
  "12",
  "x",
  "",
  null,
  undefined,
  true,
  [],
  [5],
  {},
];

export const valueCases: CaseTable = {
  "i32 conversions": () => NUMBERS.map((value) => text(arithmetic()["add"]?.(value, 0))),
  "i32 wraps": () => [arithmetic()["add"]?.(2 ** 31 - 1, 1), arithmetic()["add"]?.()],
  "f32 conversions": () => NUMBERS.map((value) => text(arithmetic()["f32"]?.(value))),
  "f32 rounds": () =>
    [1.1, 1e40, 1e-50, 16_777_217].map((value) => text(arithmetic()["f32"]?.(value))),
  "f64 conversions": () => NUMBERS.map((value) => text(arithmetic()["f64"]?.(value))),
  "i64 takes BigInts and what becomes one": () =>
    [0n, -1n, 2n ** 63n, 2n ** 64n + 3n, "7", true, [8]].map((value) =>
      text(arithmetic()["add64"]?.(value, 0n)),
    ),
  "i64 refuses the rest": () =>
    [1, undefined, null, Symbol("s"), "x", {}, 1.5].map((value) =>
      nameOf(() => arithmetic()["add64"]?.(value, 0n)),
    ),
  "symbols and BigInts are no numbers": () =>
    ["add", "f32", "f64"].map((name) => [
      nameOf(() => arithmetic()[name]?.(Symbol("s"))),
      nameOf(() => arithmetic()[name]?.(1n)),
    ]),
  "externref keeps identity": () => {
    const { ref } = arithmetic();
    const values = [{}, [], () => 1, Symbol("s"), "text", 5, 1n, Number.NaN, true, null, undefined];
    return values.map((value) => Object.is(ref?.(value), value));
  },
  "externref without an argument": () => text(arithmetic()["ref"]?.()),
  "funcref takes exported functions and null": () => {
    const { fun, add } = arithmetic();
    return [
      fun?.(add) === add,
      fun?.(null) === null,
      nameOf(() => fun?.(() => 1)),
      nameOf(() => fun?.(undefined)),
      nameOf(() => fun?.({})),
    ];
  },
  "several results are an array": () => {
    const result = arithmetic()["two"]?.(5, 6n) as unknown[];
    return [Array.isArray(result), result.map(String)];
  },
  "no result is undefined": () => arithmetic()["none"]?.() === undefined,
  "conversions run in order": () => {
    const order: string[] = [];
    const observed = (name: string) => ({ valueOf: () => (order.push(name), 1) });
    arithmetic()["add"]?.(observed("first"), observed("second"), observed("unused"));
    return order;
  },
  "a conversion that throws": () =>
    nameOf(() =>
      arithmetic()["add"]?.({
        valueOf() {
          throw new RangeError("mine");
        },
      }),
    ),
  loops: () => [1, 2, 10, 47].map((n) => arithmetic()["fib"]?.(n)),
  "exported functions": () => {
    const { add } = arithmetic();
    return [
      typeof add,
      add?.length,
      Object.isFrozen(arithmetic()),
      nameOf(() => Reflect.construct(add as never, [])),
      Object.hasOwn(add as object, "prototype"),
    ];
  },
  "imported functions": () => {
    const seen: unknown[] = [];
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer)[0] = 33;
    const table = new WebAssembly.Table({ element: "anyfunc", initial: 2 });
    const f = function (this: unknown, ...args: unknown[]): unknown {
      seen.push(this === undefined, args);
      return "41";
    };
    const { run, global, load } = exportsOf("imports", {
      m: { f: f as never, memory, g: 12, table },
    });
    return [run?.(3), seen, global?.(), load?.()];
  },
  "an import that is an export of another module": () => {
    const state = exportsOf("state");
    const memory = new WebAssembly.Memory({ initial: 1 });
    const table = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
    return nameOf(() =>
      exportsOf("imports", { m: { f: state["get"] as never, memory, g: 1, table } }),
    );
  },
  "a start function runs once": () => {
    let runs = 0;
    exportsOf("start", { m: { f: () => (runs += 1) as never } });
    return runs;
  },
};
