import { expect, test } from "bun:test";
import fc from "fast-check";
import { editDistance, nearest } from "../../../src/shared/config/nearest.ts";

const word = fc.string({ maxLength: 8 });

test("editDistance() is zero for equal words only, symmetric, and never longer by way of a third", () => {
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test("nearest() prefers the closest, and nothing over a far one", () => {
  expect(nearest("serv", ["save", "serve"])).toBe("serve");
  expect(nearest("serv", ["unrelated"])).toBeUndefined();
});
