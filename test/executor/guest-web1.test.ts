import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ExecutorHarness, makeRequest, makeScript } from "../support/executor-harness.ts";

let executor: ExecutorHarness;

beforeAll(() => {
  executor = new ExecutorHarness();
});
afterAll(() => executor.close());

const headersOf = async (code: string): Promise<[number | undefined, string[][] | undefined]> => {
  const { response, end } = await executor.client.execute(makeScript(code), makeRequest());
  await end;
  return [response?.status, response?.headers];
};

describe("a handler", () => {
  const forms: [name: string, code: string][] = [
    ["Deno.serve(handler)", "Deno.serve((req, info) => new Response(`hi ${info.params.name}`))"],
    [
      "Deno.serve(options, handler)",
      "Deno.serve({ port: 1 }, (req, info) => new Response(`hi ${info.params.name}`))",
    ],
    [
      "Deno.serve({ handler })",
      "Deno.serve({ handler: (req, info) => new Response(`hi ${info.params.name}`) })",
    ],
    [
      "a default object with fetch",
      "export default { fetch(req, info) { return new Response(`hi ${info.params.name}`) } }",
    ],
    [
      "a default function",
      "export default async (req, info) => new Response(`hi ${info.params.name}`)",
    ],
    [
      "a default instance whose fetch uses this",
      "class App { greeting = 'hi'; fetch(req, info) { return new Response(`${this.greeting} ${info.params.name}`) } } export default new App()",
    ],
    [
      "a default function that has fetch",
      "const app = () => { throw new Error('not me') }; app.fetch = (req, info) => new Response(`hi ${info.params.name}`); export default app",
    ],
  ];
  for (const [name, code] of forms) {
    test(`may be ${name}`, async () => {
      const { status, text, end } = await executor.run(code, { params: { name: "Ada" } });
      expect({ status, text, error: end.error }).toEqual({
        status: 200,
        text: "hi Ada",
        error: null,
      });
    });
  }

  test("finds the app's variables on its second argument, as module workers do", async () => {
    const code = `export default { fetch(req, env, ctx) {
      ctx.waitUntil(Promise.resolve());
      return Response.json([env.GREETING, env.MISSING === undefined, "GREETING" in env, "MISSING" in env, env.params, String(env)]);
    } }`;
    const script = makeScript(code, { env: { GREETING: "hi", params: "not these" } });
    const { text } = await executor.run(script, { params: { id: "1" } });
    expect(JSON.parse(text)).toEqual(["hi", true, true, false, { id: "1" }, "[object Object]"]);
  });

  test("that throws is answered by onError of Deno.serve", async () => {
    const { status, text } = await executor.run(
      "Deno.serve({ onError: (error) => new Response(error.message, { status: 500 }) }, () => { throw new Error('mine') })",
    );
    expect([status, text]).toEqual([500, "mine"]);
  });

  test("is missed at deploy", async () => {
    const result = await executor.client.evaluate(makeScript("export const x = 1"));
    expect(result).toMatchObject({ ok: false, error: { name: "TypeError" } });
  });
});

describe("what a handler returns", () => {
  const values: [
    name: string,
    code: string,
    status: number,
    text: string,
    type: string | undefined,
  ][] = [
    ["an object", "({ a: 1 })", 200, '{"a":1}', "application/json"],
    ["null", "null", 200, "null", "application/json"],
    ["a string", "'x'", 200, '"x"', "application/json"],
    [
      "statusCode and a text body",
      "({ statusCode: 201, body: 'made' })",
      201,
      "made",
      "text/plain;charset=UTF-8",
    ],
    [
      "statusCode and an object body",
      "({ statusCode: 400, body: { no: 1 } })",
      400,
      '{"no":1}',
      "application/json",
    ],
    [
      "statusCode with headers",
      "({ statusCode: 200, headers: { 'Content-Type': 'a/b' }, body: 'x' })",
      200,
      "x",
      "a/b",
    ],
    ["statusCode alone", "({ statusCode: 204 })", 204, "", undefined],
  ];
  for (const [name, code, status, text, type] of values) {
    test(`may be ${name}`, async () => {
      const { response } = await executor.client.execute(
        makeScript(`export default () => ${code}`),
        makeRequest(),
      );
      const found = response?.headers.find(([header]) => header === "content-type")?.[1];
      const body = await new Response((response?.body ?? null) as BodyInit | null).text();
      expect([response?.status, body, found]).toEqual([status, text, type]);
    });
  }

  const refused = [
    "undefined",
    "() => {}",
    "Symbol('x')",
    "10n",
    "({ statusCode: 99 })",
    "({ statusCode: '200' })",
    "({ statusCode: 200.5 })",
    "Response.error()",
    "({ statusCode: 200, headers: { 'a b': 'c' } })",
  ];
  for (const code of refused) {
    test(`cannot be ${code}`, async () => {
      const { status, end } = await executor.run(`export default () => (${code})`);
      expect([status, end.outcome]).toEqual([null, "invalid_response"]);
    });
  }

  test("keeps several cookies apart", async () => {
    const [status, headers] = await headersOf(
      "export default () => new Response(null, { headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-a', '1'], ['x-a', '2']] })",
    );
    expect([status, headers]).toEqual([
      200,
      [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["x-a", "1"],
        ["x-a", "2"],
      ],
    ]);
  });
});

