import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DIRTY_SHIFT, DIRTY_TABLE, STACK_HIGH, STATIC_END } from "../../src/executor/engine/abi.ts";
import { bootCore, bootKernel } from "../../src/executor/engine/boot.ts";
import { captureImage, restoreImage } from "../../src/executor/engine/image.ts";
import type { Image } from "../../src/executor/engine/image.ts";
import { Machine } from "../../src/executor/engine/machine.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";

let machine: Machine;
let image: Image;
let other: Image;

beforeAll(async () => {
  const [module, sources] = await Promise.all([engineModule(), guestSources()]);
  machine = new Machine(module, 2048);
  machine.hooks = { ...machine.hooks, call: (id) => (id === 0 ? 1 : undefined) };
  bootKernel(machine, sources["kernel"] ?? "");
  image = captureImage(machine);
  bootCore(machine, sources["core"]);
  other = captureImage(machine);
});

const firstDifference = (bytes: Uint8Array, start: number, expected: Uint8Array): number =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, expected.length).equals(expected)
    ? -1
    : expected.findIndex((byte, i) => byte !== bytes[start + i]) + start;

const ZEROS = Buffer.alloc(64 * 1024 * 1024);

const isZero = (bytes: Uint8Array, from: number, to: number): boolean =>
  Buffer.from(bytes.buffer, from, to - from).equals(ZEROS.subarray(0, to - from));

function expectExactly(expected: Image): void {
  const { bytes } = machine;
  const end = STACK_HIGH + expected.heap.length;
  expect(firstDifference(bytes, 0, expected.statics)).toBe(-1);
  expect(firstDifference(bytes, STACK_HIGH, expected.heap)).toBe(-1);
  expect(isZero(bytes, end, bytes.length)).toBe(true);
  const heapBlocks = DIRTY_TABLE + (STACK_HIGH >> DIRTY_SHIFT) + 1;
  expect(isZero(bytes, heapBlocks, DIRTY_TABLE + (bytes.length >> DIRTY_SHIFT))).toBe(true);
  // What lies above the table is the C stack.
  expect(isZero(bytes, STATIC_END, DIRTY_TABLE)).toBe(true);
  expect(isZero(bytes, 3_000_000, STACK_HIGH)).toBe(true);
}

/** Loops of JavaScript and of native code; texts beyond the heap, and in it. */
const ENDLESS = [
  "for (;;);",
  "const secret = 'x'.repeat(9999); const held = []; for (;;) held.push({ secret: secret + held.length }), held.length > 99 && held.splice(0);",
  "(function deep(n) { for (let i = 0; i < 1000; i++); return deep(n + 1) + 1; })(0)",
  "Array.prototype.indexOf.call({ length: 2 ** 32 - 2 }, 1)",
  "[...'x'.repeat(5000)].sort(() => { for (;;); })",
  "JSON.stringify({ get a() { for (;;); } })",
  "'a'.repeat(30).match(/(a+)+b/)",
  `/* ${"far ".repeat(50_000)} */ for (;;);`,
];

const PROGRAMS = [
  "globalThis.leak = { secret: 'x'.repeat(1000) }",
  "Array.prototype.leak = 1; Object.prototype.leak = 2",
  "globalThis.m = new Map(Array.from({ length: 500 }, (_, i) => [i, 'v' + i]))",
  "new Uint8Array(200000).fill(0xab).copyWithin(7, 99, 5000)",
  "globalThis.b = new Float64Array(3000).map((_, i) => i / 3); b.sort((x, y) => y - x); b.reverse()",
  "JSON.parse(JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ i, s: 'é' + i }))))",
  "'The quick brown fox '.repeat(100).replace(/(\\w+) (\\w+)/g, '$2 $1').split(' ').sort().join('-')",
  "globalThis.g = (function* () { for (;;) yield new Date().toISOString() })(); g.next(); g.next()",
  "(async () => { for (let i = 0; i < 50; i++) await i; globalThis.done = 1 })()",
  "globalThis.f = eval('(function deep(n) { return n === 0 ? 0 : 1 + deep(n - 1) })'); f(200)",
  "let x = 3n ** 3000n; globalThis.big = x * x % 1234567891011n",
  "class A { #p = 1; static s = new WeakRef({}); get p() { return this.#p } } globalThis.a = [new A(), new A().p, A.s]",
  "const grow = []; for (let i = 0; i < 200; i++) grow.push(new Array(500).fill(i)); globalThis.grow = grow",
  "globalThis.sym = Symbol('s'); globalThis[sym] = new Proxy({}, { get: () => 1 }); delete globalThis.JSON",
  "try { null.x } catch (e) { globalThis.err = e.stack }",
  "Promise.reject(new Error('unhandled'))",
  "const buffer = new ArrayBuffer(64); new DataView(buffer).setFloat64(3, NaN); globalThis.t = structuredCloneLike = [...new Uint8Array(buffer)]",
];

function runProgram(source: string): void {
  try {
    machine.free(machine.evaluate(source, "test.js"));
    machine.drain();
  } catch {
    // What a program throws is part of what is to be undone.
  }
}

describe("restoring an image", () => {
  test("undoes whatever ran, byte for byte, by the blocks that were written", () => {
    restoreImage(machine, image);
    expectExactly(image);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PROGRAMS), { minLength: 1, maxLength: 6 }),
        (programs) => {
          for (const source of programs) runProgram(source);
          restoreImage(machine, image);
          expectExactly(image);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("undoes it in the same way when another image is put in", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROGRAMS), fc.boolean(), (source, first) => {
        restoreImage(machine, first ? image : other);
        runProgram(source);
        const next = first ? other : image;
        restoreImage(machine, next);
        expectExactly(next);
      }),
      { numRuns: 30 },
    );
  });

  test("undoes a run that was stopped in its middle, wherever that was", () => {
    // Room for source texts far beyond the heap.
    machine.memory.grow(512);
    machine.renewViews();
    fc.assert(
      fc.property(
        fc.constantFrom(...ENDLESS),
        fc.integer({ min: 1, max: 40 }),
        (program, checks) => {
          restoreImage(machine, image);
          let left = checks;
          machine.hooks = { ...machine.hooks, interrupted: () => --left <= 0 };
          expect(() => machine.free(machine.evaluate(program, "endless.js"))).toThrow();
          machine.reset();
          restoreImage(machine, image);
          expectExactly(image);
          machine.hooks = { ...machine.hooks, interrupted: () => false };
          machine.free(machine.evaluate("[1, 2].map((n) => n * 2).join()", "after.js"));
          restoreImage(machine, image);
          expectExactly(image);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("undoes what the host wrote: strings, bytes and arguments", () => {
    restoreImage(machine, image);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 2000 }),
        fc.uint8Array({ maxLength: 3000 }),
        (text, bytes) => {
          machine.enter([0, 1, "nothing", text, bytes, 1.5, true]);
          machine.free(machine.newValue(text));
          restoreImage(machine, image);
          expectExactly(image);
        },
      ),
    );
  });
});
