/** What is left of an error that no code caught: its positions in the author's files, and what goes on after it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem, Lab, type Row } from "../support/contract-lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const FILES = {
  "main.tsx": `/** @jsx h */
import { fail } from "./lib/fail.ts";
interface Props { a: string }
const h = (...all: unknown[]) => all.join();

const View = (props: Props) => <b>
  {fail(props.a)}
</b>;
export default (request: Request, info: { waitUntil(work: Promise<unknown>): void }) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/throw") return String(View({ a: "thrown" }));
  if (pathname === "/reject") void Promise.resolve().then(() => fail("rejected"));
  if (pathname === "/timer") setTimeout(() => fail("in a timer"), 1);
  if (pathname === "/wait") info.waitUntil(Promise.resolve().then(() => fail("waited for")));
  if (pathname === "/log") try { fail("logged") } catch (error) { console.error("caught", error); console.log(error.stack); console.log(error) }
  info.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => console.log("went on")));
  return "answered";
};
`,
  "lib/fail.ts": `enum Why { Because = "why" }

export function fail(text: string): never {
  throw new TypeError(text, { cause: new RangeError(Why.Because) });
}
`,
};

async function recordOf(path: string, times = 1): Promise<Row> {
  const { host, script } = await lab.deploy("", "/*", { files: FILES, entry: "main.tsx" });
  for (let i = 0; i < times; i++) await lab.ask(host, path);
  return lab.record(script.id);
}

describe("the author's positions", () => {
  test("are in the record of what was thrown, through JSX and files, with its causes", async () => {
    const { error } = (await recordOf("/throw")) as unknown as { error: Row };
    expect(error).toMatchObject({ name: "TypeError", message: "thrown" });
    expect(error["stack"]).toMatch(
      /at fail \(lib\/fail\.ts:4:\d+\)\n\s+at View \(main\.tsx:7:\d+\)\n.*main\.tsx:11:\d+/,
    );
    expect(error["cause"]).toMatchObject({
      name: "RangeError",
      message: "why",
      stack: expect.stringContaining("lib/fail.ts:4:"),
    });
  });

  test.each([
    ["/reject", "Unhandled rejection: TypeError: rejected"],
    ["/timer", "Uncaught TypeError: in a timer"],
    ["/wait", "waitUntil: TypeError: waited for"],
  ])("are in the line about what nobody caught: %s", async (path, message) => {
    const record = await recordOf(path);
    expect(record).toMatchObject({ outcome: "completed", status: 200 });
    expect(record["logs"]).toMatchObject([
      {
        level: "error",
        message,
        data: {
          name: "TypeError",
          stack: expect.stringMatching(/^ {4}at fail \(lib\/fail\.ts:4:\d+\)\n {4}at main\.tsx:1/),
          cause: { name: "RangeError", message: "why" },
        },
      },
      { message: "went on" },
    ]);
    expect(JSON.stringify(record["logs"])).not.toContain("native");
  });

  test("are in stacks that a script logs, and other text stays as it was written", async () => {
    const { logs } = (await recordOf("/log")) as unknown as { logs: Row[] };
    for (const line of logs.slice(0, 3)) {
      expect(JSON.stringify(line)).toContain("lib/fail.ts:4:");
      expect(JSON.stringify(line)).not.toContain("script.js");
    }
    const plain = await lab.deploy(
      "export default () => { console.log('see script.js:1:1', { at: 'script.js:2:2' }); return 1 }",
    );
    await lab.ask(plain.host, "/");
    expect(((await lab.record(plain.script.id)) as unknown as { logs: Row[] }).logs).toMatchObject([
      { message: "see script.js:1:1", data: { at: "script.js:2:2" } },
    ]);
  });

  test("are in error.stack as the script reads it", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.ts":
          "import { fail } from './lib/fail.ts';\n\ntype A = 1;\nexport default () => { try { return fail('x') } catch (error) { return [(error as Error).stack, new Error('bad\\n    at script.js:1:1').stack] } };",
        "lib/fail.ts": FILES["lib/fail.ts"],
      },
      entry: "main.ts",
    });
    const [caught, made] = (await lab.ask(host, "/")).body as string[];
    expect(caught).toMatch(
      /^TypeError: x\n {4}at fail \(lib\/fail\.ts:4:\d+\)\n {4}at .*main\.ts:4:\d+/,
    );
    expect(made).toMatch(/^Error: bad\n {4}at script\.js:1:1\n {4}at .*main\.ts:4:\d+/);
  });

  test("are there too when the script has come to run within the platform's process", async () => {
    const { host, script } = await lab.deploy(
      "type A = 1;\n\nexport default () => { void Promise.resolve().then(() => { throw new Error('inline') }); return 1 }",
    );
    for (let i = 0; i < 40; i++) await lab.ask(host, "/");
    expect((await lab.record(script.id))["logs"]).toMatchObject([
      {
        message: "Unhandled rejection: Error: inline",
        data: { stack: expect.stringMatching(/main\.ts:3:/) },
      },
    ]);
  });
});

test("a call of what is no function says what that was", async () => {
  const { host } = await lab.deploy(
    `const o: any = { a: {}, n: 5 }, text = (f: () => unknown) => { try { return f() } catch (error) { return (error as Error).message } };
    export default () => [
      text(() => o.foo()), text(() => o.a.b()), text(() => o?.foo()), text(() => { const nothing: any = undefined; nothing(1) }), text(() => new o.n()), text(() => new o()),
      text(() => o.a.valueOf().none()), text(() => o["x" + 1]()), text(() => [1].map(5 as any)), text(() => o.n\`x\`), text(() => { throw new TypeError("not a function") }),
    ];`,
  );
  expect((await lab.ask(host, "/")).body).toEqual([
    "o.foo is not a function",
    "o.a.b is not a function",
    "o.foo is not a function",
    "nothing is not a function",
    "o.n is not a constructor",
    "o is not a constructor",
    "(intermediate value).none is not a function",
    "not a function",
    "not a function",
    "o.n is not a function",
    "not a function",
  ]);
});

