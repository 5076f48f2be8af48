import { expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

/** Each gives a JSON value or throws; this host's own engine is the reference. */
const EXPRESSIONS = [
  "new Uint8Array([251, 255, 0, 1]).toBase64()",
  "new Uint8Array([251, 255, 0, 1]).toBase64({ alphabet: 'base64url', omitPadding: true })",
  "new Uint8Array([255, 10]).toHex()",
  "[...Uint8Array.fromBase64(' aG k= ')]",
  "[...Uint8Array.fromBase64('_-8', { alphabet: 'base64url' })]",
  "[...Uint8Array.fromBase64('aGk', { lastChunkHandling: 'loose' })]",
  "[...Uint8Array.fromBase64('aGk', { lastChunkHandling: 'strict' })]",
  "[...Uint8Array.fromBase64('aGkaG', { lastChunkHandling: 'stop-before-partial' })]",
  "[...Uint8Array.fromBase64('a!')]",
  "[...Uint8Array.fromHex('00fF')]",
  "[...Uint8Array.fromHex('0')]",
  "[...Uint8Array.fromHex('zz')]",
  "Uint8Array.fromBase64(5)",
  "Uint8Array.fromBase64('', { alphabet: 'base32' })",
  "Uint8Array.prototype.toHex.call([1])",
  "(() => { const t = new Uint8Array(4); return [t.setFromBase64('aGk='), [...t]] })()",
  "(() => { const t = new Uint8Array(3); return [t.setFromBase64('aGlqa2xt'), [...t]] })()",
  "(() => { const t = new Uint8Array(1); return [t.setFromHex('aabb'), [...t]] })()",
  "Object.keys(Uint8Array.prototype).length + Object.keys(JSON).length",
  "JSON.stringify({ big: JSON.rawJSON('12345678901234567890'), list: [JSON.rawJSON('\"x\"')] })",
  "JSON.stringify({ a: JSON.rawJSON('1.0'), b: 2 }, null, 1)",
  "JSON.stringify({ a: 1, b: 2 }, (key, value) => (key === 'a' ? JSON.rawJSON('1e5') : value))",
  "(() => { JSON.rawJSON('1'); return [JSON.stringify({ a: { b: 1, c: 2 } }, ['a', 'c']), JSON.stringify(undefined) ?? 'none', JSON.stringify('\\ue0001:')] })()",
  "[JSON.isRawJSON(JSON.rawJSON('null')), JSON.isRawJSON({ rawJSON: '1' }), Object.isFrozen(JSON.rawJSON('1'))]",
  'JSON.parse(\'{"a":12345678901234567890,"b":[1.0,"\\\\u0061",{"c":null}],"a":1e2}\', function (key, value, { source }) { return source === undefined ? value : [key, source, Array.isArray(this)] })',
  "(() => { const seen = []; JSON.parse(' [ 1 , true , {} ] ', (...all) => { seen.push(all); return all[1] }); return seen })()",
  "JSON.parse('[1,2,3]', function (key, value, context) { if (key === '0') this[1] = 5; return key === '2' ? undefined : (context.source ?? value) })",
  "JSON.parse('{\"__proto__\":1,\"x\":2}', (key, value, context) => key === 'x' ? [context.source] : value)",
  "JSON.parse('[1,2', (key, value, context) => value)",
  "[JSON.parse.length, JSON.parse.name, JSON.parse('5', (key, value) => value + 1), JSON.parse('[1]', null)]",
  "JSON.rawJSON('{}')",
  "JSON.rawJSON(' 1')",
  "JSON.rawJSON('')",
  "(() => { const a = new Int32Array(new SharedArrayBuffer(8)); return [Atomics.add(a, 0, 5), Atomics.sub(a, 0, 2), Atomics.or(a, 0, 8), Atomics.and(a, 0, 9), Atomics.xor(a, 0, 1), Atomics.exchange(a, 0, 7), Atomics.compareExchange(a, 0, 7, 9), Atomics.load(a, 0), Atomics.store(a, 1, 3.7)] })()",
  "(() => { const a = new Uint8Array(1); Atomics.store(a, 0, 300); return [a[0], Atomics.compareExchange(a, 0, 300, 1), a[0]] })()",
  "String(Atomics.add(new BigInt64Array(1), 0, 5n))",
  "Atomics.add(new Float64Array(1), 0, 1)",
  "Atomics.load(new Int8Array(1), 1)",
  "[Atomics.isLockFree(4), Atomics.isLockFree(3), String(Atomics), Atomics.notify(new Int32Array(new SharedArrayBuffer(4)), 0)]",
  "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 1)",
  "(() => { const a = new Int32Array(new SharedArrayBuffer(4)); const { async, value } = Atomics.waitAsync(a, 0, 0); return Promise.all([async, value, Atomics.notify(a, 0)]) })()",
  "(() => { const a = new Int32Array(new SharedArrayBuffer(4)); return Atomics.waitAsync(a, 0, 0, 1).value })()",
  "(() => { const [a] = [1, 2].values().map((x) => x * 2); for (const b of [1, 2].values().filter(Boolean)) return [a, b] })()",
  "[[1, 2].values().drop(0).take(1).toArray(), [...[1, 2].values().flatMap((x) => [x, x]).take(1)]]",
  "(() => { const it = [1, 2].values().filter(Boolean); it.next(); return [it.return(), it.next(), it.return(), 'value' in it.return()] })()",
  "(() => { const it = Iterator.concat([1, 2], [3]); it.next(); return [it.return(), it.next()] })()",
  "Iterator.prototype.map.call({ next: () => ({ value: 1 }), return() { undefined() } }, Boolean).return()",
  "Iterator.prototype.map.call({ next: () => ({ value: 1 }), return: () => 5 }, Boolean).return()",
  "(() => { const helper = Object.getPrototypeOf([].values().map(Boolean)); return [helper.return.name, helper.return.length, Object.keys(helper)] })()",
  "(() => { const seen = []; const g = (function* () { try { yield 1 } finally { seen.push('closed') } })(); g.next(); g[Symbol.dispose](); return seen })()",
  "(async () => { const seen = []; const g = (async function* () { try { yield 1 } finally { seen.push('closed') } })(); await g.next(); seen.push(await g[Symbol.asyncDispose]() ?? 'nothing'); return seen })()",
];

const outcomes = (): string => `(async () => {
  const result = [];
  for (const run of [${EXPRESSIONS.map((expression) => `async () => (${expression})`).join(",")}]) {
    try { result.push(JSON.parse(JSON.stringify([await run()]))) } catch (error) { result.push(error.name) }
  }
  return result;
})()`;

test("what QuickJS lacks of the language does as this host's engine does", async () => {
  // oxlint-disable-next-line typescript/no-implied-eval -- the fixtures above, run by the host as the reference
  const expected = (await new Function(`return ${outcomes()}`)()) as unknown[];
  const { result, error } = await runInGuest(`export default ${outcomes()}`, {
    preload: ["raw-json"],
  });
  expect(error).toBeNull();
  for (const [i, expression] of EXPRESSIONS.entries())
    expect({ expression, outcome: (result as unknown[])[i] }).toEqual({
      expression,
      outcome: expected[i],
    });
});

test("it is there when it is asked for, and can be replaced", async () => {
  const { result } = await runInGuest(
    "Uint8Array.prototype.toHex = () => 'mine'; export default [typeof Atomics, 'toBase64' in Uint8Array.prototype, new Uint8Array(1).toHex()]",
  );
  expect(result).toEqual(["object", true, "mine"]);
});

test("a WeakRef keeps its target to the end of the job that made or read it", async () => {
  const { result } = await runInGuest(`
    const weak = new WeakRef({ alive: true });
    const atOnce = weak.deref()?.alive;
    class Named extends WeakRef { name = "n" }
    const named = new Named({ alive: 1 });
    const read = [atOnce, named.deref()?.alive, named.name, named instanceof WeakRef, String(weak), WeakRef.name, WeakRef.length];
    const later = await new Promise((done) => setTimeout(() => done(weak.deref()), 1));
    export default [...read, later === undefined];`);
  expect(result).toEqual([true, 1, "n", true, "[object WeakRef]", "WeakRef", 1, true]);
});
