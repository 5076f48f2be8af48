import { describe, expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

describe("runInGuest()", () => {
  test("gives the JSON of the default export", async () => {
    const { result, error } = await runInGuest(
      "export default { sum: 1 + 1, text: 'é\\u0100\\ud800' }",
    );
    expect(error).toBeNull();
    expect(result).toEqual({ sum: 2, text: "é\u0100\ud800" });
  });

  test("awaits top-level await and a promised default", async () => {
    const { result } = await runInGuest(
      "const a = await Promise.resolve(20); export default Promise.resolve(a + 1)",
    );
    expect(result).toBe(21);
  });

  test("reports what the module threw", async () => {
    const { error } = await runInGuest("throw new TypeError('no')");
    expect(error).toMatchObject({ name: "TypeError", message: "no" });
  });

  test("reports a syntax error", async () => {
    const { error } = await runInGuest("export default }{");
    expect(error?.name).toBe("SyntaxError");
  });
});

describe("an import of a module that no part provides", () => {
  test("rejects and names it", async () => {
    const { error } = await runInGuest("import 'node:nothing'");
    expect(error?.message).toContain('"node:nothing"');
  });
});
