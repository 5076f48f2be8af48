/** URL and URLSearchParams. */
import type { CaseTable } from "./outcomes.ts";

const threw = (run: () => unknown): unknown => {
  try {
    const value = run();
    return { gave: value === undefined ? "undefined" : value };
  } catch (error) {
    return (error as Error).name;
  }
};

const MEMBERS = [
  "href",
  "origin",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
const dump = (url: URL): unknown => MEMBERS.map((member) => url[member]);

const URLS: readonly [string, string?][] = [
  ["http://example.com"],
  ["HTTP://EXAMPLE.com:80/../a/./b/%2e%2E/c?q#h"],
  ["https://user:p%40ss@example.com:443/"],
  ["https://us er:pa ss@example.com"],
  ["http://a:b@c:29/d"],
  ["http::@c:29"],
  ["http://foo:-80/"],
  ["http://f:00000000000000000000080/c"],
  ["http://f:65536/c"],
  ["http://f: 21 / b ? d # e "],
  ["http://192.168.0.257"],
  ["http://0x7f.1/"],
  ["http://256.256.256.256.256"],
  ["http://1.2.3/"],
  ["http://[::1]:80/"],
  ["http://[1::2::3]"],
  ["http://[::127.0.0.1]"],
  ["http://[0:0:0:1:0:0:0:2]"],
  ["http://[www.google.com]/"],
  ["http://ex ample.com"],
  ["http://exa%23mple.com"],
  ["http://ex%41mple.com"],
  ["http://münchen.de/ä?ö#ü"],
  ["http://faß.de"],
  ["http://日本語。jp"],
  ["http://a\u00adb.com"],
  ["http://\u{1F4A9}/"],
  ["http://a..b/"],
  ["http://a_b/"],
  ["http://-a-/"],
  ["http://a.b."],
  ["http://%"],
  ["http://%00"],
  ["http:\\\\x\\y"],
  ["http:/example.com"],
  ["http:example.com"],
  ["http://\ta\nb\r/"],
  [" http://x "],
  ["\u0000http://x"],
  ["//x/y", "http://h/p"],
  ["/y?z", "http://h/p?q#r"],
  ["?z", "http://h/p?q#r"],
  ["#z", "http://h/p?q#r"],
  ["", "http://h/p?q#r"],
  ["../../../x", "http://h/a/b/c/d"],
  ["./..", "http://h/a/b/c/d"],
  ["x:y", "http://h/"],
  ["http:y", "http://h/a/b"],
  ["https:y", "http://h/a/b"],
  ["y", "mailto:x"],
  ["#y", "mailto:x"],
  ["y", "about:blank"],
  ["//", "http://h/"],
  ["///x", "http://h/"],
  ["file:///C|/x/../.."],
  ["file:c:/x"],
  ["file://host/C:/x"],
  ["file:///./a//b/..//c"],
  ["/c:/x", "file:///d:/y"],
  ["//x", "file:///y"],
  ["..", "file:///C:/a"],
  ["data:text/plain,a b#c d"],
  ["data: x "],
  ["javascript:a?b#c"],
  ["mailto:x@y?subject=é"],
  ["blob:https://x.com/y"],
  ["blob:ftp://x.com/y"],
  ["blob:d3958f5c"],
  ["about:blank"],
  ["non-special://x/y/../z"],
  ["non-special://x y/"],
  ["non-special://EXAMPLE%41/"],
  ["non-special://[::1]:80/"],
  ["non-special:/..//p"],
  ["non-special:opaque path "],
  ["web+demo:/.//not-a-host/"],
  ["ws://x:80/"],
  ["wss://x:443/?#"],
  ["ftp://x:21/%zz"],
  ["http://x/?'\"<>`{}|^\\"],
  ["http://x/'\"<>`{}|\\"],
  ["http://x/#'\"<>`{}|^\\"],
  ["http://x/\ud800?\udfff#\ud83d"],
  ["http://x/?a=%zz&b=%"],
  [""],
  ["x"],
  ["http://"],
  ["http:"],
  ["://x"],
  ["1http://x"],
  ["h-t+t.p://x"],
  ["http://x:a"],
  ["http://@/"],
  ["http://u@"],
  ["http://x?@y"],
  ["https://xn--/"],
  ["http://1.2.3.xn--zzzzzz9"],
  ["file://XN--a/x"],
];

const SETTERS: readonly [string, string, string[]][] = [
  [
    "http://u:p@h:81/p?q#f",
    "protocol",
    ["https", "ws:", "ftp:x", "file", "foo", "", ":", "h ttp", "1"],
  ],
  ["https://h:80/", "protocol", ["http", "wss"]],
  ["file://localhost/", "protocol", ["http"]],
  ["mailto:x", "protocol", ["http", "data"]],
  ["foo://h/", "protocol", ["bar", "http"]],
  ["http://h/", "username", ["u", "", "a:b@c/d", "é %41"]],
  ["mailto:x", "username", ["u"]],
  ["file:///x", "username", ["u"]],
  ["http://u@h/", "password", ["p", "", "a:b@c/d"]],
  [
    "http://h:81/p",
    "host",
    [
      "x",
      "x:80",
      "x:90",
      "x:",
      "x/y",
      "",
      "x:99999",
      "[::1]:7",
      "a b",
      "u@x",
      ":9",
      "x?y",
      "x#y",
      "1.2",
    ],
  ],
  [
    "http://h:81/p",
    "hostname",
    ["x", "x:80", "", "x/y", "[::1]", "a%41", "é", "x?y", "x\\y", "x y", "0x7f000001"],
  ],
  ["https://h/", "host", ["xn--", "xn--zca"]],
  ["https://h/", "hostname", ["xn--", "xn--zca"]],
  ["foo://h/p", "hostname", ["", "x", "X%41", "a b", "[::1]"]],
  ["foo:p", "hostname", ["x"]],
  ["file://h/p", "hostname", ["", "localhost", "x", "x:1"]],
  ["http://h:81/p", "port", ["", "80", "90", "65536", "8a", "a", " 9", "0009", "-1", "9/", "\t9"]],
  ["file:///p", "port", ["9"]],
  ["http://h/p?q#f", "pathname", ["", "x", "/x", "/a/../b", "\\x", "?a#b", "//x", "%2e%2e/y", "é"]],
  ["mailto:x", "pathname", ["y"]],
  ["foo:/a", "pathname", ["//b", ""]],
  ["file:///C:/x", "pathname", ["/", "D|/y", ".."]],
  ["http://h/p?q#f", "search", ["", "?", "x", "?x", "??x", "a b'\"#é", "\t"]],
  ["foo://h/p?q#f", "search", ["'", ""]],
  ["data:x ?q", "search", [""]],
  ["http://h/p?q#f", "hash", ["", "#", "x", "#x", "##x", 'a b"<>`é\u0000']],
  ["javascript:x", "hash", ["y"]],
  ["http://h/", "href", ["http://x/", "x", "", "mailto:y"]],
];

const QUERIES = [
  "",
  "?",
  "??",
  "a=b",
  "?a=b&c",
  "a=b&a=c",
  "=",
  "=&=",
  "&&a&&",
  "a=b=c",
  "a+b=c+d",
  "a%20b=%2B",
  "%zz=%",
  "%e4%bd%a0=%c3%28",
  "\ud800=\udfff",
  "a=\u0000",
  "é=ü",
  "%61+%4d%4D=",
  "id=0&value=%",
  "b=%*",
  "%EF%BB%BFtest=%EF%BB%BF",
  "a=%F0%9F%98%80",
];

const PARAM_INITS: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  number: () => 12,
  true: () => true,
  object: () => ({ a: 1, b: null }),
  function: () => Object.assign(() => {}, { a: "b" }),
  pairs: () => [
    ["a", "b"],
    ["c", "d"],
  ],
  "short pair": () => [["a"]],
  "long pair": () => [["a", "b", "c"]],
  "not pairs": () => ["ab", 1],
  params: () => new URLSearchParams("a=b"),
  "params with own iterator": () =>
    Object.assign(new URLSearchParams("a=b"), {
      *[Symbol.iterator]() {
        yield ["x", "y"];
      },
    }),
  form: () => {
    const form = new FormData();
    form.append("a", "b");
    return form;
  },
  "lone surrogates as keys": () => ({ "a\ud800": "1", "a\udc00": "2", x: "\ud83d" }),
  "null iterator": () => ({ a: "b", [Symbol.iterator]: null }),
  "number iterator": () => ({ [Symbol.iterator]: 1 }),
  "symbol key": () => ({ [Symbol("x")]: "y" }),
};

