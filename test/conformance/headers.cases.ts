/** Headers: the Fetch standard's rules for names, values, order, combination and guards. */
import type { CaseTable } from "./outcomes.ts";

const threw = (run: () => unknown): unknown => {
  try {
    const value = run();
    return { gave: value === undefined ? "undefined" : value };
  } catch (error) {
    return (error as Error).name;
  }
};
const list = (headers: Headers): unknown => [...headers];

const NAMES = [
  "a",
  "A-b",
  "!#$%&'*+-.^_`|~09azAZ",
  "",
  "a b",
  "a:b",
  "a\n",
  "é",
  "\u0100",
  "a\0",
  "(",
  ")",
  "<",
  ">",
  "@",
  ",",
  ";",
  "\\",
  '"',
  "/",
  "[",
  "]",
  "?",
  "=",
  "{",
  "}",
  "\t",
  "\x7f",
];
const VALUES = [
  "",
  " ",
  "a",
  " a ",
  "\ta\t",
  "\r\na\r\n",
  "a\nb",
  "a\rb",
  "a\0b",
  "é",
  "ÿ",
  "\u0100",
  "\ud83d\ude00",
  "a\x01b",
  "a\x7fb",
  "\x0ba",
  "a,b",
  "a  b",
  "\u00a0a\u00a0",
];

const INITS: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  number: () => 1,
  string: () => "a: b",
  symbol: () => Symbol("x"),
  bigint: () => 1n,
  "empty object": () => ({}),
  function: () => () => {},
  array: () => [],
  "array of strings": () => ["ab"],
  "array of pairs": () => [
    ["b", "1"],
    ["a", "2"],
    ["B", "3"],
  ],
  "pair of one": () => [["a"]],
  "pair of three": () => [["a", "b", "c"]],
  "pairs with numbers": () => [[1, 2]],
  map: () => new Map([["a", "b"]]),
  "set of sets": () => new Set([new Set(["a", "b"])]),
  headers: () => new Headers({ x: "y" }),
  "record of values": () => ({ a: 1, b: null, c: undefined, d: true, e: ["x", "y"] }),
  "record with a symbol key": () => ({ [Symbol("s")]: 1 }),
  "record with a hidden symbol key": () =>
    Object.defineProperty({ a: "b" }, Symbol("s"), { value: 1 }),
  "record with a hidden key": () => Object.defineProperty({ a: "b" }, "c", { value: 1 }),
  "record with same names": () => ({ a: "1", A: "2" }),
  "record with a getter that throws": () => ({
    get a() {
      throw new RangeError("x");
    },
  }),
  "object with a null iterator": () => ({ a: "b", [Symbol.iterator]: null }),
  "object with a number for iterator": () => ({ [Symbol.iterator]: 1 }),
  "iterator that gives no object": () => ({ [Symbol.iterator]: () => 1 }),
  generator: () =>
    (function* () {
      yield ["g", "1"];
    })(),
  date: () => new Date(0),
};

function proxyLog(): unknown {
  const seen: string[] = [];
  const handler: ProxyHandler<object> = {
    get: (target, key, receiver) => {
      seen.push(`get ${String(key)}`);
      return Reflect.get(target, key, receiver) as unknown;
    },
    has: (target, key) => {
      seen.push(`has ${String(key)}`);
      return Reflect.has(target, key);
    },
    ownKeys: (target) => {
      seen.push("ownKeys");
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor: (target, key) => {
      seen.push(`describe ${String(key)}`);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  };
  const headers = new Headers(new Proxy({ a: "b", c: "d" }, handler) as Record<string, string>);
  return [seen, list(headers)];
}

export const cases: CaseTable = {
  "names on append": () => NAMES.map((name) => threw(() => list(new Headers([[name, "v"]])))),
  "names on get": () => NAMES.map((name) => threw(() => new Headers().get(name))),
  "names on has": () => NAMES.map((name) => threw(() => new Headers().has(name))),
  "names on delete": () => NAMES.map((name) => threw(() => new Headers().delete(name))),
  "names on set": () => NAMES.map((name) => threw(() => new Headers().set(name, "v"))),
  values: () =>
    VALUES.map((value) =>
      threw(() =>
        [...new Headers([["a", value]])].map(([, text]) =>
          Array.from(text, (char) => char.charCodeAt(0)),
        ),
      ),
    ),
  ...Object.fromEntries(
    Object.entries(INITS).map(([name, make]) => [
      `init: ${name}`,
      () => threw(() => list(new Headers(make() as HeadersInit))),
    ]),
  ),
  "the order in which a record is read": proxyLog,
  "a changed Symbol.iterator of Headers is used": () => {
    const source = new Headers({ a: "b" });
    (source as unknown as Record<symbol, unknown>)[Symbol.iterator] = function* () {
      yield ["c", "d"];
    };
    return list(new Headers(source));
  },
  "combine on append": () => {
    const headers = new Headers();
    headers.append("A", "1");
    headers.append("a", " 2 ");
    headers.append("a", "");
    return [headers.get("A"), list(headers)];
  },
  "set replaces all and keeps the first place": () => {
    const headers = new Headers([
      ["a", "1"],
      ["b", "2"],
      ["A", "3"],
    ]);
    headers.set("a", "4");
    return list(headers);
  },
  "set-cookie is not combined": () => {
    const headers = new Headers([
      ["set-cookie", "a=1"],
      ["x", "y"],
      ["Set-Cookie", "b=2"],
      ["a", "z"],
    ]);
    return [
      list(headers),
      headers.get("set-cookie"),
      headers.getSetCookie(),
      headers.has("SET-COOKIE"),
    ];
  },
  "set on set-cookie": () => {
    const headers = new Headers([
      ["set-cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ]);
    headers.set("set-cookie", "c=3");
    return headers.getSetCookie();
  },
  "delete of set-cookie": () => {
    const headers = new Headers([
      ["set-cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["a", "b"],
    ]);
    headers.delete("set-cookie");
    return [headers.getSetCookie(), list(headers)];
  },
  "iteration sees what is added": () => {
    const headers = new Headers({ b: "1", d: "2" });
    const seen: string[] = [];
    for (const [name] of headers) {
      seen.push(name);
      if (name === "b") {
        headers.append("c", "3");
        headers.append("a", "0");
      }
      if (seen.length > 9) break;
    }
    return seen;
  },
  "iteration sees what is deleted": () => {
    const headers = new Headers({ a: "1", b: "2", c: "3" });
    const seen: string[] = [];
    for (const [name] of headers) {
      seen.push(name);
      headers.delete(name);
    }
    return [seen, list(headers)];
  },
  "iteration order is by name": () =>
    list(
      new Headers([
        ["z", "1"],
        ["a", "2"],
        ["m-n", "3"],
        ["M", "4"],
        ["_", "5"],
        ["1", "6"],
      ]),
    ),
  "too few arguments": () =>
    (["append", "delete", "get", "has", "set"] as const).map((method) => [
      threw(() => (new Headers()[method] as () => void)()),
      threw(() => (new Headers()[method] as (name: string) => void)("a")),
    ]),
  "headers of a Request allow all names": () => {
    const request = new Request("http://x.test/", {
      headers: { cookie: "a=b", "accept-charset": "x", host: "h", date: "d" },
    });
    return list(request.headers);
  },
  "headers of an error response are immutable": () =>
    threw(() => Response.error().headers.append("a", "b")),
  "headers of a redirect are immutable": () =>
    threw(() => Response.redirect("http://x.test/").headers.set("a", "b")),
  "invalid names come before immutability": () =>
    threw(() => Response.error().headers.delete("a b")),
};
