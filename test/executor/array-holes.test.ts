import { expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

test("push leaves the holes before it as they are", async () => {
  const { result, error } = await runInGuest(`
    const made = new Array(3); made.push("x");
    const begun = new Array(3); begun[0] = 1; begun.push("x");
    const cut = [1, 2, 3, {}]; delete cut[3]; cut.push("x");
    const grown = [1]; grown.length = 3; grown.push("x", "y");
    const plain = [1]; plain.push("x");
    export default [made, begun, cut, grown, plain].map((array) => [array.length, ...Object.entries(array).flat()]);`);
  expect(error).toBeNull();
  expect(result).toEqual([
    [4, "3", "x"],
    [4, "0", 1, "3", "x"],
    [5, "0", 1, "1", 2, "2", 3, "4", "x"],
    [5, "0", 1, "3", "x", "4", "y"],
    [2, "0", 1, "1", "x"],
  ]);
});
