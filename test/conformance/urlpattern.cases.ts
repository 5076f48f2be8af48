/** URLPattern: normal forms, matches and refusals. */
import type { CaseTable } from "./outcomes.ts";

const PATTERNS: readonly unknown[][] = [
  ["/foo/bar"],
  ["https://example.com/foo"],
  [{ pathname: "/foo/:bar" }],
  [{ pathname: "/foo/([^\\/]+?)" }],
  [{ pathname: "/foo/:bar" }],
  [{ pathname: "/foo/*" }],
  [{ pathname: "/foo/:bar?" }],
  [{ pathname: "/foo/:bar+" }],
  [{ pathname: "/foo/:bar*" }],
  [{ pathname: "/foo/(.*)?" }],
  [{ pathname: "/foo{/bar}*" }],
  [{ pathname: "/foo{/:n}+x" }],
  [{ protocol: "http{s}?", hostname: "*.x.com" }],
  ["http{s}?://{*.}?example.com/:id.:ext"],
  ["https://foo{{@}}example.com"],
  [{ hostname: "[\\:\\:1]" }],
  [{ hostname: "[::AB]" }],
  ["data\\:foo"],
  ["data:foo"],
  ["https://{sub.}?example{.com/}foo"],
  ["https://example.com?q=*&v=?hmm"],
  ["https://example.com/?q=*#h"],
  ["https://user:pw@x.com"],
  ["https://(sub)?.example.com/"],
  ["/a?b", "https://x.com"],
  ["../b", "https://x.com/c/d"],
  [{ pathname: "b", baseURL: "https://x.com/c/d?q#h" }],
  [{ search: "q=caf\u00e9", hash: "h\u00e9" }],
  [{ pathname: "/caf\u00e9" }],
  [{ hostname: "xn--caf-dma.com" }],
  [{ hostname: "caf\u00e9.com" }],
  [{ port: "80", protocol: "http" }],
  [{ port: "8080" }],
  [{ port: "80" }],
  [{ protocol: "café" }],
  [{ pathname: "/:a:b" }],
  [{ pathname: "/:a-:b" }],
  [{ pathname: "/(a)(b)" }],
  [{ pathname: "/(?:a)" }],
  [{ pathname: "/((a))" }],
  [{ pathname: "/((?:a))" }],
  [{ pathname: "/{a" }],
  [{ pathname: "/:a/:a" }],
  [{ pathname: "/\\" }],
  [{ pathname: ":\u00e9t" }],
  [{ pathname: "/foo!" }],
  [{ pathname: "/foo/(bar)x" }],
  [{ pathname: "*/*" }],
  [{ pathname: "/a/*/b" }],
  [{ pathname: "/:id(\\d+)" }],
  [{ pathname: "/{:a}b" }],
  [{ pathname: "/:a{b}" }],
  [{ pathname: "/{:a-}?x" }],
  [{ username: "a\u00e9", password: "p w" }],
  [{ pathname: "a/b", protocol: "data" }],
  ["javascript:alert(1)"],
  ["(foo):bar"],
  ["http:foo"],
  ["{https://x}.com"],
  [":cat"],
  ["*"],
  ["https://*"],
  ["https://x.com:80*0/"],
  ["https://x:8080"],
  ["*://x/*"],
  [{ hostname: "bad hostname" }],
  [{ hostname: "bad#hostname" }],
  [{ hostname: "bad%hostname" }],
  [{ hostname: "bad/hostname" }],
  [{ hostname: "bad\\:hostname" }],
  [{ hostname: "bad<hostname" }],
  [{ hostname: "bad?hostname" }],
  [{ hostname: "bad@hostname" }],
  [{ hostname: "bad[hostname" }],
  [{ hostname: "bad\\\\hostname" }],
  [{ hostname: "bad^hostname" }],
  [{ hostname: "bad|hostname" }],
  [{ hostname: "bad\nhostname" }],
  [{ hostname: "[\\:\\:xY]" }],
  [{ hostname: "{[}::1]" }],
  [{ hostname: ":a.b" }],
  [{ port: "bad" }],
  [{ port: "80x" }],
  [{ port: "8\t0" }],
  [{ port: "99999" }],
  [{ port: "(80|81)" }],
  [{ pathname: "/foo", baseURL: "not url" }],
  [{ pathname: "", baseURL: "https://x.com/a/b" }],
  [{ pathname: "{/}b", baseURL: "https://x.com/a/b" }],
  [{ search: "?a" }],
  [{ hash: "#a" }],
  [{ protocol: "https:" }],
  [{}],
  [],
  [undefined],
  ["https://x.com/:a", { ignoreCase: true }],
  [{ pathname: "/Foo" }, { ignoreCase: true }],
  ["/x", "https://y.com", { ignoreCase: true }],
  [{ pathname: "/a" }, "https://x.com"],
  ["/rel"],
  [""],
  ["", "https://x.com/p?q#h"],
  ["?q", "https://x.com/p"],
  ["#h", "https://x.com/p?q"],
  ["//h/p", "https://x.com/p?q"],
  [null],
  [1, "https://x.com/"],
  [{ pathname: "/[\\p{L}]+" }],
  [{ pathname: "/([\\p{L}]+)" }],
  [{ pathname: "/(é)" }],
  [{ pathname: "/a\\:b" }],
  [{ pathname: "/a\\(b" }],
  [{ pathname: "/a%20b" }],
  [{ pathname: "/a b" }],
  [{ pathname: "/./a/../b" }],
  [{ pathname: "/:a./b" }],
  [{ hostname: "{sub.}*example.com" }],
  [{ hostname: "1.2.3" }],
  [{ hostname: "EXAMPLE.com" }],
  [{ protocol: "HTTP" }],
  [{ protocol: "foo", hostname: "EX%41" }],
  [{ search: "a'b" }],
  [{ pathname: "/a^b|" }],
  [{ pathname: "/:foo(.*)" }],
  [{ pathname: "/:foo()" }],
  [{ pathname: "/(.*)x" }],
  [{ pathname: "{:a}:b" }],
  [{ pathname: "/*?" }],
  [{ pathname: "/x{*}" }],
  [{ pathname: "/**" }],
  [{ pathname: "/a*b" }],
  ["https://a.com/x?y=:z"],
  ["https://:h([a-z]+).com:*/"],
  [{ pathname: "/:\u{1F436}" }],
  [{ pathname: "/:\u{1d4d0}x" }],
  [{ pathname: "([a-z]+/[a-z]+)" }],
  [{ pathname: "/a(?=b)" }],
  [{ pathname: "/(a(?<n>b))" }],
  [{ pathname: "/([[a-z]--a])" }],
  [{ pathname: "/([\\d&&[0-1]])" }],
  [{ pathname: "/([^[a-z]--a]+)" }],
  [{ pathname: "/([[a-z]\\d_]+)" }],
  [{ pathname: "/([a-zA-Z0-9_\\-]+)" }],
  [{ pathname: "/([[a-f]&&[c-z]&&[d]o]+)" }],
  [{ pathname: "/([a-z--[f]]+)" }],
];
const INPUTS: readonly unknown[] = [
  "https://example.com/foo",
  "https://example.com/foo/bar",
  "https://x.com/foo/bar/baz?q=1#h",
  "http://x.com/",
  "https://x.com/c/b",
  "http://a.x.com:8080/Foo",
  "data:foo",
  "https://user:pw@x.com/",
  "https://example.com/?q=foo&v=?hmm",
  "https://sub.example.com/foo",
  "https://x.com/caf%C3%A9",
  "file:///foo",
  "https://x.com/12.png",
  "https://[::1]/a",
  "javascript:alert(1)",
  "https://x.com/a b",
  "not",
  { pathname: "/foo/bar" },
  { pathname: "/foo", baseURL: "https://x.com/z" },
  { hostname: "x.com", port: "80", protocol: "http" },
  { pathname: "é" },
  { protocol: "bad bad" },
  {},
  undefined,
  { search: "?q=1", hash: "#z" },
];
const COMPONENTS = [
  "protocol",
  "username",
  "password",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

const nameOf = (error: unknown): string => (error as Error).name;

function outcome(args: readonly unknown[]): unknown {
  let pattern: URLPattern;
  try {
    pattern = new URLPattern(...(args as [string]));
  } catch (error) {
    return nameOf(error);
  }
  const matches = INPUTS.map((input) => {
    try {
      const match = pattern.exec(input as string);
      if (pattern.test(input as string) !== (match !== null)) return "test and exec disagree";
      return (
        match && [
          ...COMPONENTS.map((name) => [match[name].input, match[name].groups]),
          match.inputs,
        ]
      );
    } catch (error) {
      return nameOf(error);
    }
  });
  return [COMPONENTS.map((name) => pattern[name]), matches];
}

const BASES: readonly unknown[][] = [
  ["https://x.com/a", "https://y.com/"],
  [{ pathname: "/a" }, "https://y.com"],
  ["a", "https://y.com/b/"],
  ["a", "bad"],
];

export const cases: CaseTable = {
  ...Object.fromEntries(
    PATTERNS.map((args, i) => [`${i}: ${JSON.stringify(args)}`, () => outcome(args)]),
  ),
  ...Object.fromEntries(
    BASES.map((args) => [
      `exec ${JSON.stringify(args)}`,
      () => {
        try {
          return new URLPattern({ pathname: "*" }).exec(...(args as [string]))?.inputs ?? null;
        } catch (error) {
          return nameOf(error);
        }
      },
    ]),
  ),
  hasRegExpGroups: () =>
    ["/a", "/:a", "/*", "/:a(\\d+)", "/(x)"].map(
      (pathname) => new URLPattern({ pathname }).hasRegExpGroups,
    ),
};
