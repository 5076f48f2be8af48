import { describe, expect, test } from "bun:test";
import { keepAsyncContext } from "../../src/builder/keep-async-context.ts";
import { lowerForAwait } from "../../src/builder/lower-for-await.ts";
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

/** `source()` gives an iterable that tells `seen` what it is asked, and closes slowly. */
const LOOP_FIXTURE = `
const seen = [];
const source = (end = async () => ({}), count = 3) => ({
  [Symbol.asyncIterator]() {
    let i = 0;
    return {
      next: async () => (seen.push("next"), { done: i >= count, value: ++i }),
      return: async () => { seen.push("closing"); await null; await null; seen.push("closed"); return end(); },
    };
  },
});
const caught = async (run) => { try { seen.push(await run()); } catch (error) { seen.push(error.name, error.message.slice(0, 4)); } };
`;

const LOOPS: Readonly<Record<string, string>> = {
  break: "for await (const x of source()) { seen.push(x); break }",
  "the end": "for await (const x of source()) seen.push(x)",
  return: "await caught(async () => { for await (const x of source()) return x })",
  throw: "await caught(async () => { for await (const x of source()) throw new Error('body') })",
  "return() that fails after break":
    "await caught(async () => { for await (const x of source(() => { throw new Error('end') })) break })",
  "return() that fails after throw":
    "await caught(async () => { for await (const x of source(() => { throw new Error('end') })) throw new Error('body') })",
  "return() that gives no object":
    "await caught(async () => { for await (const x of source(() => 1)) { try { break } catch { seen.push('no') } } }); seen.length -= 1",
  "next() that fails":
    "await caught(async () => { for await (const x of { [Symbol.asyncIterator]: () => ({ next: async () => { throw new Error('next') }, return: () => seen.push('no') }) }); })",
  labels:
    "outer: for await (const x of source()) { for await (const y of source()) { seen.push(x + '/' + y); if (y === 2) continue outer; if (x === 2) break outer } }",
  "labels of a plain loop":
    "outer: for (const x of [1, 2]) { inner: for await (const y of source()) { if (y === 1) continue inner; if (x === 1) continue outer; break outer } }",
  "destructuring that fails":
    "await caught(async () => { for await (const { a: { b } } of source()) seen.push(b) })",
  "destructuring with a loop inside":
    "for await (const { a = (async () => { for await (const y of source()) return y })() } of [{}]) seen.push(await a)",
  "an assignment": "const o = {}; for await (o.x of source()) if (o.x === 2) break; seen.push(o.x)",
  "a pattern":
    "let a, b; for await ([a, b = 9] of [[1], [2, 3]]) if (a === 2) break; seen.push(a, b)",
  "closures over each turn":
    "const fs = []; for await (let x of [1, 2]) fs.push(() => x++); seen.push(fs.map((f) => f() + f()))",
  "an async generator that is left":
    "async function* g() { try { for await (const x of source()) yield x } finally { await null; seen.push('finally') } } for await (const x of g()) break",
  "return() of an async generator":
    "async function* g() { for await (const x of source()) yield x } const it = g(); await it.next(); seen.push(await it.return(7))",
  "throw() of an async generator":
    "async function* g() { for await (const x of source()) yield x } const it = g(); await it.next(); await caught(() => it.throw(new Error('thrown')))",
  "yield* that is left": "async function* g() { yield* source() } for await (const x of g()) break",
  "a head that yields":
    "async function* g() { for await (const x of yield 1) { seen.push(x); if (x === 2) break } } const it = g(); await it.next(); await it.next([1, 2, 3])",
  "promises of a plain iterable": "for await (const x of [Promise.resolve(1), 2]) seen.push(x)",
  "a plain iterable that is left":
    "for await (const x of { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: () => ({ value: seen.push('return') }) }) }) break",
  "a rejection of a plain iterable":
    "await caught(async () => { for await (const x of { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: Promise.reject(new Error('value')) }), return: () => (seen.push('return'), {}) }) }) seen.push(x) })",
  "what is not iterable":
    "await caught(async () => { for await (const x of 5); }); seen.length -= 1",
  "finally inside":
    "await caught(async () => { for await (const x of source()) { try { if (x === 1) continue; return x } finally { seen.push('f' + x) } } })",
  "finally that goes on":
    "await caught(async () => { for await (const x of source()) { try { return x } finally { continue } } return 'end' })",
  "the order of microtasks":
    "const loop = (async () => { for await (const x of source(undefined, 1)) seen.push(x) })(); let p = Promise.resolve(); for (let i = 0; i < 6; i++) p = p.then(() => seen.push('tick ' + i)); await Promise.all([p, loop])",
  "this, arguments and super":
    "class A { m() { return 'A' } } class B extends A { async m() { for await (const x of [1]) return [super.m(), this instanceof B, arguments.length] } } seen.push(await new B().m(1, 2))",
};

describe("lowerForAwait()", () => {
  for (const [name, loop] of Object.entries(LOOPS)) {
    test(`keeps the meaning of ${name}`, async () => {
      const run = `(async () => { ${LOOP_FIXTURE} ${loop}; return seen })()`;
      // oxlint-disable-next-line typescript/no-implied-eval -- the fixtures above, run by the host as the reference
      const expected: unknown = await new Function(`return ${run}`)();
      const lowered = lowerForAwait(`export default ${run}`);
      expect(lowered).not.toContain("for await");
      const { result, error } = await runInGuest(lowered);
      expect(error).toBeNull();
      expect(result).toEqual(JSON.parse(JSON.stringify(expected)));
    });
  }

  test("a script without such a loop stays the very same text", () => {
    for (const source of ["for (const x of y) await x;", "// for await\nx()", "x.for; await y"])
      expect(lowerForAwait(source)).toBe(source);
  });

  test("lines keep their numbers", () => {
    const source = "\n\nfor await (const [\n  a,\n  b\n] of c) {\n  d();\n}\n";
    const lines = lowerForAwait(source).split("\n");
    expect(lines.length).toBe(source.split("\n").length);
    expect(lines[6]).toBe("  d();");
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
    const kept = keepAsyncContext(lowerForAwait(source));
    expect(kept.split("\n").length).toBe(source.split("\n").length);
    expect(() => new Bun.Transpiler({ loader: "js" }).transformSync(kept)).not.toThrow();
    expect(kept.match(/__context\.resume\(/g)?.length).toBe(8);
  });
});
