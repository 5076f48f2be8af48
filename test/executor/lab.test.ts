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

describe("a promise rejected without a handler", () => {
  test("is reported, whatever rejected it", async () => {
    const { logs } = await runInGuest(`
      (async () => { throw new RangeError("late") })();
      export default new Promise((resolve) => setTimeout(resolve, 1));`);
    expect(logs).toHaveLength(1);
    expect(logs[0]?.message).toContain("RangeError: late");
  });

  test("is not reported when a handler comes within the same turn", async () => {
    const { result } = await runInGuest(
      "const p = Promise.reject(new Error('early')); await null; export default p.catch((e) => e.message)",
    );
    expect(result).toBe("early");
  });
});

describe("time limits", () => {
  test.each([
    ["a bytecode loop", "for (;;);"],
    ["indexOf over a huge sparse array", "const a = []; a.length = 2 ** 32 - 2; a.indexOf(5);"],
    ["a search in a long string", "'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b');"],
    ["a catastrophic regular expression", "/(a+)+b/.test('a'.repeat(40));"],
    ["a huge bigint product", "let x = 3n ** 400000n; for (let i = 0; i < 8; i++) x = x * x;"],
  ])("end %s", async (_name, source) => {
    const { error } = await runInGuest(source, { timeoutMs: 100 });
    expect(["GuestInterrupted", "EngineError", "InternalError", "TimeoutError"]).toContain(
      error?.name ?? "",
    );
  });
});
