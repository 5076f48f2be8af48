/** What a script sees: its forms, info, execution, evaluation, namespaces and modules, as the script API says. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Lab, UUID_V7 } from "../support/contract-lab.ts";
import { eventually } from "../support/instance.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
}, 90_000);
afterAll(() => lab.dispose());

const json = async (source: string, path = "/"): Promise<unknown> => {
  const reply = await lab.run(source, path);
  return reply.status === 200 ? reply.body : { status: reply.status, text: reply.text };
};

describe("forms", () => {
  test.each([
    ["Deno.serve(handler)", "Deno.serve((req, info) => new Response('hi'));"],
    [
      "Deno.serve(options, handler)",
      "Deno.serve({ port: 8000, hostname: '0.0.0.0', onListen() {}, onError: () => new Response('e') }, () => new Response('hi'));",
    ],
    ["Deno.serve({handler})", "Deno.serve({ handler: () => new Response('hi') });"],
    [
      "export default {fetch}",
      "export default { fetch(req, info) { return new Response('hi'); } };",
    ],
    ["export default function", "export default async (req, info) => new Response('hi');"],
    [
      "export default class instance",
      "class App { #x = 'hi'; fetch() { return new Response(this.#x); } } export default new App();",
    ],
    [
      "a fetch on a function",
      "const f = () => new Response('no'); f.fetch = () => new Response('hi'); export default f;",
    ],
    ["fetch of a prototype", "export default Object.create({ fetch: () => new Response('hi') });"],
    [
      "async Deno.serve after await",
      "await Promise.resolve(); Deno.serve(async () => new Response('hi'));",
    ],
    [
      "export default satisfies",
      "export default { async fetch(_request: Request): Promise<Response> { return new Response('hi'); } } satisfies Deno.ServeDefaultExport;",
    ],
  ])("%s", async (_name, source) => {
    expect((await lab.run(source)).text).toBe("hi");
  });

  test("Deno.serve gives a server with finished, shutdown, ref, unref and addr", async () => {
    expect(
      await json(
        "const s = Deno.serve(() => Response.json([typeof s.finished.then, typeof s.shutdown, typeof s.ref, typeof s.unref, typeof s.addr]));",
      ),
    ).toEqual(
      ["object", "function", "function", "function", "object"].map((t, i) =>
        i === 0 ? "function" : t,
      ),
    );
  });

  test.each([
    ["({ hello: 'world' })", 200, '{"hello":"world"}'],
    ["[1, 2]", 200, "[1,2]"],
    ["'text'", 200, '"text"'],
    ["''", 200, '""'],
    ["null", 200, "null"],
    ["true", 200, "true"],
    ["0", 200, "0"],
    ["({ statusCode: 201, headers: { 'x-a': 'b' }, body: { a: 1 } })", 201, '{"a":1}'],
    ["({ statusCode: 404, body: 'gone' })", 404, undefined],
    ["({ statusCode: 204 })", 204, ""],
    ["({ statusCode: 599 })", 599, undefined],
    ["({ statusCode: 200, body: null })", 200, undefined],
    ["undefined", 502, undefined],
    ["({ statusCode: 199 })", 502, undefined],
    ["({ statusCode: 600 })", 502, undefined],
    ["({ statusCode: '200' })", 502, undefined],
    ["({ statusCode: 200.5 })", 502, undefined],
    ["({ statusCode: NaN })", 502, undefined],
    ["({ statusCode: null })", 502, undefined],
    ["({ statusCode: -1 })", 502, undefined],
    ["Symbol('x')", 502, undefined],
    ["(() => 1)", 502, undefined],
    ["(() => { const a = {}; a.a = a; return a; })()", 502, undefined],
    ["10n", 502, undefined],
    ["Response.error()", 502, undefined],
  ])("a handler that gives %s", async (value, status, text) => {
    const { host, script } = await lab.deploy(`export default () => ${value};`);
    const reply = await lab.ask(host, "/");
    expect(reply.status).toBe(status);
    if (text !== undefined) expect(reply.text).toBe(text);
    if (status === 200 && text !== undefined)
      expect(reply.headers.get("content-type")).toContain("application/json");
    if (status === 502) {
      const outcome = (await lab.record(script.id))["outcome"];
      expect(outcome).toBeOneOf(
        value.includes("a.a = a") || value === "10n"
          ? ["threw", "invalid_response"]
          : ["invalid_response"],
      );
    }
  });

  test("an Object with statusCode sends its headers", async () => {
    const reply = await lab.run(
      "export default () => ({ statusCode: 202, headers: { 'content-type': 'text/html', 'x-a': 'b' }, body: '<b>' });",
    );
    expect({
      status: reply.status,
      type: reply.headers.get("content-type"),
      a: reply.headers.get("x-a"),
      text: reply.text,
    }).toEqual({ status: 202, type: "text/html", a: "b", text: "<b>" });
  });
});

describe("info", () => {
  test("has params, query, rest, host, principal, execution, remoteAddr, completed and waitUntil", async () => {
    const { host, id, script } = await lab.deploy(
      `export default (req, info) => ({ params: info.params, query: info.query, rest: info.rest, host: info.host ?? null, principal: info.principal, execution: info.execution, remote: info.remoteAddr, completed: typeof info.completed?.then, waitUntil: typeof info.waitUntil });`,
      "/u/:id",
    );
    const { body } = await lab.ask(host, "/u/a%2Fb?x=1&y=%20z&e=");
    const executionId: string = body.execution.id;
    expect(body).toMatchObject({
      params: { id: "a/b" },
      query: { x: "1", y: " z", e: "" },
      rest: "",
      principal: null,
      remote: { transport: "tcp", hostname: expect.any(String), port: expect.any(Number) },
      completed: "function",
      waitUntil: "function",
      execution: {
        id: expect.stringMatching(UUID_V7),
        requestId: expect.any(String),
        scriptId: script.id,
        scriptName: script["name"],
        version: 1,
        invocationType: "http",
        sdkVersion: expect.any(String),
        rootExecutionId: expect.stringMatching(UUID_V7),
        triggerDepth: 0,
      },
    });
    expect(Object.keys(body.execution).sort()).toEqual([
      "id",
      "invocationType",
      "requestId",
      "rootExecutionId",
      "scriptId",
      "scriptName",
      "sdkVersion",
      "triggerDepth",
      "version",
    ]);
    expect((await lab.record(script.id)).id).toBe(executionId);
    await lab.api("POST", `/apps/${id}/domains`, { host: `*.${host}` });
    await lab.api("POST", `/scripts/${script.id}/routes`, {
      path: "/w/*",
      host: `*.${host}`,
      host_param_name: "tenant",
    });
    const wild = await lab.ask(`a.b.${host}`, "/w/x/y%20z/");
    expect(wild.body).toMatchObject({
      params: {},
      query: {},
      rest: expect.stringMatching(/^x\/y(%20| )z\/$/u),
    });
    expect(JSON.stringify(wild.body.host)).toContain("a.b");
    expect((await lab.ask(`a.${host}`, "/w/")).body).toMatchObject({ rest: "" });
    const executed = await lab.raw("GET", `/api/v1/execute/${script.id}/p/q?a=b`);
    expect(executed.body).toMatchObject({
      params: {},
      query: { a: "b" },
      rest: expect.any(String),
    });
  });

  test("/* gives rest without the first slash, for / too", async () => {
    const { host } = await lab.deploy("export default (req, info) => info.rest;", "/*");
    expect((await lab.ask(host, "/")).body).toBe("");
    expect((await lab.ask(host, "/a/b")).body).toBe("a/b");
  });

  test("hostile names in params and query are plain data", async () => {
    const { host } = await lab.deploy(
      "export default (req, info) => ({ q: Object.entries(info.query), clean: ({}).polluted === undefined });",
    );
    expect(
      (await lab.ask(host, "/?__proto__=1&constructor=2&__proto__[polluted]=3")).body,
    ).toMatchObject({ clean: true });
  });

  test("picloud's execution is info's, in every request its own", async () => {
    const { host } = await lab.deploy(
      "import { execution } from 'picloud'; export default (req, info) => [execution.id === info.execution.id, execution.id, execution.requestId];",
    );
    const [a, b] = [(await lab.ask(host, "/")).body, (await lab.ask(host, "/")).body];
    expect([a[0], b[0]]).toEqual([true, true]);
    expect(a[1]).not.toBe(b[1]);
  });

  test("waitUntil keeps the run going after the answer, and its logs are in the record", async () => {
    const { host, script } = await lab.deploy(
      "export default (req, info) => { info.waitUntil((async () => { await new Promise((d) => setTimeout(d, 100)); console.log('later'); })()); return 'now'; };",
    );
    expect((await lab.ask(host, "/")).body).toBe("now");
    const record = await eventually(async () => {
      const { body } = await lab.api("GET", `/scripts/${script.id}/logs`);
      return body.items[0];
    });
    expect(record.logs).toMatchObject([{ message: "later" }]);
  });

  test("request: url, method, headers, body forms, and the answer's streams", async () => {
    const { host } = await lab.deploy(
      "export default { async fetch(req) { const f = await req.formData(); return Response.json({ url: req.url, a: f.get('a'), file: [f.get('f').name, await f.get('f').text()] }); } };",
    );
    const form = new FormData();
    form.set("a", "1");
    form.set("f", new File(["content"], "n.txt"));
    const reply = await lab.ask(host, "/p?q", { method: "POST", body: form });
    expect(reply.body).toEqual({ url: `http://${host}/p?q`, a: "1", file: ["n.txt", "content"] });
  });
});

describe("evaluation", () => {
  test("Math.random, crypto and the clock differ per request, also when used at evaluation", async () => {
    const { host } = await lab.deploy(
      "Math.random(); crypto.randomUUID(); export default () => [Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(8))].join()];",
    );
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => (await lab.ask(host, "/")).body),
    );
    for (const at of [0, 1, 2]) expect(new Set(answers.map((a) => a[at])).size).toBe(5);
  });

  test("timers set at evaluation are armed again in every fork", async () => {
    const { host } = await lab.deploy(
      "let n = 0; setInterval(() => n++, 20); let fired = false; setTimeout(() => { fired = true; }, 30); export default async () => { const before = n; await new Promise((d) => setTimeout(d, 150)); return [before, n > 2, fired]; };",
    );
    for (let i = 0; i < 3; i++) expect((await lab.ask(host, "/")).body).toEqual([0, true, true]);
  });

  test("a fetch at evaluation is frozen into the image; in a request it is new", async () => {
    const inner = await lab.deploy("export default () => crypto.randomUUID();");
    const { host } = await lab.deploy(
      `const frozen = await (await fetch("http://${inner.host}/")).json(); export default async () => [frozen, await (await fetch("http://${inner.host}/")).json()];`,
    );
    const [a, b] = [(await lab.ask(host, "/")).body, (await lab.ask(host, "/")).body];
    expect(a[0]).toBe(b[0]);
    expect(a[1]).not.toBe(b[1]);
  });

  test("module state is new for every request", async () => {
    const { host } = await lab.deploy("let n = 0; export default () => ++n;");
    expect([(await lab.ask(host, "/")).body, (await lab.ask(host, "/")).body]).toEqual([1, 1]);
  });

  test("instance: reuse keeps module state", async () => {
    const { host } = await lab.deploy("let n = 0; export default () => ++n;", "/*", {
      instance: "reuse",
    });
    const seen: number[] = [];
    for (let i = 0; i < 6; i++) seen.push((await lab.ask(host, "/")).body);
    expect(Math.max(...seen)).toBeGreaterThan(1);
  });

  test("eval and new Function work; import() of what was not bundled rejects", async () => {
    expect(
      await json(
        "export default async () => [eval('1+1'), new Function('a', 'return a * 2')(4), await import('./nope-' + Date.now() + '.ts').then(() => 'loaded', (e) => e instanceof Error), await (0, eval)('import(\"node:fs/nope\")').then(() => 'loaded', () => 'rejected')];",
      ),
    ).toEqual([2, 8, true, "rejected"]);
  });

  test("import() of a bundled file works", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.ts": "export default async () => (await import('./b.ts')).b;",
        "b.ts": "export const b = 'lazy';",
      },
      entry: "main.ts",
    });
    expect((await lab.ask(host, "/")).body).toBe("lazy");
  });
});

describe("language", () => {
  test("JSX with a factory of one's own, decorators, using, enums, satisfies, top-level await", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.tsx": `/** @jsx h */
