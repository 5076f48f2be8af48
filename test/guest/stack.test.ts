import { expect, test } from "bun:test";
import { runInGuest } from "../support/guest-lab.ts";

const inGuest = async (code: string): Promise<unknown> => {
  const { result, error } = await runInGuest(code);
  expect(error).toBeNull();
  return result;
};

test("a stack begins with the error and goes on with a line for each frame, as in V8", async () => {
  const stack = await inGuest(
    "function fail() { return new TypeError('bad') }\nconst text = [1].map(() => { const error = fail(); return error.stack })[0];\nexport default text",
  );
  expect(stack).toBe(
    "TypeError: bad\n    at fail (main.js:1:29)\n    at main.js:2:44\n    at map (native)\n    at main.js:2:18",
  );
});

test("errors of the engine and captureStackTrace() have the same form", async () => {
  const [native, captured, none] = (await inGuest(
    "let native; try { null.x } catch (error) { native = error.stack }\nconst own = { name: 'Own', message: 'mine' };\n(function hidden() { Error.captureStackTrace(own, hidden) })();\nError.stackTraceLimit = 0;\nexport default [native, own.stack, new Error('no frames').stack]",
  )) as string[];
  expect(native).toStartWith("TypeError: cannot read property 'x' of null\n    at main.js:1:");
  expect(captured).toMatch(/^Own: mine\n {4}at main\.js:3:\d+$/);
  expect(none).toBe("Error: no frames");
});

test("Error.prepareStackTrace is undefined, gets call sites that answer everything, and can be put back", async () => {
  const result = await inGuest(
    `const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (error, sites) => sites;
    const [site] = (function named() { return new Error("x").stack })();
    Error.prepareStackTrace = before;
    export default [typeof before, String(site), site.getFunctionName(), site.getLineNumber(), site.isAsync(), site.getTypeName(), site.getEvalOrigin() ?? "none", new Error("y").stack.split("\\n")[0]]`,
  );
  expect(result).toEqual([
    "undefined",
    "named (main.js:3:51)",
    "named",
    3,
    false,
    null,
    "none",
    "Error: y",
  ]);
});

test("an error whose name or message cannot be read has a stack all the same", async () => {
  const result = await inGuest(
    `const hostile = Object.create(Error.prototype, { message: { get() { throw 1 } } });
    Error.captureStackTrace(hostile);
    export default hostile.stack.split("\\n")[0]`,
  );
  expect(result).toBe("Error");
});
