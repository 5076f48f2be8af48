import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ExecutorHarness, makeScript } from "../support/executor-harness.ts";
import { runInGuest } from "../support/guest-lab.ts";
import { assembleWat } from "../support/wat.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A guest expression that gives the module's bytes. */
const inGuest = (wat: string): string =>
  `Uint8Array.from(atob("${base64(assembleWat(wat))}"), (c) => c.charCodeAt(0))`;

async function evaluate(source: string): Promise<unknown> {
  const { result, error } = await runInGuest(source, { timeoutMs: 20_000 });
  expect(error).toBeNull();
  return result;
}

const EVERYTHING = `(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (memory (export "memory") 1 3)
  (global $count (export "count") (mut i32) (i32.const 7))
  (table (export "table") 2 funcref)
  (elem (i32.const 0) $add)
  (data (i32.const 16) "hello")
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "add64") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
  (func (export "half") (param f32) (result f64) (f64.promote_f32 (f32.div (local.get 0) (f32.const 2))))
  (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "callOut") (param i32) (result i32) (call $f (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "trap") unreachable)
  (func (export "bump") (result i32) (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
  (func (export "two") (result i32 f64) (i32.const 1) (f64.const nan))
  (func (export "echo") (param externref) (result externref) (local.get 0))
  (func (export "first") (result funcref) (table.get (i32.const 0)))
  (func $deep (export "deep") (call $deep)))`;

const withInstance = (body: string, callback = "(x) => x + 1"): string => `
  let e;
  const { instance, module } = await WebAssembly.instantiate(${inGuest(EVERYTHING)}, { env: { f: ${callback} } });
  e = instance.exports;
  const attempt = (run) => { try { return run(); } catch (error) { return error.constructor.name + ": " + error.message; } };
  ${body}`;

describe("a module", () => {
  test("is validated, described and refused with CompileError", async () => {
    const found = await evaluate(`
      const bytes = ${inGuest(EVERYTHING)};
      const module = new WebAssembly.Module(bytes);
      const refused = await WebAssembly.compile(bytes.slice(0, 30)).catch((error) => [error.name, error instanceof WebAssembly.CompileError, error instanceof Error]);
      export default {
        valid: [WebAssembly.validate(bytes), WebAssembly.validate(bytes.slice(0, 30))],
        imports: WebAssembly.Module.imports(module),
        exports: WebAssembly.Module.exports(module).length,
        sections: WebAssembly.Module.customSections(module, "nothing"),
        refused,
        tag: String(module),
      };`);
    expect(found).toEqual({
      valid: [true, false],
      imports: [{ module: "env", name: "f", kind: "function" }],
      exports: 16,
      sections: [],
      refused: ["CompileError", true, true],
      tag: "[object WebAssembly.Module]",
    });
  });

  test("with shared memory is refused by name, as it could wait for ever", async () => {
    // (module (memory 1 1 shared))
    const refused = await evaluate(`
      const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 5, 4, 1, 3, 1, 1]);
      export default await WebAssembly.compile(bytes).catch((error) => [error.name, error.message]);`);
    expect(refused).toEqual(["CompileError", expect.stringContaining("shared memory")]);
  });
});