const h = (tag: string, props: object | null, ...kids: unknown[]): string => "<" + tag + ">" + kids.join("") + "</" + tag + ">";
function twice(value: Function, _context: ClassMethodDecoratorContext) { return function (this: unknown, ...args: unknown[]) { return value.apply(this, args) * 2; }; }
class A { @twice five() { return 5; } accessor x = 1; static { A.made = true; } static made = false; #p = 1; get p() { return this.#p; } }
enum Color { Red = 1 }
namespace N { export const v = 3; }
const top = await Promise.resolve("top");
export default () => { const order: string[] = []; { using a = { [Symbol.dispose]() { order.push("disposed"); } }; order.push("body"); } return [<b>x{1}</b>, new A().five(), Color.Red, N.v, top, order, new A().p]; };`,
      },
      entry: "main.tsx",
    });
    expect((await lab.ask(host, "/")).body).toEqual([
      "<b>x1</b>",
      10,
      1,
      3,
      "top",
      ["body", "disposed"],
      1,
    ]);
  });

  test("await using disposes", async () => {
    expect(
      await json(
        "export default async () => { const o = []; { await using a = { async [Symbol.asyncDispose]() { await null; o.push('gone'); } }; o.push('in'); } return o; };",
      ),
    ).toEqual(["in", "gone"]);
  });

  test("errors point into the source, in the record: file, line", async () => {
    const { host, script } = await lab.deploy("", "/*", {
      files: {
        "main.ts":
          "import { fail } from './lib/deep.ts';\ntype T = { a: string };\n\nexport default () => fail({ a: 'x' } as T);",
        "lib/deep.ts":
          "interface I { a: string }\n\n\nexport function fail(x: I): never {\n  throw new TypeError('deep ' + x.a);\n}",
      },
      entry: "main.ts",
    });
    expect((await lab.ask(host, "/")).status).toBe(502);
    const error = (await lab.record(script.id))["error"] as { stack: string };
    expect(error).toMatchObject({ name: "TypeError", message: "deep x" });
    expect(error.stack).toContain("lib/deep.ts:5");
    expect(error.stack).toContain("main.ts:4");
  });

  test("binary files are imported as bytes, and WebAssembly as a module", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.ts":
          "import bytes from './a.bin' with { type: 'bytes' }; import empty from './e.wasm'; export default () => [...bytes, empty instanceof WebAssembly.Module];",
        "a.bin": { base64: "AP8K" },
        "e.wasm": { base64: "AGFzbQEAAAA=" },
      },
      entry: "main.ts",
    });
    expect((await lab.ask(host, "/")).body).toEqual([0, 255, 10, true]);
  });

  test("an import map in deno.json resolves bare names to files", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.ts": "import { x } from '$lib/x.ts'; export default () => x;",
        "lib/x.ts": "export const x = 'mapped';",
        "deno.json": '{"imports": {"$lib/": "./lib/"}}',
      },
      entry: "main.ts",
    });
    expect((await lab.ask(host, "/")).body).toBe("mapped");
  });

  test("a script's own files are read by Deno.readTextFile and friends, and nothing else is", async () => {
    const { host } = await lab.deploy("", "/*", {
      files: {
        "main.ts":
          "export default async () => { const bad = async (f) => { try { await f(); return 'read'; } catch (e) { return e.name; } }; return [await Deno.readTextFile('data.txt'), (await Deno.stat('data.txt')).size, (await Array.fromAsync(Deno.readDir('.'))).map((e) => e.name).sort(), await bad(() => Deno.readTextFile('/etc/passwd')), await bad(() => Deno.readTextFile('../../../etc/passwd')), await bad(() => Deno.writeTextFile('x', 'y'))]; };",
        "data.txt": "data",
      },
      entry: "main.ts",
    });
    const { body } = await lab.ask(host, "/");
    expect(body[0]).toBe("data");
    expect(body[1]).toBe(4);
    expect(body[2]).toContain("data.txt");
    expect(body[3]).not.toBe("read");
    expect(body[4]).not.toBe("read");
    expect(body[5]).not.toBe("read");
  });
});

describe("namespaces", () => {
  test("what is not here throws a named error that says what to use, and is never undefined", async () => {
    const names = [
      "Command",
      "run",
      "listen",
      "listenTls",
      "writeFile",
      "writeTextFile",
      "mkdir",
      "remove",
      "rename",
      "chmod",
      "symlink",
      "makeTempFile",
      "copyFile",
      "watchFs",
      "dlopen",

      "kill",
      "createHttpClient",
      "serveHttp",
      "umask",
      "truncate",
      "bundle",
    ];
    const got = (await json(
      `export default () => ${JSON.stringify(names)}.map((name) => { try { const f = Deno[name]; if (f === undefined) return [name, "undefined"]; const r = name === "Command" ? new f("ls") : f("a", "b"); return [name, typeof r?.then === "function" ? "promise" : "returned"]; } catch (e) { return [name, e.name, e.message.includes(name), e.message.length > 20]; } });`,
    )) as [string, string, boolean?, boolean?][];
    const wrong = got.filter(
      ([name, kind, named]) =>
        kind === "undefined" ||
        kind === "returned" ||
        (kind !== "promise" && (!named || name === undefined)),
    );
    expect(wrong).toEqual([]);
    const whole = await json(
      "export default () => { try { new Deno.Command('ls'); } catch (e) { return [e instanceof Deno.errors.NotSupported, e.name, e.message]; } };",
    );
    expect(whole).toEqual([
      true,
      "NotSupported",
      expect.stringMatching(/^Deno\.Command is not available in PiCloud: ./u),
    ]);
  });

  test("globals that are not here throw where they are used, and a name that picloud lacks says so", async () => {
    const got = (await json(
      "export default () => ['new Worker(\"x\")', 'localStorage.getItem(\"a\")', 'sessionStorage.length', 'new XMLHttpRequest()', 'alert(1)'].map((code) => { try { return [code, typeof eval(code)]; } catch (e) { return [code, e instanceof Error]; } });",
    )) as [string, unknown][];
    for (const [code, threw] of got) expect({ code, threw }).toEqual({ code, threw: true });
    expect(
      await json(
        "import { log, nonsense } from 'picloud'; import * as all from 'picloud'; export default () => { try { return [typeof log.info, typeof nonsense]; } catch (e) { return [e.name, e.message, typeof all.execution.id]; } };",
      ),
    ).toEqual(["SyntaxError", expect.stringContaining("nonsense"), "string"]);
  });

  test("what comes later refuses by name, however it was imported", async () => {
    const errors = await json(
      `import whole, { sql } from "picloud:sql";
      import { blob, put } from "picloud:blob";
      import * as docs from "picloud:docs";
      import { invoke, on } from "picloud";
      const uses = [() => whole\`select 1\`, () => sql\`select 1\`, () => blob.put("a"), () => put("a"), () => docs.collection("a"), () => docs.nonsense(),
        () => invoke("a"), () => on("kv:set", {}, () => {}), () => Deno.openKv(), () => Deno.cron("a", "* * * * *", () => {}), () => caches.open("a"), () => caches.default.match("http://a/"), () => new BroadcastChannel("a")];
      export default () => Promise.all(uses.map(async (use) => { try { await use(); return "nothing"; } catch (e) { return e instanceof Deno.errors.NotSupported && e.message.includes(" is not available in PiCloud: ") ? e.message.split(" is not")[0] : String(e); } }));`,
    );
    expect(errors).toEqual([
      "picloud:sql",
      "picloud:sql sql",
      "picloud:blob blob.put",
      "picloud:blob put",
      "picloud:docs collection",
      "picloud:docs nonsense",
      "invoke",
      "on",
      "Deno.openKv",
      "Deno.cron",
      "caches.open",
      "caches.default.match",
      "BroadcastChannel",
    ]);
  });

  test("a module worker's class, context and environment", async () => {
    const { host, slug } = await lab.deploy(
      `import { env, WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint<{ KEY: string }> {
        async fetch(request: Request) { this.ctx.waitUntil(Promise.resolve()); return Response.json([this.env.KEY, env.KEY, Object.keys(env), new URL(request.url).pathname]); }
      }`,
    );
    await lab.api("PUT", `/apps/${slug}/env/KEY`, { value: "a" });
    expect((await lab.ask(host, "/x")).body).toEqual(["a", "a", ["KEY"], "/x"]);
  });

  test("the Deno namespace has what the list names", async () => {
    const names = [
      "serve",
      "upgradeWebSocket",
      "env.get",
      "env.has",
      "env.toObject",
      "env.set",
      "env.delete",
      "openKv",
      "cron",
      "version.deno",
      "build.os",
      "build.arch",
      "build.target",
      "pid",
      "errors.NotFound",
      "errors.NotSupported",
      "errors.PermissionDenied",
      "cwd",
      "inspect",
      "readFile",
      "readTextFile",
      "readDir",
      "stat",
      "lstat",
      "realPath",
      "open",
      "resolveDns",
      "connect",
      "connectTls",
      "mainModule",
      "args",
      "noColor",
      "hostname",
      "osRelease",
      "memoryUsage",
      "exit",
      "readFileSync",
      "statSync",
    ];
    const missing = await json(
      `export default () => ${JSON.stringify(names)}.filter((path) => { try { return path.split(".").reduce((o, k) => o?.[k], Deno) === undefined; } catch { return true; } });`,
    );
    expect(missing).toEqual([]);
  });

  test("env.set and delete hold within the request", async () => {
    const { host, slug } = await lab.deploy(
      "export default () => { const before = Deno.env.get('A') ?? null; Deno.env.set('A', 'changed'); const set = Deno.env.get('A'); Deno.env.delete('A'); return [before, set, Deno.env.get('A') ?? null]; };",
    );
    await lab.api("PUT", `/apps/${slug}/env/A`, { value: "orig" });
    for (let i = 0; i < 2; i++)
      expect((await lab.ask(host, "/")).body).toEqual(["orig", "changed", null]);
  });

  test("the environment of the process is not seen", async () => {
    expect(
      await json(
        "import process from 'node:process'; export default () => [Deno.env.get('PATH') ?? null, Deno.env.get('PICLOUD_ADMIN_PASSWORD') ?? null, process.env.PATH ?? null, Object.keys(Deno.env.toObject()).length];",
      ),
    ).toEqual([null, null, null, 0]);
  });

  test("every name of the minimum common API is there", async () => {
    const interfaces =
      "AbortController AbortSignal Event EventTarget CustomEvent ErrorEvent MessageChannel MessageEvent MessagePort PromiseRejectionEvent DOMException Headers Request Response FormData Blob File CompressionStream DecompressionStream ByteLengthQueuingStrategy CountQueuingStrategy ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter TextDecoder TextDecoderStream TextEncoder TextEncoderStream URL URLSearchParams URLPattern Crypto CryptoKey SubtleCrypto Performance WebSocket EventSource BroadcastChannel CloseEvent".split(
        " ",
      );
    const members =
      "globalThis self atob btoa setTimeout setInterval clearTimeout clearInterval queueMicrotask reportError structuredClone navigator fetch console crypto performance caches Intl".split(
        " ",
      );
    const wasm =
      "Global Instance Memory Module Table Tag Exception CompileError LinkError RuntimeError compile compileStreaming instantiate instantiateStreaming JSTag validate".split(
        " ",
      );
    const missing = await json(
      `export default () => [...${JSON.stringify([...interfaces, ...members])}.filter((n) => { try { return globalThis[n] === undefined; } catch { return true; } }), ...${JSON.stringify(wasm)}.filter((n) => WebAssembly[n] === undefined), ...["onerror", "onunhandledrejection", "onrejectionhandled"].filter((n) => !(n in globalThis)), ...${JSON.stringify(interfaces)}.filter((n) => typeof globalThis[n] !== "function")];`,
    );
    expect(missing).toEqual([]);
    expect(
      await json(
        "export default () => [typeof navigator.userAgent, self === globalThis, Object.prototype.toString.call(globalThis).length > 0];",
      ),
    ).toEqual(["string", true, true]);
  });

  test("every node: module of the list is there, and a missing one is named at deploy", async () => {
    const modules = [
      "assert",
      "assert/strict",
      "async_hooks",
      "buffer",
      "crypto",
      "events",
      "path",
      "path/posix",
      "process",
      "punycode",
      "querystring",
      "stream",
      "stream/promises",
      "stream/web",
      "string_decoder",
      "timers",
      "timers/promises",
      "url",
      "util",
      "util/types",
      "fs",
      "fs/promises",
      "os",
      "http",
      "https",
      "net",
      "zlib",
      "diagnostics_channel",
      "module",
      "constants",
      "console",
      "perf_hooks",
      "tty",
      "dns",
    ];
    const missing: string[] = [];
    const tenant = await lab.tenant();
    for (const name of modules) {
      const reply = await lab.api("POST", "/scripts", {
        app_id: tenant.id,
        name: lab.name("m"),
        source: `import * as m from "node:${name}"; export default () => Object.keys(m).length;`,
      });
      if (reply.status !== 201) missing.push(`${name}: ${reply.text}`);
    }
    expect(missing).toEqual([]);
    const bare = await json(
      "import { Buffer } from 'buffer'; import path from 'path'; import { EventEmitter } from 'events'; export default () => [Buffer.from('hi').toString('hex'), path.join('a', '..', 'b'), new EventEmitter().listenerCount('x')];",
    );
    expect(bare).toEqual(["6869", "b", 0]);
    for (const name of ["child_process", "worker_threads", "cluster", "vm", "dgram", "nonsense"]) {
      const reply = await lab.api("POST", "/scripts", {
        app_id: tenant.id,
        name: lab.name("m"),
        source: `import * as m from "node:${name}"; export default () => m.spawn ?? m.Worker ?? m.fork ?? m.runInThisContext ?? m.createSocket ?? 1;`,
      });
      if (reply.status === 201) {
        const ran = await lab.raw("GET", `/api/v1/execute/${reply.body.id}`);
        expect({ name, undefinedSilently: ran.text === "1" }).toEqual({
          name,
          undefinedSilently: false,
        });
      } else expect(reply.text).toContain(name);
    }
  });

  test("AsyncLocalStorage follows awaits", async () => {
    expect(
      await json(
        "import { AsyncLocalStorage } from 'node:async_hooks'; const s = new AsyncLocalStorage(); export default async () => { const go = (v) => s.run(v, async () => { await new Promise((d) => setTimeout(d, 5)); await null; return s.getStore(); }); return Promise.all([go(1), go(2)]); };",
      ),
    ).toEqual([1, 2]);
  });

  test("missing members of picloud are named errors, and an unknown picloud: module is refused at deploy", async () => {
    const tenant = await lab.tenant();
    const reply = await lab.api("POST", "/scripts", {
      app_id: tenant.id,
      name: "x",
      source: "import * as x from 'picloud:nonsense'; export default () => x.y;",
    });
    expect(reply.status).toBe(422);
    expect(reply.text).toContain("picloud:nonsense");
  });
});
