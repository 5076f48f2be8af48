import { expect, test } from "bun:test";
import { runInGuest } from "../../support/guest-lab.ts";

/** What Node's util.format writes for each of these. */
const HIDDEN: Readonly<Record<string, string>> = {
  "[1, 2, 3]": "[ 1, 2, 3, [length]: 3 ]",
  "[]": "[ [length]: 0 ]",
  "new Array(3)": "[ <3 empty items>, [length]: 3 ]",
  "Object.assign([1], { k: 2 })": "[ 1, [length]: 1, k: 2 ]",
  "{ a: [1] }": "{ a: [ 1, [length]: 1 ] }",
  "Object('st')": "[String: 'st'] { [length]: 2 }",
  "'text'": "'text'",
  "42": "42",
  "new Set([1])": "Set(1) { 1 }",
  "Object.defineProperty({}, 'h', { value: 1 })": "{ [h]: 1 }",
  "(a) => a": "[Function (anonymous)] { [length]: 1, [name]: '' }",
  "function f(a, b) {}":
    "<ref *1> [Function: f] {\n  [length]: 2,\n  [name]: 'f',\n  [prototype]: { [constructor]: [Circular *1] }\n}",
  "new Uint8Array([1, 2])":
    "Uint8Array(2) [\n  1,\n  2,\n  [BYTES_PER_ELEMENT]: 1,\n  [length]: 2,\n  [byteLength]: 2,\n  [byteOffset]: 0,\n  [buffer]: ArrayBuffer { byteLength: 2 }\n]",
};
const TEXTS: Readonly<Record<string, string>> = {
  "[1, [2, [3]]]": "[ 1, [Array] ]",
  "new Date(0)": "1970-01-01T00:00:00.000Z",
  "{ a: { b: 1 } }": "{ a: [Object] }",
  "{ toString() { return 'own'; } }": "own",
  "new (class A { toString() { return 'of A'; } })()": "of A",
  "new URL('http://x/a')": "http://x/a",
  "Buffer.from('bytes')": "bytes",
  "Object.create(null)": "[Object: null prototype] {}",
};

async function formatted(token: string, values: readonly string[]): Promise<unknown> {
  const { result, error } = await runInGuest(`
    const { format } = globalThis[Symbol.for("picloud.module")]("node:util");
    export default [${values.map((value) => `format("${token}", (${value}))`).join(",\n")}];`);
  expect(error).toBeNull();
  return result;
}

test("%o shows what is hidden, as Node does", async () => {
  expect(await formatted("%o", Object.keys(HIDDEN))).toEqual(Object.values(HIDDEN));
});

test("%s takes the text that an object's own class gives, and inspects the language's objects", async () => {
  expect(await formatted("%s", Object.keys(TEXTS))).toEqual(Object.values(TEXTS));
});
