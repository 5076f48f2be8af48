/** Request, Response and their bodies. */
import type { CaseTable } from "./outcomes.ts";

const threw = (run: () => unknown): unknown => {
  try {
    const value = run();
    return { gave: value === undefined ? "undefined" : value };
  } catch (error) {
    return (error as Error).name;
  }
};
const failed = async (run: () => Promise<unknown>): Promise<unknown> => {
  try {
    return { gave: await run() };
  } catch (error) {
    return (error as Error).name;
  }
};
const URL_TEXT = "http://x.test/a";
const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const encode = (text: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

function streamOf(...chunks: unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

const REQUEST_INITS: readonly [unknown, unknown?][] = [
  [URL_TEXT],
  [new URL(URL_TEXT)],
  ["http://x.test/a b?c#d"],
  ["relative"],
  [""],
  ["http://"],
  [URL_TEXT, null],
  [URL_TEXT, {}],
  [URL_TEXT, { method: "post" }],
  [URL_TEXT, { method: "patch" }],
  [URL_TEXT, { method: "PaTcH" }],
  [URL_TEXT, { method: "chicken" }],
  [URL_TEXT, { method: "" }],
  [URL_TEXT, { method: "a b" }],
  [URL_TEXT, { method: "connect" }],
  [URL_TEXT, { method: "TRACE" }],
  [URL_TEXT, { method: "Track" }],
  [URL_TEXT, { method: "delete" }],
  [URL_TEXT, { method: undefined }],
  [URL_TEXT, { method: "é" }],
  [URL_TEXT, { body: "x" }],
  [URL_TEXT, { body: null }],
  [URL_TEXT, { body: undefined }],
  [URL_TEXT, { method: "HEAD", body: "" }],
  [URL_TEXT, { method: "POST", body: "x" }],
  [URL_TEXT, { method: "POST", body: "x", headers: { "Content-Type": "a/b" } }],
  [URL_TEXT, { redirect: "manual" }],
  [URL_TEXT, { redirect: "bogus" }],
  [URL_TEXT, { signal: "bogus" }],
  [URL_TEXT, { signal: null }],
  [URL_TEXT, { headers: "x" }],
  [URL_TEXT, { headers: [["a"]] }],
];

const describe = (request: Request): unknown => [
  request.method,
  request.url,
  [...request.headers],
  request.redirect,
  request.bodyUsed,
  request.body === null,
];

const RESPONSE_INITS: readonly unknown[][] = [
  [],
  [null],
  [undefined, {}],
  [null, null],
  ["x"],
  ["x", undefined],
  ["", { status: 200 }],
  [null, { status: 204 }],
  [null, { status: 101 }],
  ["x", { status: 101 }],
  ["x", { status: 204 }],
  ["", { status: 205 }],
  ["", { status: 304 }],
  ["x", { status: 199 }],
  ["x", { status: 600 }],
  ["x", { status: 200.9 }],
  ["x", { status: "404" }],
  ["x", { status: "x" }],
  ["x", { status: 65736 }],
  ["x", { statusText: "ok é\t" }],
  ["x", { statusText: "\n" }],
  ["x", { statusText: "\u0100" }],
  ["x", { statusText: "\0" }],
  ["x", { headers: { "content-type": "q/r" } }],
  ["x", { headers: "bad" }],
  ["x", 1],
  ["x", "s"],
  [1],
  [{}],
  [[1, 2]],
  [true],
  [Symbol.iterator],
];

const BODIES: Readonly<Record<string, () => BodyInit>> = {
  string: () => "héllo",
  "empty string": () => "",
  "lone surrogate": () => "a\ud800b",
  buffer: () => bytes(104, 105).buffer,
  view: () => bytes(0, 104, 105, 0).subarray(1, 3),
  "data view": () => new DataView(bytes(0, 104, 105).buffer, 1),
  "wide view": () => new Uint16Array([0x6968]),
  params: () =>
    new URLSearchParams([
      ["a", "b c"],
      ["é", "&"],
    ]),
  blob: () => new Blob(["blob"], { type: "Text/X" }),
  "untyped blob": () => new Blob(["blob"]),
  stream: () => streamOf(encode("st"), encode("ream")),
};

const consumed = async (body: Body): Promise<unknown> => [
  await body.text(),
  body.bodyUsed,
  await failed(() => body.text()),
];

const CONSUMERS = ["text", "arrayBuffer", "bytes", "json", "blob", "formData"] as const;

function bodyCases(): CaseTable {
  const cases: Record<string, () => unknown> = {};
  for (const [name, make] of Object.entries(BODIES)) {
    cases[`body ${name}: type`] = () => {
      const type = new Response(make()).headers.get("content-type");
      return type;
    };
    cases[`body ${name}: text`] = () => consumed(new Response(make()));
    cases[`body ${name}: bytes`] = async () => [
      ...new Uint8Array(await new Response(make()).arrayBuffer()),
    ];
    cases[`body ${name}: of a request`] = () =>
      consumed(
        new Request(URL_TEXT, { method: "POST", body: make(), duplex: "half" } as RequestInit),
      );
    cases[`body ${name}: through its stream`] = async () => {
      const response = new Response(make());
      const parts: number[] = [];
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
        parts.push(...chunk);
      return [parts, response.bodyUsed];
    };
    cases[`body ${name}: clone`] = async () => {
      const response = new Response(make());
      const copy = response.clone();
      return [await copy.text(), response.bodyUsed, await response.text()];
    };
  }
  for (const consumer of CONSUMERS) {
    cases[`${consumer} of null`] = () =>
      failed(async () => {
        const value: unknown = await (new Response(null)[consumer] as () => Promise<unknown>)();
        return value instanceof ArrayBuffer
          ? value.byteLength
          : value instanceof Blob
            ? [value.size, value.type]
            : value;
      });
    cases[`${consumer} sets bodyUsed`] = async () => {
      const response = new Response("a=b", {
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      const result = failed(response[consumer].bind(response) as () => Promise<unknown>);
      const during = response.bodyUsed;
      const outcome = await result;
      return [
        during,
        response.bodyUsed,
        typeof outcome,
        await failed(() => response.arrayBuffer()),
      ];
    };
    cases[`${consumer} rejects on a foreign this`] = () =>
      failed(() => (Response.prototype[consumer] as () => Promise<unknown>).call({}));
    cases[`${consumer} of a locked stream`] = async () => {
      const response = new Response(streamOf(encode("x")));
      (response.body as ReadableStream).getReader();
      return [
        await failed(response[consumer].bind(response) as () => Promise<unknown>),
        response.bodyUsed,
      ];
    };
    cases[`${consumer} of a stream that fails`] = () => {
      const response = new Response(
        new ReadableStream({ pull: (controller) => controller.error(new RangeError("broken")) }),
        { headers: { "content-type": "application/x-www-form-urlencoded" } },
      );
      return failed(response[consumer].bind(response) as () => Promise<unknown>);
    };
    cases[`${consumer} of a stream of strings`] = () => {
      const response = new Response(streamOf("text"), {
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      return failed(response[consumer].bind(response) as () => Promise<unknown>);
    };
  }
  return cases;
}

const BLOB_TYPES = [
  "text/plain",
  "Text/HTML; Charset=UTF-8",
  "text/html;charset=gbk, text/plain",
  "a/b;c=d, a/b",
  "x",
  "*/*",
  'text/html;x="a,b"',
  "text/html;a=1;a=2",
  "",
  "text/plain;charset=utf-8, text/plain",
  "text/html;;a=b",
  " text/plain ",
  "text/plain;charset",
  'a/b;c="\\"q"',
  "a/b;c=é",
];

export const cases: CaseTable = {
  ...Object.fromEntries(
    REQUEST_INITS.map(([input, init], i) => [
      `new Request ${i}: ${String(input)} ${JSON.stringify(init) ?? ""}`,
      () => threw(() => describe(new Request(input as string, init as RequestInit))),
    ]),
  ),
  ...Object.fromEntries(
    RESPONSE_INITS.map((args, i) => [
      `new Response ${i}: ${args.map((arg) => (typeof arg === "symbol" ? "symbol" : JSON.stringify(arg))).join(", ")}`,
      () =>
        threw(() => {
          const response = new Response(...(args as [BodyInit]));
          return [
            response.status,
            response.statusText,
            [...response.headers],
            response.ok,
            response.type,
            response.url,
            response.redirected,
            response.body === null,
          ];
        }),
    ]),
  ),
  ...bodyCases(),
  "Response.json": async () => {
    const response = Response.json({ a: 1 });
    return [response.status, [...response.headers], await response.text()];
  },
  "Response.json with init": () => [
    ...Response.json(1, { status: 201, headers: { "content-type": "a/b", x: "y" } }).headers,
  ],
  "Response.json of what is no JSON": () =>
    [undefined, () => {}, Symbol("s"), 1n].map((value) => threw(() => Response.json(value))),
  "Response.json of a cycle": () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    return threw(() => Response.json(cycle));
  },
  "Response.json with a null body status": () =>
    [204, 205, 304].map((status) => threw(() => Response.json(1, { status }))),
  "Response.json with toJSON that throws": () =>
    threw(() =>
      Response.json({
        toJSON() {
          throw new RangeError("x");
        },
      }),
    ),
  "Response.json without arguments": () => threw(() => (Response.json as () => unknown)()),
  "Response.redirect": () =>
    [301, 302, 303, 307, 308, 300, 200, 304].map((status) =>
      threw(() => {
        const response = Response.redirect("http://x.test/é", status);
        return [
          response.status,
          response.headers.get("location"),
          response.type,
          response.body === null,
        ];
      }),
    ),
  "Response.redirect default": () => Response.redirect("http://x.test").status,
  "Response.redirect of no URL": () => threw(() => Response.redirect("http://:x")),
  "Response.error": () => {
    const response = Response.error();
    return [
      response.status,
      response.type,
      response.ok,
      response.statusText,
      [...response.headers],
      response.body,
      response.url,
    ];
  },
  "clone of a used response": async () => {
    const response = new Response("x");
    await response.text();
    return threw(() => response.clone());
  },
  "clone of a locked response": () => {
    const response = new Response(streamOf(encode("x")));
    (response.body as ReadableStream).getReader();
    return threw(() => response.clone());
  },
  "clone keeps everything": () => {
    const response = new Response("x", { status: 404, statusText: "no", headers: { a: "b" } });
    const copy = response.clone();
    copy.headers.set("c", "d");
    return [copy.status, copy.statusText, [...copy.headers], [...response.headers]];
  },
  "a used stream cannot be a body": async () => {
    const stream = streamOf(encode("x"));
    await new Response(stream).text();
    return threw(() => new Response(stream));
  },
  "a locked stream cannot be a body": () => {
    const stream = streamOf(encode("x"));
    stream.getReader();
    return threw(() => new Response(stream));
  },
  "the stream is the body itself": () => {
    const stream = streamOf(encode("x"));
    return new Response(stream).body === stream;
  },
  "body is the same object": () => {
    const response = new Response("x");
    return response.body === response.body;
  },
  "headers is the same object": () => {
    const response = new Response("x");
    const request = new Request(URL_TEXT);
    return [
      response.headers === response.headers,
      request.headers === request.headers,
      request.signal === request.signal,
    ];
  },
  "a read stream makes bodyUsed": async () => {
    const response = new Response("x");
    const reader = (response.body as ReadableStream).getReader();
    const before = response.bodyUsed;
    await reader.read();
    return [before, response.bodyUsed];
  },
  "a cancelled stream makes bodyUsed": async () => {
    const response = new Response("x");
    await (response.body as ReadableStream).cancel();
    return [response.bodyUsed, await failed(() => response.text())];
  },
  "body after text is locked": async () => {
    const response = new Response("x");
    await response.text();
    return [
      (response.body as ReadableStream).locked,
      threw(() => (response.body as ReadableStream).getReader()),
    ];
  },
  "a byte order mark": async () => [
    await new Response(bytes(0xef, 0xbb, 0xbf, 65)).text(),
    await new Response(bytes(0xef, 0xbb, 0xbf, 123, 125)).json(),
    await new Response(bytes(0xff, 0x41)).text(),
  ],
  "json of no JSON": () =>
    Promise.all(
      ["", "{", "undefined", " 1 ", "[1,]"].map((text) => failed(() => new Response(text).json())),
    ),
  "Request from Request": async () => {
    const first = new Request(URL_TEXT, { method: "POST", body: "x", headers: { a: "b" } });
    const second = new Request(first);
    return [first.bodyUsed, describe(second), await second.text()];
  },
  "Request from Request with init": async () => {
    const first = new Request(URL_TEXT, { method: "POST", body: "x", headers: { a: "b" } });
    const second = new Request(first, { method: "PUT", headers: { c: "d" }, body: "y" });
    return [first.bodyUsed, describe(second), await second.text(), await first.text()];
  },
  "Request from a used Request": async () => {
    const first = new Request(URL_TEXT, { method: "POST", body: "x" });
    await first.text();
    return [
      threw(() => new Request(first)),
      threw(() => (new Request(first, { body: "y" }) as Request).method),
    ];
  },
  "Request from Request to GET with body": () =>
    threw(
      () => new Request(new Request(URL_TEXT, { method: "POST", body: "x" }), { method: "GET" }),
    ),
  "Request clone": async () => {
    const first = new Request(URL_TEXT, { method: "POST", body: "x", headers: { a: "b" } });
    const second = first.clone();
    return [describe(second), await first.text(), await second.text(), threw(() => first.clone())];
  },
  "Request signal follows": () => {
    const controller = new AbortController();
    const request = new Request(URL_TEXT, { signal: controller.signal });
    const copy = request.clone();
    const again = new Request(request);
    controller.abort("why");
    return [
      request.signal.aborted,
      request.signal.reason,
      request.signal === controller.signal,
      copy.signal.aborted,
      again.signal.reason,
    ];
  },
  "Request signal of an aborted one": () =>
    new Request(URL_TEXT, { signal: AbortSignal.abort("x") }).signal.reason,
  "blob types": () =>
    Promise.all(
      BLOB_TYPES.map(
        async (type) =>
          (await new Response("x", { headers: { "content-type": type } }).blob()).type,
      ),
    ),
  "the order of members read from RequestInit": () => {
    const seen: string[] = [];
    const init = new Proxy(
      {},
      {
        get: (_target, key) =>
          void (
            ["body", "headers", "method", "redirect", "signal"].includes(String(key)) &&
            seen.push(String(key))
          ),
      },
    );
    new Request(URL_TEXT, init as RequestInit);
    return seen;
  },
  "textStream gives decoded chunks": async () => {
    const parts: string[] = [];
    const response = new Response(
      streamOf(bytes(0xef, 0xbb), bytes(0xbf, 0xe2), bytes(0x82, 0xac, 65)),
    );
    const readers = response as unknown as { textStream(): AsyncIterable<string> };
    for await (const part of readers.textStream()) parts.push(part);
    return [parts.join(""), response.bodyUsed, threw(() => readers.textStream())];
  },
  "textStream of no body": async () => {
    const parts: string[] = [];
    const readers = new Response(null) as unknown as { textStream(): AsyncIterable<string> };
    for await (const part of readers.textStream()) parts.push(part);
    return parts;
  },
  "arrayBuffer is a copy of its own": async () => {
    const source = bytes(1, 2);
    const response = new Response(source);
    source[0] = 9;
    return [...new Uint8Array(await response.arrayBuffer())];
  },
};