test.each([
  [
    "an expression that does not end",
    "export default () => 1;\n\nconst a = /(/;\nconsole.log(a);",
    3,
    11,
    "Unterminated group",
  ],
  [
    "a range that is none",
    "export default () => {\n  return /[b-a]/.test('x');\n};",
    2,
    10,
    "out of order",
  ],
  [
    "new.target outside of a function",
    "const a = 1;\nnew.target;\nexport default () => a;",
    2,
    1,
    "new.target",
  ],
  ["a with statement", "\nwith ({}) {}\nexport default () => 1;", 2, 1, "with"],
])("%s is invalid_source, with its place", async (_name, source, line, column, message) => {
  const tenant = await lab.tenant();
  const reply = await lab.api("POST", "/scripts", { app_id: tenant.id, name: lab.name(), source });
  expectProblem(reply, 422, "invalid_source", {
    file: "main.ts",
    line,
    column,
    message: expect.stringContaining(message),
  });
});

test("a SyntaxError that a module throws is evaluation_failed", async () => {
  const tenant = await lab.tenant();
  const reply = await lab.api("POST", "/scripts", {
    app_id: tenant.id,
    name: lab.name(),
    source: "const text: string = '{';\nJSON.parse(text);\nexport default () => 1",
  });
  expectProblem(reply, 422, "evaluation_failed", { name: "SyntaxError", file: "main.ts", line: 2 });
});

test("a module that does not come to its end is told which limit that was", async () => {
  const tenant = await lab.tenant();
  for (const source of ["for (;;);", "await new Promise(() => {});"]) {
    const reply = await lab.api("POST", "/scripts", {
      app_id: tenant.id,
      name: lab.name(),
      source: `${source}\nexport default () => 1`,
      limits: { startup_ms: 100 },
    });
    expectProblem(reply, 422, "evaluation_failed", {
      message: "The module was not evaluated within startup_ms (100 ms)",
    });
  }
});

test("an AggregateError is recorded with its errors", async () => {
  const { host, script } = await lab.deploy(
    "export default () => Promise.any([Promise.reject(new TypeError('a')), Promise.reject('b')])",
  );
  await lab.ask(host, "/");
  expect((await lab.record(script.id))["error"]).toMatchObject({
    name: "AggregateError",
    errors: [{ name: "TypeError", message: "a" }, { message: "Uncaught b" }],
  });
});

test("work after the response that takes too much memory ends as such", async () => {
  const { host, script } = await lab.deploy(
    `export default (_request, info) => {
      info.waitUntil((async () => { await new Promise((done) => setTimeout(done, 5)); const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); })());
      return "answered";
    }`,
    "/*",
    { limits: { memory_mb: 32 } },
  );
  expect((await lab.ask(host, "/")).status).toBe(200);
  expect(await lab.record(script.id)).toMatchObject({
    outcome: "memory_exceeded",
    status: 200,
    error: { message: "out of memory" },
  });
});
