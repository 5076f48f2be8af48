import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bootKernel } from "../../src/executor/engine/boot.ts";
import { Machine } from "../../src/executor/engine/machine.ts";
import { engineModule } from "../../src/executor/wasm/module.ts";
import { guestSources } from "../../src/executor/guest-sources.ts";
import type { HostValue } from "../../src/executor/host/host-function.ts";

let machine: Machine;

beforeAll(async () => {
  machine = new Machine(await engineModule(), 1024);
  machine.hooks = { ...machine.hooks, call: (_id, args) => args[0] };
  bootKernel(machine, (await guestSources())["kernel"] ?? "");
});

/** Through the guest and back; bytes are copied out of the sandbox's memory. */
function roundTrip(value: HostValue, expression = "v => v"): HostValue {
  const identity = machine.evaluate(`(${expression})`, "test.js");
  const result = machine.call(identity, [machine.newValue(value)]);
  const seen = machine.read(result);
  machine.free(identity);
  const copy = seen instanceof Uint8Array ? seen.slice() : seen;
  machine.free(result);
  return copy;
}

describe("a value that crosses to the guest and back", () => {
  test("is the same for every string, lone surrogates and NUL included", () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 });
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        expect(roundTrip(text)).toBe(text);
      }),
    );
  });

  test("is the same for every number", () => {
    fc.assert(
      fc.property(fc.double(), (number) => expect(Object.is(roundTrip(number), number)).toBe(true)),
    );
    for (const number of [
      0,
      -0,
      1,
      -1,
      2 ** 31,
      -(2 ** 31),
      2 ** 53,
      Number.NaN,
      Infinity,
      -Infinity,
    ]) {
      expect(Object.is(roundTrip(number), number)).toBe(true);
    }
  });

  test("is the same for bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        expect(roundTrip(bytes)).toEqual(bytes),
      ),
    );
  });

  test("is the same for undefined, null and booleans", () => {
    for (const value of [undefined, null, true, false]) expect(roundTrip(value)).toBe(value);
  });

  test.each([
    [
      "a rope",
      "() => { let s = ''; for (let i = 0; i < 5000; i++) s += 'é\\u0000' + i; return s }",
      () => Array.from({ length: 5000 }, (_, i) => `é\0${i}`).join(""),
    ],
    [
      "a wide rope",
      "() => { let s = ''; for (let i = 0; i < 5000; i++) s += '\\ud800' + i; return s }",
      () => Array.from({ length: 5000 }, (_, i) => `\ud800${i}`).join(""),
    ],
    [
      "a slice of a long string",
      "() => '0123456789'.repeat(3000).slice(7, 20007)",
      () => "0123456789".repeat(3000).slice(7, 20_007),
    ],
    [
      "a slice of a wide string",
      "() => '\\u0100\\u0101'.repeat(9000).slice(3, 17000)",
      () => "\u0100\u0101".repeat(9000).slice(3, 17_000),
    ],
  ])("reads %s exactly", (_name, expression, expected) => {
    expect(roundTrip(undefined, expression) === expected()).toBe(true);
  });

  test("reads a subarray from its own offset", () => {
    expect(roundTrip(undefined, "() => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)")).toEqual(
      new Uint8Array([2, 3, 4]),
    );
  });

  test("refuses what has no plain form", () => {
    for (const expression of [
      "() => 10n",
      "() => Symbol()",
      "() => ({})",
      "() => new Uint16Array(2)",
    ]) {
      expect(() => roundTrip(undefined, expression)).toThrow(TypeError);
    }
  });
});