describe("an instance", () => {
  test("takes and gives every kind of value", async () => {
    const found = await evaluate(
      withInstance(`
      const marker = { some: "object" };
      export default [
        e.add(2, 3), e.add(2 ** 32 + 5, "3"), e.add64(1n, 2n ** 63n - 1n).toString(), e.half(5), String(e.half(NaN)), Object.is(e.half(-0), -0),
        e.two().map(String), e.echo(marker) === marker, e.echo(undefined) === undefined, e.echo(null), e.first() === e.add,
        attempt(() => e.add64(1, 2)), e.add.length, e.callOut(41),
      ];`),
    );
    expect(found).toEqual([
      5,
      8,
      (-(2n ** 63n)).toString(),
      2.5,
      "NaN",
      true,
      ["1", "NaN"],
      true,
      true,
      null,
      true,
      expect.stringContaining("TypeError"),
      2,
      42,
    ]);
  });

  test("shares its memory with the script, also while an import runs and after it has grown", async () => {
    const found = await evaluate(
      withInstance(
        `const before = e.memory.buffer;
         const view = new Uint8Array(before);
         const text = String.fromCharCode(...view.slice(16, 21));
         view[5] = 42;
         e.store(6, 43);
         const seen = [text, e.load(5), view[6], e.callOut(77), view[101]];
         const pages = e.grow();
         const grown = [pages, view.length, e.memory.buffer === before, e.memory.buffer.byteLength, new Uint8Array(e.memory.buffer)[6]];
         export default { seen, grown, byScript: [e.memory.grow(1), attempt(() => e.memory.grow(1)), e.memory.buffer.byteLength] };`,
        "(x) => { const view = new Uint8Array(e.memory.buffer); view[100] = x; e.store(101, 5); return e.load(100) }",
      ),
    );
    expect(found).toEqual({
      seen: ["hello", 42, 43, 77, 5],
      grown: [1, 0, false, 131_072, 43],
      byScript: [2, expect.stringContaining("RangeError"), 196_608],
    });
  });

  test("shares globals and tables", async () => {
    const found = await evaluate(
      withInstance(`
      const before = e.count.value;
      e.count.value = 50;
      e.table.set(1, e.bump);
      export default [before, e.bump(), e.count.value, e.table.length, e.table.get(1)(), e.table.get(0) === e.add, attempt(() => e.table.get(9)), attempt(() => e.table.set(0, () => 1))];`),
    );
    expect(found).toEqual([
      7,
      51,
      51,
      2,
      52,
      true,
      expect.stringContaining("RangeError"),
      expect.stringContaining("TypeError"),
    ]);
  });

  test("gives functions that nothing exports out of tables and calls", async () => {
    const hidden = `(module (table (export "table") 2 funcref) (elem (i32.const 0) $a $b)
      (func $a (param i32 i64) (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
      (func $b (result f64) (f64.const 2.5))
      (func (export "pick") (result funcref) (ref.func $b)))`;
    const found = await evaluate(`
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(${inGuest(hidden)}));
      const [a, b] = [exports.table.get(0), exports.table.get(1)];
      export default [a(2, 3n).toString(), b(), a.length, a.name, b.name, exports.pick() === b, exports.pick.name];`);
    expect(found).toEqual(["5", 2.5, 2, "0", "1", true, "2"]);
  });

  test("turns traps into RuntimeError, endless recursion into RangeError, and passes on what an import throws", async () => {
    const found = await evaluate(
      withInstance(
        `let thrown;
         try { e.callOut(1); } catch (error) { thrown = error; }
         export default [attempt(() => e.trap()), attempt(() => e.deep()), thrown === marker, e.add(1, 1)];`,
        "() => { throw marker }",
      ).replace("let e;", "let e; const marker = { not: 'an error' };"),
    );
    expect(found).toEqual([
      expect.stringContaining("RuntimeError"),
      expect.stringContaining("RangeError"),
      true,
      2,
    ]);
  });

  test("is refused with LinkError or TypeError where imports do not fit", async () => {
    const found = await evaluate(`
      const module = new WebAssembly.Module(${inGuest(EVERYTHING)});
      const attempt = (imports) => { try { new WebAssembly.Instance(module, imports); return "made"; } catch (error) { return error.name; } };
      export default [attempt(), attempt({}), attempt({ env: {} }), attempt({ env: { f: 5 } }), attempt({ env: { f() {} } }), attempt(5)];`);
    expect(found).toEqual([
      "TypeError",
      "TypeError",
      "LinkError",
      "LinkError",
      "made",
      "TypeError",
    ]);
  });

  test("shares memory, a global and a function with another instance", async () => {
    const writer = `(module (import "m" "memory" (memory 1)) (import "m" "g" (global $g (mut i64))) (import "m" "f" (func $f (param i32) (result i32)))
      (func (export "run") (result i32) (i32.store8 (i32.const 3) (i32.const 9)) (global.set $g (i64.const 99)) (call $f (i32.const 20))))`;
    const found = await evaluate(
      withInstance(`
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
      const g = new WebAssembly.Global({ value: "i64", mutable: true }, 5n);
      const second = new WebAssembly.Instance(new WebAssembly.Module(${inGuest(writer)}), { m: { memory, g, f: e.callOut } });
      export default [second.exports.run(), new Uint8Array(memory.buffer)[3], g.value.toString()];`),
    );
    expect(found).toEqual([21, 9, "99"]);
  });

  test("throws and catches tagged exceptions across the border", async () => {
    const thrower = `(module (import "m" "tag" (tag $t (param i32))) (import "m" "f" (func $f))
      (func (export "throw") (throw $t (i32.const 12)))
      (func (export "catch") (result i32) (try (result i32) (do (call $f) (i32.const 0)) (catch $t))))`;
    const found = await evaluate(`
      const tag = new WebAssembly.Tag({ parameters: ["i32"] });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(${inGuest(thrower)}), { m: { tag, f() { throw new WebAssembly.Exception(tag, [34]); } } });
      let caught;
      try { exports.throw(); } catch (error) { caught = [error instanceof WebAssembly.Exception, error.is(tag), error.getArg(tag, 0)]; }
      export default [caught, exports.catch()];`);
    expect(found).toEqual([[true, true, 12], 34]);
  });
});

