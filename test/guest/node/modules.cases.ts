import assert from "node:assert";
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import events, { EventEmitter, on, once } from "node:events";
import path from "node:path";
import process from "node:process";
import punycode from "node:punycode";
import querystring from "node:querystring";
import timers from "node:timers/promises";
import url from "node:url";
import util from "node:util";

const attempt = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return [(error as Error).name, (error as { code?: string }).code];
  }
};
const PATHS = [
  "",
  ".",
  "..",
  "/",
  "//",
  "/a",
  "a",
  "a/",
  "/a/b/../c",
  "./a/./b",
  "../../a",
  "a/../..",
  "a//b",
  "file.txt",
  ".hidden",
  "a.b.c",
  "/a/b.",
  "a/b/..",
  "/a.b/c",
  "...",
  "a/.x.y/",
];
const QUERIES = [
  "",
  "a=1",
  "a=1&a=2",
  "a",
  "=x",
  "a=%20+",
  "a=%zz",
  "&&a=1&",
  "a=b=c",
  "%E2%82%AC=%E2",
  "a[]=1&a[]=2",
  "__proto__=1",
];
const URLS = [
  "http://user:pass@host.com:8080/p/a/t/h?query=string#hash",
  "/path?x=1#y",
  "//host/path",
  "mailto:a@b.c",
  "http://EXAMPLE.com",
  "https://x.y/a b?c d",
  "javascript:alert(1)",
  "http://[::1]:3000/",
  "x",
  "?a=b",
  "#h",
  "http://a.com?x",
  "file:///etc/hosts",
];

