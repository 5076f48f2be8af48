import { expect, test } from "bun:test";
import fc from "fast-check";
import { instrument } from "../../src/executor/host/wasm/instrument.ts";
import { readModule } from "../../src/executor/host/wasm/module-shape.ts";
import { TEXTS } from "../conformance/wasm/texts.ts";
import { assembleWat } from "../support/wat.ts";

const LIMITS = { memoryPages: 1_024 };
const MODULES = Object.values(TEXTS).map(assembleWat);
const HEADER_BYTES = 8;

interface Change {
  at: number;
  byte: number;
}

function changed(module: Uint8Array, changes: Change[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(module);
  for (const { at, byte } of changes)
    bytes[HEADER_BYTES + (at % (bytes.byteLength - HEADER_BYTES))] = byte;
  return bytes;
}

/** What becomes of a module: "refused" by name, or whether the engine takes the result. */
function rewritten(bytes: Uint8Array): boolean | "refused" {
  try {
    return WebAssembly.validate(instrument(bytes, readModule(bytes), LIMITS));
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownForm") return "refused";
    throw error;
  }
}

test("every module of the cases is valid after the checks are written in", () => {
  expect(MODULES.map(rewritten)).toEqual(MODULES.map(() => true));
});

test("a valid module stays valid or is refused by name, whatever its bytes are", () => {
  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
  let valid = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...MODULES),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (module, changes) => {
        const bytes = changed(module, changes);
        if (!WebAssembly.validate(bytes)) return;
        valid += 1;
        expect([true, "refused"]).toContain(rewritten(bytes));
      },
    ),
    { numRuns: 5_000 },
  );
  expect(valid).toBeGreaterThan(100);
});

test("bytes that are no module are refused or read, never looped over", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...tail]);
      try {
        instrument(bytes, readModule(bytes), LIMITS);
      } catch (error) {
        expect(["UnknownForm", "RangeError"]).toContain((error as Error).name);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("a section that says it ends far behind the module is refused", () => {
  const functions = [3, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0x7f];
  const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...functions]);
  expect(() => readModule(bytes)).toThrow("ends too early");
});