describe("the checks that are written in", () => {
  test("do not change what random arithmetic computes", async () => {
    const step = `(func (export "run") (param $n i32) (param $x i32) (result i32) (local $i i32)
      (loop $outer (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $outer (i32.lt_u (local.get $i) (local.get $n)))) (local.get $x))`;
    const jobs = fc.sample(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer()), 40);
    const plain = new WebAssembly.Instance(new WebAssembly.Module(assembleWat(`(module ${step})`)));
    const run = plain.exports["run"] as (n: number, x: number) => number;
    const found = await evaluate(`
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(${inGuest(`(module ${step})`)}));
      export default ${JSON.stringify(jobs)}.map(([n, x]) => exports.run(n, x));`);
    expect(found).toEqual(jobs.map(([n, x]) => run(n, x)));
  });
});

describe("in an executor", () => {
  let executor: ExecutorHarness;
  beforeAll(() => {
    executor = new ExecutorHarness();
  });
  afterAll(() => executor.close());

  const hostile = {
    "an endless loop": `(func (export "run") (loop $l (br $l)))`,
    "endless tail calls": `(func $run (export "run") (return_call $run))`,
    "an endless loop of large fills": `(func (export "run") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)))`,
    "a loop that catches everything": `(func $inner (loop $l (br $l))) (func (export "run") (loop $l (try (do (call $inner)) (catch_all)) (br $l)))`,
    "a start function that never ends": `(func $start (loop $l (br $l))) (start $start) (func (export "run"))`,
  };

  test.each(Object.entries(hostile))("%s ends by cpu_ms", async (_name, code) => {
    const script = makeScript(
      `export default async () => {
         const { instance } = await WebAssembly.instantiate(${inGuest(`(module (memory 1) ${code})`)});
         try { instance.exports.run(); } catch { return "caught"; }
         return "ended";
       }`,
      { limits: { cpu_ms: 100 } },
    );
    const { end } = await executor.run(script);
    expect(end.outcome).toBe("cpu_exceeded");
    expect((await executor.run("export default () => 1")).text).toBe("1");
  });

  test("an import that never returns ends by cpu_ms as well", async () => {
    const script = makeScript(
      `export default async () => {
         const { instance } = await WebAssembly.instantiate(${inGuest(`(module (import "m" "f" (func $f)) (func (export "run") (call $f)))`)}, { m: { f() { for (;;); } } });
         instance.exports.run();
       }`,
      { limits: { cpu_ms: 100 } },
    );
    expect((await executor.run(script)).end.outcome).toBe("cpu_exceeded");
  });

  test("memory is bounded by memory_mb, however it is asked for", async () => {
    const script = makeScript(
      `const grower = new WebAssembly.Module(${inGuest(`(module (memory 1) (func (export "grow") (result i32) (memory.grow (i32.const 1000))))`)});
       export default () => {
         const attempt = (run) => { try { run(); return "made"; } catch (error) { return error.name; } };
         return [attempt(() => new WebAssembly.Memory({ initial: 2000 })), new WebAssembly.Instance(grower).exports.grow(), attempt(() => { for (let i = 0; i < 100; i++) new WebAssembly.Memory({ initial: 100 }) })];
       };`,
      { limits: { memory_mb: 32 } },
    );
    expect(JSON.parse((await executor.run(script)).text)).toEqual(["RangeError", -1, "RangeError"]);
  });

  test("a shared sandbox is replaced before what requests have made in it is too much", async () => {
    const script = makeScript(
      `const module = new WebAssembly.Module(${inGuest(`(module (memory 16) (func (export "run") (result i32) (memory.size)))`)});
       export default () => new WebAssembly.Instance(module).exports.run();`,
      { instance: "reuse", limits: { memory_mb: 32 } },
    );
    const outcomes = new Set<string>();
    for (let run = 0; run < 100; run++) outcomes.add((await executor.run(script)).end.outcome);
    expect([...outcomes]).toEqual(["completed"]);
  });

  test("each fork has the state that evaluation left, and only that", async () => {
    const counter = `(module (import "m" "f" (func $f (param i32))) (memory (export "memory") 1) (global $count (mut i32) (i32.const 0)) (table (export "table") 2 funcref) (elem (i32.const 0) $hidden)
      (func $hidden (result i32) (i32.const 77))
      (func $bump (export "bump") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1))) (call $f (global.get $count))
        (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 10))) (global.get $count))
      (func (export "load") (result i32) (i32.load (i32.const 100))))`;
    const script = makeScript(`
      const seen = [];
      const { instance: { exports } } = await WebAssembly.instantiate(${inGuest(counter)}, { m: { f: (x) => seen.push(x) } });
      exports.bump(); exports.bump();
      new Uint8Array(exports.memory.buffer)[200] = 9;
      exports.table.set(1, exports.bump);
      const hidden = exports.table.get(0);
      export default () => [hidden(), exports.bump(), exports.load(), new Uint8Array(exports.memory.buffer)[200], exports.table.get(1) === exports.bump, seen];`);
    const answers = [
      await executor.run(script),
      await executor.run(script),
      await executor.run(script),
    ];
    for (const { text } of answers)
      expect(JSON.parse(text)).toEqual([77, 3, 30, 9, true, [1, 2, 3]]);
  });
});