export const cases: CaseTable = {
  ...Object.fromEntries(
    URLS.map(([input, base], i) => [
      `parse ${i}: ${JSON.stringify(input)} on ${base ?? "nothing"}`,
      () => threw(() => dump(new URL(input, base))),
    ]),
  ),
  ...Object.fromEntries(
    SETTERS.flatMap(([href, member, values]) =>
      values.map((value) => [
        `${href} ${member} = ${JSON.stringify(value)}`,
        () =>
          threw(() => {
            const url = new URL(href);
            (url as unknown as Record<string, string>)[member] = value;
            return dump(url);
          }),
      ]),
    ),
  ),
  ...Object.fromEntries(
    QUERIES.map((query) => [
      `query ${JSON.stringify(query)}`,
      () => {
        const params = new URLSearchParams(query);
        return [[...params], String(params), params.size];
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(PARAM_INITS).map(([name, make]) => [
      `params of ${name}`,
      () => threw(() => [...new URLSearchParams(make() as never)]),
    ]),
  ),
  "canParse and parse": () => [
    URL.canParse("x"),
    URL.canParse("x", "http://h"),
    URL.canParse("http://x"),
    URL.parse("x"),
    URL.parse("x", "http://h")?.href,
    threw(() => (URL.canParse as unknown as () => void)()),
    URL.canParse("http://x", undefined),
    threw(() => URL.canParse("http://x", null as never)),
  ],
  "arguments are strings": () => [
    threw(() => new URL(null as never)),
    threw(() => new URL({ toString: () => "http://x/" } as never).href),
    threw(() => new URL("a", { toString: () => "http://x/" } as never).href),
    threw(() => new URL(Symbol("x") as never)),
    threw(() => new (URL as never as new () => URL)()),
  ],
  "invalid URL error": () => {
    try {
      new URL("x");
    } catch (error) {
      return [(error as Error).name, (error as { code?: string }).code];
    }
    return null;
  },
  "toString and toJSON": () => {
    const url = new URL("http://x/é");
    return [String(url), JSON.stringify({ url }), url.toJSON()];
  },
  "searchParams writes back": () => {
    const url = new URL("http://x/?a=b%20c&d#h");
    url.searchParams.append("é", "& +");
    const first = url.href;
    url.searchParams.delete("d");
    url.searchParams.set("a", "1");
    return [first, url.href, url.search];
  },
  "searchParams follows": () => {
    const url = new URL("http://x/?a=b");
    const { searchParams } = url;
    url.search = "c=d";
    const first = String(searchParams);
    url.href = "http://y/?e=f";
    const second = String(searchParams);
    url.pathname = "/?g";
    return [first, second, String(searchParams), searchParams === url.searchParams];
  },
  "emptied searchParams leave no question mark": () => {
    const url = new URL("http://x/?a=b#h");
    url.searchParams.delete("a");
    return [url.href, url.search];
  },
  "a query is not normalized until params change": () => {
    const url = new URL("http://x/?a=~ b");
    const before = url.search;
    url.searchParams.sort();
    return [before, url.search];
  },
  "params: append, delete, get, has, set with values": () => {
    const params = new URLSearchParams("a=1&b=2&a=3&a=1");
    params.delete("a", "1");
    const first = String(params);
    params.set("b", null as never);
    params.append("c", undefined as never);
    params.delete("a", undefined);
    return [
      first,
      String(params),
      params.has("b", "null"),
      params.has("b", "x"),
      params.has("b", undefined),
      params.getAll("zz"),
      params.get("zz"),
    ];
  },
  "params: sort is stable and by code unit": () =>
    [
      "z=b&a=b&z=a&a=a",
      "\ufffd=1&\ufffc=2&\u{1F308}=3&\ufffd=4",
      "é&e\ufffd&é",
      "z=z&a=a&z=y&a=b&z=x",
    ].map((query) => {
      const params = new URLSearchParams(query);
      params.sort();
      return [...params];
    }),
  "params: changes while iterating": () => {
    const params = new URLSearchParams("a=1&b=2&c=3");
    const seen: string[] = [];
    for (const [name] of params) {
      seen.push(name);
      params.delete(name);
    }
    return [seen, String(params)];
  },
  "params: serialization of every ASCII character": () => {
    const params = new URLSearchParams();
    params.append(
      String.fromCharCode(...Array.from({ length: 128 }, (_, i) => i)),
      "\u0080ÿ\u0100\u{1F600}",
    );
    return String(params);
  },
  "params: too few arguments": () =>
    (["append", "delete", "get", "getAll", "has", "set"] as const).map((method) =>
      threw(() => (new URLSearchParams()[method] as () => void)()),
    ),
  "params: record order is kept": () => String(new URLSearchParams({ z: "1", a: "2", "1": "3" })),
};