describe("a request", () => {
  test("shows method, URL, headers and body", async () => {
    const { text } = await executor.run(
      "export default async (req) => [req.method, req.url, [...req.headers], await req.text(), req.bodyUsed]",
      {
        method: "POST",
        url: "http://a.test/p?q=1",
        headers: [
          ["b", "2"],
          ["a", "1"],
          ["a", "3"],
        ],
        body: new TextEncoder().encode("héy"),
      },
    );
    expect(JSON.parse(text)).toEqual([
      "POST",
      "http://a.test/p?q=1",
      [
        ["a", "1, 3"],
        ["b", "2"],
      ],
      "héy",
      true,
    ]);
  });

  test("has info about its route, its query and its execution", async () => {
    const { text } = await executor.run(
      `import { execution } from "picloud";
       export default (req, info) => [info.query, info.rest, info.host, info.principal, info.remoteAddr, info.execution.requestId, execution.requestId, Object.keys(execution).length]`,
      { url: "http://a.test/?a=1&b=x%20y&a=2", rest: "tail", host: { tenant: "t" } },
    );
    expect(JSON.parse(text)).toEqual([
      { a: "2", b: "x y" },
      "tail",
      { tenant: "t" },
      null,
      { transport: "tcp", hostname: "127.0.0.1", port: 1 },
      "request",
      "request",
      9,
    ]);
  });

  test("body streams through without being collected", async () => {
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 50; i++) controller.enqueue(new Uint8Array(1000).fill(65 + (i % 26)));
        controller.close();
      },
    });
    const { text } = await executor.run("export default (req) => new Response(req.body)", {
      method: "POST",
      body: source,
    });
    expect([text.length, text[0], text.at(-1)]).toEqual([50_000, "A", "X"]);
  });
});

describe("logs", () => {
  test("split a call into message and data", async () => {
    const { end } = await executor.run(`import { log } from "picloud";
      export default () => {
        console.log("plain");
        console.warn("with data", { a: [1, 2n] });
        console.error("more", 1, "x");
        console.info("%s is %d", "it", 4, { rest: true });
        console.debug({ a: 1 });
        log.trace("t", new Map([["k", 1]]));
        console.group("g"); console.log("in"); console.groupEnd(); console.log("out");
        return 1;
      }`);
    expect(end.logs.map(({ level, message, data }) => [level, message, data])).toEqual([
      ["info", "plain", undefined],
      ["warn", "with data", { a: [1, "2n"] }],
      ["error", "more", [1, "x"]],
      ["info", "it is 4", { rest: true }],
      ["debug", "{ a: 1 }", undefined],
      ["trace", "t", [["k", 1]]],
      ["info", "g", undefined],
      ["info", "  in", undefined],
      ["info", "out", undefined],
    ]);
  });

  test("tell of an error that a timer let escape, and the request goes on", async () => {
    const { status, end } = await executor.run(`export default () => {
      setTimeout(() => { throw new RangeError("loose") }, 1);
      return new Promise((resolve) => setTimeout(() => resolve("fine"), 5));
    }`);
    expect([status, end.outcome]).toEqual([200, "completed"]);
    expect(end.logs[0]).toMatchObject({ level: "error", message: "Uncaught RangeError: loose" });
  });
});

describe("timers of the image", () => {
  test("go on from request to request where the instance is reused", async () => {
    const code = `let fired = 0; setInterval(() => { fired++; console.log("tick") }, 1);
      export default async () => { const before = fired; while (fired < before + 2) await new Promise((resolve) => setTimeout(resolve, 1)); return "ok" }`;
    const script = makeScript(code, { instance: "reuse" });
    for (let i = 0; i < 3; i++) {
      const { text, end } = await executor.run(script);
      expect([text, end.logs[0]?.message]).toEqual(['"ok"', "tick"]);
    }
  });

  test("fire in each fork", async () => {
    const script = makeScript(
      "let fired = 0; setInterval(() => fired++, 2); export default () => new Promise((resolve) => setTimeout(() => resolve(fired > 0), 20))",
    );
    for (let i = 0; i < 2; i++) expect((await executor.run(script)).text).toBe("true");
  });
});