export const cases: Record<string, () => unknown> = {
  "path of one": () =>
    PATHS.map((item) => [
      path.normalize(item),
      path.dirname(item),
      path.basename(item),
      path.extname(item),
      path.isAbsolute(item),
      path.parse(item),
      path.basename(item, ".txt"),
      path.format(path.parse(item)),
    ]),
  "path of two": () =>
    PATHS.flatMap((a) =>
      ["/", "x", "../y", "/z/w"].map((b) => [
        path.join(a, b),
        path.relative(path.join("/", a), path.join("/", b)),
        path.resolve("/base", a, b),
      ]),
    ),
  "path refuses what is no string": () => [
    attempt(() => path.join(1)),
    attempt(() => path.dirname(null)),
  ],
  "querystring parses": () => QUERIES.map((text) => querystring.parse(text)),
  "querystring writes": () =>
    [
      { a: 1, b: [1, "x y"], c: null, d: undefined, e: true, f: Number.NaN, "g h": "é&=" },
      {},
      null,
      "x",
    ]
      .map((value) => querystring.stringify(value))
      .concat(
        querystring.stringify({ a: "b c" }, ";", ":"),
        querystring.escape("a b&é"),
        querystring.unescape("%41%"),
      ),
  "querystring with limits and separators": () => [
    querystring.parse("a=1;b=2", ";"),
    querystring.parse("a:1&b:2", "&", ":"),
    querystring.parse("a=1&b=2&c=3", undefined, undefined, { maxKeys: 2 }),
  ],
  punycode: () =>
    ["mañana.com", "bücher.example", "例え.テスト", "plain.com", "☃.net"].map((text) => [
      punycode.toASCII(text),
      punycode.toUnicode(punycode.toASCII(text)),
      punycode.decode(punycode.encode(text)),
      punycode.encode(text),
    ]),
  "url.parse": () =>
    URLS.map((text) => {
      const { protocol, slashes, auth, host, port, hostname, hash, search, query, pathname, href } =
        url.parse(text);
      return {
        protocol,
        slashes,
        auth,
        host,
        port,
        hostname,
        hash,
        search,
        query,
        pathname,
        href,
        path: url.parse(text).path,
      };
    }),
  "url.format and resolve": () => [
    url.format({ protocol: "https", hostname: "a.b", port: 81, pathname: "x", query: { a: 1 } }),
    url.format({ host: "h:1", pathname: "/p", search: "q" }),
    url.format(new URL("https://u:p@x.y/z?q#h"), { fragment: false, auth: false }),
    ...["b", "/b", "../b", "//h/b", "http://z/b", "?q", "#h", ""].map((to) =>
      url.resolve("http://example.com/one/two", to),
    ),
    url.resolve("/one/two", "three"),
  ],
  "url and files": () => [
    url.fileURLToPath("file:///a%20b/c"),
    url.pathToFileURL("/a b#?%").href,
    attempt(() => url.fileURLToPath("http://x")),
    url.urlToHttpOptions(new URL("https://u:p@h:1/p?q#h")).path,
    url.domainToASCII("español.com"),
    url.domainToUnicode("xn--espaol-zwa.com"),
  ],
  "util.format": () => [
    util.format("%s %d %i %f %j %%", "a", 1.5, 1.9, "2.5", { a: 1 }),
    util.format("%s", { toString: () => "own" }),
    util.format("a", "b", 3),
    util.format("%x %s"),
    util.format("%s %s", 1n, -0),
    util.format("%d", "x"),
    util.format(1, 2),
    util.format("%c styled", "color"),
    util.format("%s", null, undefined),
    util.format("%o".length),
    util.format(
      "%j",
      (() => {
        const a: Record<string, unknown> = {};
        a["a"] = a;
        return a;
      })(),
    ),
    util.format("%i", 42.9),
    util.format("%s", Symbol("x")),
  ],
  "util.types": () => {
    const values = [
      new Map(),
      new Set(),
      new Date(),
      /x/,
      new Error("e"),
      Promise.resolve(),
      new Uint8Array(),
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(1)),
      Object(1),
      Object("s"),
      async () => 1,
      function* () {
        yield 1;
      },
      new Map().keys(),
      new WeakMap(),
      {},
      null,
      1,
      (function () {
        return arguments;
      })(),
    ];
    const names = [
      "isMap",
      "isSet",
      "isDate",
      "isRegExp",
      "isNativeError",
      "isPromise",
      "isTypedArray",
      "isUint8Array",
      "isArrayBuffer",
      "isAnyArrayBuffer",
      "isDataView",
      "isBoxedPrimitive",
      "isNumberObject",
      "isStringObject",
      "isAsyncFunction",
      "isGeneratorFunction",
      "isMapIterator",
      "isWeakMap",
      "isArgumentsObject",
      "isArrayBufferView",
    ];
    return names.map((name) =>
      values.map((value) =>
        (util.types as unknown as Record<string, (value: unknown) => boolean>)[name]?.(value),
      ),
    );
  },
  "util.isDeepStrictEqual": () => {
    const ring: unknown[] = [];
    ring.push(ring);
    const ring2: unknown[] = [];
    ring2.push(ring2);
    const pairs: [unknown, unknown][] = [
      [1, 1],
      [Number.NaN, Number.NaN],
      [0, -0],
      [{ a: 1 }, { a: 1 }],
      [{ a: 1 }, { a: "1" }],
      [
        [1, 2],
        [1, 2, 3],
      ],
      [new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1]])],
      [new Set([1, { b: 2 }]), new Set([{ b: 2 }, 1])],
      [new Date(1), new Date(1)],
      [/a/g, /a/i],
      [new Uint8Array([1]), new Uint8Array([1])],
      [ring, ring2],
      [[], {}],
      [Object.create(null), {}],
      [Object(1), Object(1)],
      [new Error("a"), new Error("a")],
      [undefined, null],
      [{ a: undefined }, {}],
      ["a", Object("a")],
    ];
    return pairs.map(([a, b]) => [
      util.isDeepStrictEqual(a, b),
      attempt(() => (assert.deepEqual(a, b), true)),
      attempt(() => (assert.notDeepStrictEqual(a, b), true)),
    ]);
  },
  "util.promisify, callbackify, inherits, deprecate": async () => {
    const later = util.promisify(
      (value: number, callback: (error: Error | null, result?: number) => void) =>
        callback(value < 0 ? new Error("negative") : null, value * 2),
    );
    const back = util.callbackify(async (value: number) => value + 1);
    function Old(this: { n: number }) {
      this.n = 1;
    }
    util.inherits(Old, EventEmitter);
    return [
      await later(4),
      await later(-1).catch((error: Error) => error.message),
      await new Promise((resolve) => back(1, (_error, value) => resolve(value))),
      new (Old as new () => object)() instanceof EventEmitter,
      await util.promisify(setTimeout)(1, "done"),
    ];
  },
  "util.parseArgs": () => [
    util.parseArgs({
      args: ["-f", "--bar", "b", "pos"],
      options: { foo: { type: "boolean", short: "f" }, bar: { type: "string" } },
      allowPositionals: true,
    }),
    util.parseArgs({
      args: ["--n=1", "--n", "2", "-vv"],
      options: {
        n: { type: "string", multiple: true },
        v: { type: "boolean", short: "v", multiple: true },
        d: { type: "string", default: "x" },
      },
    }),
    attempt(() => util.parseArgs({ args: ["--nope"], options: {} })),
    attempt(() => util.parseArgs({ args: ["x"], options: {} })),
  ],
  "util odds and ends": () => [
    util.stripVTControlCharacters("\u001b[31mred\u001b[0m"),
    util.toUSVString("a\uD800"),
    util.inspect.custom === Symbol.for("nodejs.util.inspect.custom"),
    typeof util.TextEncoder,
    util.inspect({ a: [1, "x", { b: { c: { d: 1 } } }] }),
    util.inspect(new Map([["a", 1]])),
    util.inspect("it's"),
    util.inspect([undefined, null, -0, 10n]),
  ],
  "events: order, once, prepend, removal": () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    emitter.on("newListener", (name) => seen.push(`new ${String(name)}`));
    emitter.on("removeListener", (name) => seen.push(`gone ${String(name)}`));
    const second = (): unknown => seen.push("second");
    emitter.once("a", (value) => seen.push(["once", value]));
    emitter.on("a", second);
    emitter.prependListener("a", () => seen.push("first"));
    seen.push(
      emitter.emit("a", 1),
      emitter.emit("a", 2),
      emitter.listenerCount("a"),
      emitter.eventNames(),
    );
    emitter.off("a", second);
    emitter.removeAllListeners("a");
    return [
      seen,
      emitter.emit("a"),
      emitter.rawListeners("a").length,
      emitter.getMaxListeners(),
      events.listenerCount(emitter, "x"),
    ];
  },
  "events: removal while emitting, errors": () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const self = (): void => {
      seen.push("self");
      emitter.off("x", self);
    };
    emitter.on("x", self);
    emitter.on("x", () => seen.push("other"));
    emitter.emit("x");
    emitter.emit("x");
    emitter.on(events.errorMonitor, (error: Error) => seen.push(`monitored ${error.message}`));
    return [
      seen,
      attempt(() => emitter.emit("error", new RangeError("boom"))),
      attempt(() => emitter.emit("error", "text")),
      attempt(() => emitter.on("x", 1)),
      seen.length,
    ];
  },
  "events: promises": async () => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit("a", 1, 2), 1);
    const got = await once(emitter, "a");
    setTimeout(() => ["x", "y"].forEach((value) => emitter.emit("b", value)), 1);
    const items: unknown[] = [];
    for await (const [value] of on(emitter, "b")) if (items.push(value) === 2) break;
    setTimeout(() => emitter.emit("error", new Error("failed")), 1);
    const failed = await once(emitter, "never").catch((error: Error) => error.message);
    const target = new EventTarget();
    setTimeout(() => target.dispatchEvent(new Event("t")), 1);
    const [event] = (await once(target, "t")) as [Event];
    const control = new AbortController();
    setTimeout(() => control.abort(), 1);
    return [
      got,
      items,
      failed,
      event.type,
      await once(emitter, "z", { signal: control.signal }).catch((error: Error) => error.name),
    ];
  },
  "AsyncLocalStorage follows awaits, timers, callbacks and errors": async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const see = (place: string): unknown => seen.push(`${place} ${storage.getStore() ?? "none"}`);
    const work = async (): Promise<void> => {
      await Promise.resolve();
      see("await");
      await timers.setTimeout(1);
      see("timer");
      try {
        await Promise.reject(new Error("x"));
      } catch {
        see("catch");
      } finally {
        see("finally");
      }
      for await (const item of [1, Promise.resolve(2)]) see(`item${item}`);
      await new Promise<void>((resolve) => setTimeout(() => (see("callback"), resolve()), 1));
      await Promise.resolve().then(() => see("then"));
      queueMicrotask(() => see("microtask"));
      process.nextTick(() => see("tick"));
      storage.run("inner", () => see("nested"));
      see("after nested");
      storage.exit(() => see("exit"));
      await storage.run("async", async () => {
        await timers.setTimeout(1);
        see("inside");
      });
      see("end");
    };
    await storage.run("one", work);
    see("outside");
    const bound = storage.run("bound", () => AsyncResource.bind(() => storage.getStore()));
    const snapshot = storage.run("snap", () => AsyncLocalStorage.snapshot());
    return [seen, bound(), snapshot(() => storage.getStore())];
  },
  diagnostics_channel: () => {
    const seen: unknown[] = [];
    const channel = diagnostics.channel("test:a");
    const listener = (message: unknown, name: string | symbol): unknown =>
      seen.push([message, name]);
    channel.subscribe(listener);
    channel.publish({ x: 1 });
    return [
      seen,
      channel.hasSubscribers,
      channel.unsubscribe(listener),
      channel.hasSubscribers,
      diagnostics.hasSubscribers("test:a"),
      diagnostics.channel("test:a") === channel,
    ];
  },
  assert: async () => {
    const code = (work: () => unknown): unknown => attempt(() => (work(), "passed"));
    return [
      code(() => assert(true)),
      code(() => assert(0)),
      code(() => assert.equal(1, "1")),
      code(() => assert.strictEqual(1, "1")),
      code(() => assert.notStrictEqual(1, 1)),
      code(() =>
        assert.throws(() => {
          throw new TypeError("bad");
        }, TypeError),
      ),
      code(() =>
        assert.throws(() => {
          throw new Error("bad");
        }, /good/),
      ),
      code(() => assert.throws(() => undefined)),
      code(() =>
        assert.doesNotThrow(() => {
          throw new Error("x");
        }),
      ),
      code(() => assert.match("abc", /b/)),
      code(() => assert.match("abc", /z/)),
      code(() => assert.ifError(null)),
      code(() => assert.ifError(new Error("x"))),
      code(() => assert.fail("m")),
      code(() =>
        assert.throws(
          () => {
            throw Object.assign(new Error("m"), { code: "C" });
          },
          { code: "C", message: "m" },
        ),
      ),
      await assert.rejects(Promise.reject(new Error("r")), /r/).then(() => "passed"),
      await assert.rejects(Promise.resolve()).catch((error: Error) => error.name),
      code(() => assert.strict.equal(1, "1")),
      code(() => assert.deepStrictEqual([1, { a: 2 }], [1, { a: 2 }])),
    ];
  },
  process: () => [
    process.env["NAME"],
    process.env["ABSENT"],
    "NAME" in process.env,
    typeof process.hrtime.bigint(),
    process.hrtime().length,
    typeof process.uptime(),
    typeof process.memoryUsage().heapUsed,
    process.platform.length > 0,
    Array.isArray(process.argv),
    typeof process.on,
    process === globalThis.process,
  ],
  "a date's text names the zone": () => [
    String(new Date(0)),
    new Date(8.64e15).toString(),
    new Date(0).toTimeString(),
    String(new Date(Number.NaN)),
    attempt(() => Date.prototype.toString.call({} as Date)),
    Date.prototype.toString.length,
  ],
  "timers/promises": async () => [
    await timers.setTimeout(1, "a"),
    await timers.setImmediate("b"),
    await timers
      .setTimeout(1000, "c", { signal: AbortSignal.abort() })
      .catch((error: Error) => error.name),
  ],
};
