import { expect, test } from "bun:test";
import { withHint } from "../../src/executor/missing-globals.ts";
import { runInGuest } from "../support/guest-lab.ts";

test("a script that uses what other runtimes have is told what to use", async () => {
  const { error } = await runInGuest("export default new Worker('x')");
  expect(withHint(error?.name ?? "", error?.message ?? "")).toMatch(
    /Worker.* is not defined: not available in PiCloud, call another script/,
  );
});

test("packages that ask typeof find nothing", async () => {
  const { result } = await runInGuest(
    "export default [typeof window, typeof document, typeof XMLHttpRequest, typeof localStorage, typeof Worker, typeof require]",
  );
  expect(result).toEqual(Array.from({ length: 6 }, () => "undefined"));
});

test("other messages stay as they are", () => {
  for (const [name, message] of [
    ["ReferenceError", "mine is not defined"],
    ["TypeError", "Worker is not defined"],
    ["ReferenceError", "toString is not defined"],
  ] as const)
    expect(withHint(name, message)).toBe(message);
});
