import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findJsonFlaw } from "../../../src/manager/http/json-scan.ts";

describe("findJsonFlaw()", () => {
  test("finds nothing in any JSON text that JSON.stringify makes, unless a key is __proto__", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        const expected = text.includes('"__proto__":') ? "prototype_key" : undefined;
        expect(findJsonFlaw(text, 64)).toBe(expected);
      }),
    );
  });

  test.each([
    ['{"a":1,"a":2}', "duplicate_key"],
    ['{"a":1,"\\u0061":2}', "duplicate_key"],
    ['{"x":[{"a":1},{"b":1,"b":1}]}', "duplicate_key"],
    ['{"a":{"a":1},"b":[{"a":1},{"a":2}]}', undefined],
    ['{"a":"a","b":"a"}', undefined],
    ['{"a\\"":1,"a":2}', undefined],
    ['{"a\\\\":1,"a":2}', undefined],
    ['["a","a",{"k":"\\"}{,"}]', undefined],
    ['{"__proto__":{}}', "prototype_key"],
    ['{"\\u005f_proto__":{}}', "prototype_key"],
    ['{"a":"__proto__"}', undefined],
    ["[".repeat(65) + "]".repeat(65), "too_deep"],
    ["[".repeat(64) + "]".repeat(64), undefined],
    ['{"a":'.repeat(70), "too_deep"],
    ['"unterminated', undefined],
    ["", undefined],
  ])("of %p is %p", (text, flaw) => {
    expect(findJsonFlaw(text, 64)).toBe(flaw as never);
  });
});
