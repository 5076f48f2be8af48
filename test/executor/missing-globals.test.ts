import { expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

const ABSENT =
  "Worker SharedWorker XMLHttpRequest localStorage sessionStorage indexedDB alert document window require Bun importScripts".split(
    " ",
  );

test("a script that uses what other runtimes have sees in the error itself what to use", async () => {
  const uses = ABSENT.map((name) => `() => ${name}.x`).join(", ");
  const { result } = await runInGuest(
    `export default [${uses}].map((use) => { try { use() } catch (error) { return [error instanceof ReferenceError, error.message, error.stack.split("\\n")[0]] } })`,
  );
  for (const [i, outcome] of (result as [boolean, string, string][]).entries()) {
    const [isReferenceError, message, header] = outcome;
    expect(isReferenceError).toBe(true);
    expect(message).toStartWith(
      `${ABSENT[i]} is not defined: ${ABSENT[i]} is not available in PiCloud: `,
    );
    expect(header).toBe(`ReferenceError: ${message}`);
  }
});

test("packages that ask typeof find nothing", async () => {
  const { result } = await runInGuest(
    `export default [${ABSENT.map((name) => `typeof ${name}`).join(", ")}]`,
  );
  expect(result).toEqual(ABSENT.map(() => "undefined"));
});

test("other messages stay as they are", async () => {
  const { result } = await runInGuest(
    `const message = (run) => { try { run() } catch (error) { return error.message } };
    export default [message(() => mine), message(() => { throw new TypeError("Worker is not defined") }), message(() => hasOwnProperty_)]`,
  );
  expect(result).toEqual([
    "mine is not defined",
    "Worker is not defined",
    "hasOwnProperty_ is not defined",
  ]);
});
