import { describe, expect, test } from "bun:test";
import { keepAsyncContext } from "../../src/builder/keep-async-context.ts";
import { lowerYieldHeads } from "../../src/builder/lower-yield-heads.ts";
import { runInGuest } from "../support/guest-lab.ts";

/** Generators driven with lists; each gives text that shows its order of events. */
const GENERATORS = [
  "function* g() { let s = ''; for (const c of yield 1) s += c; return s }",
  "function* g() { let s = ''; for (const c of (yield 1).concat([9])) { if (c === 2) continue; s += c; if (c === 3) break } return s }",
  "function* g() { let s = ''; outer: for (const a of yield 1) { for (const b of yield a) { if (b === 2) continue outer; s += a + '' + b + ' ' } } return s }",
  "function* g() { let s = ''; outer: for (const a of yield 1) { for (const b of yield a) { if (b === 2) break outer; s += a + '' + b } } return s }",
  "function* g() { let s = ''; if (true) for (const [k, v] of Object.entries(yield 1)) s += k + v; else s = 'no'; return s }",
  "function* g() { let s = ''; for (var c of yield* h()) s += c; return s } function* h() { return yield 2 }",
  "function* g() { let s = 'for (const c of yield t) {}'; for (let c of [(yield 1)[0], ')', yield 2]) s += c; return s }",
];

const drive = (source: string): string =>
  `(() => { ${source}; const it = g(); let step = it.next(); for (let i = 0; i < 20 && !step.done; i++) step = it.next([1, 2, 3]); return step.value })()`;

describe("lowerYieldHeads()", () => {
  for (const source of GENERATORS) {
    test(`keeps the meaning of ${source.slice(15, 80)}`, async () => {
      // Bun's own printer spells the heads as the lowering expects them.
      const printed = new Bun.Transpiler({ loader: "js", minifyWhitespace: false }).transformSync(
        source,
      );
      // oxlint-disable-next-line typescript/no-implied-eval -- the fixtures above, run by the host as the reference
      const expected: unknown = new Function(`return ${drive(source)}`)();
      const { result, error } = await runInGuest(
        `export default ${drive(lowerYieldHeads(printed))}`,
      );
      expect(error).toBeNull();
      expect(result).toEqual(expected as never);
    });
  }

  test("leaves everything else as it is", () => {
    for (const source of [
      "for (const a of b) yield_;",
      "for (let i = 0; i < (yield 1); i++) {}",
      "const of = 1; for (;;) { break }",
      "for (const k in yield 1) {}",
    ])
      expect(lowerYieldHeads(source)).toBe(source);
  });
});

describe("keepAsyncContext()", () => {
  test("does not touch code without AsyncLocalStorage, or that it cannot parse", () => {
    expect(keepAsyncContext("await 1")).toBe("await 1");
    expect(keepAsyncContext("AsyncLocalStorage )(")).toBe("AsyncLocalStorage )(");
  });

  test("keeps lines, labels and nested forms", () => {
    const source =
      "AsyncLocalStorage;\nasync function f() {\n  a: for await (const x of y) { if (x) continue a; else break a }\n  try { await await z } catch { await 1 } finally { w() }\n  return [await 1, async () => await 2]\n}";
    const kept = keepAsyncContext(source);
    expect(kept.split("\n").length).toBe(source.split("\n").length);
    expect(() => new Bun.Transpiler({ loader: "js" }).transformSync(kept)).not.toThrow();
    expect(kept.match(/__context\.resume\(/g)?.length).toBe(5);
  });
});
