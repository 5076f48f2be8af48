/** The guest's URL against the reference implementation, on random input. */
import { expect, test } from "bun:test";
import { URL as ReferenceURL } from "whatwg-url";
import { runInGuest } from "../support/guest-lab.ts";

const SCHEMES = [
  "http:",
  "https:",
  "file:",
  "ws:",
  "ftp:",
  "foo:",
  "data:",
  "HTTP:",
  "web+demo:",
  "blob:https:",
  "",
  ":",
  "non-special:",
];
const AUTHORITIES = [
  "//",
  "///",
  "/",
  "",
  "//user:pass@",
  "//u@",
  "//:p@",
  "\\\\",
  "//@",
  "////",
  "//a%20b@",
];
const HOSTS = [
  "example.com",
  "EXAMPLE.COM",
  "1.2.3.4",
  "0x7f.1",
  "256.1",
  "[::1]",
  "[::1",
  "[1:2::8]",
  "ex%41mple.com",
  "münchen.de",
  "a b",
  "a%00b",
  "a^b",
  "",
  "localhost",
  "a..b",
  ".",
  "1e3",
  "4294967296",
  "a_b",
  "faß.de",
  "日本語。jp",
  "%zz",
  "a\\b",
  "C|",
  "c:",
  "1.2.3.4.",
  "ab--c",
  "[::1.2.3]",
  "ẞ.com",
  "XN--ls8h.x",
  "xn--zca",
];
const PORTS = ["", ":80", ":443", ":8080", ":", ":65536", ":00080", ":a", ":8a"];
const PATHS = [
  "",
  "/",
  "/a/b",
  "/a/../b",
  "/%2e/%2E%2e/x",
  "/a b",
  "/a\\b",
  "/ü",
  "/%zz",
  "/C|/x",
  "//x",
  "/a'\"<>`{}|^",
  "/..//..",
  " opaque ",
  "a/b/../c",
  "/\ud800",
  "/.//p",
  "/..//p",
];
const QUERIES = ["", "?", "?a=b", "?a b", "?'\"<>", "?ü", "?\ud800", "?%zz", "?`{}|^\\"];
const HASHES = ["", "#", "#a b", '#<>`"', "#ü", "#{}|^ "];
const BASES = [
  "http://example.org/x/y?q#h",
  "file:///C:/x",
  "mailto:a",
  "foo://h/p",
  "https://u:p@h:8/",
  "foo:/.//p",
  null,
  null,
];
const MEMBERS = [
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
const VALUES = [
  ...HOSTS,
  ...PATHS,
  ...QUERIES,
  ...HASHES,
  ...SCHEMES,
  "h:99",
  "x:y@z",
  "80x",
  "\t8\n0",
  "a?b",
  "a#b",
  "//a",
  "::1",
];
const DUMPED = ["href", "origin", ...MEMBERS] as const;

interface Case {
  input: string;
  base: string | null;
  member: (typeof MEMBERS)[number];
  value: string;
}

function randomCases(count: number, seed: number): Case[] {
  let state = seed;
  const pick = <T>(list: readonly T[]): T => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return list[(state >> 8) % list.length];
  };
  return Array.from({ length: count }, () => ({
    input:
      pick(SCHEMES) +
      pick(AUTHORITIES) +
      pick(HOSTS) +
      pick(PORTS) +
      pick(PATHS) +
      pick(QUERIES) +
      pick(HASHES),
    base: pick(BASES),
    member: pick(MEMBERS),
    value: pick(VALUES),
  }));
}

/** Runs in the guest as source text, and here: it may use nothing but its arguments. */
function outcomes(Url: typeof URL, cases: Case[], dumped: readonly string[]): unknown[] {
  return cases.map(({ input, base, member, value }) => {
    let url: URL;
    try {
      url = base === null ? new Url(input) : new Url(input, base);
    } catch (error) {
      return (error as Error).name;
    }
    const dump = (): string[] =>
      dumped.map((name) => (url as unknown as Record<string, string>)[name]);
    const before = dump();
    url[member] = value;
    return [before, dump(), [...url.searchParams]];
  });
}

test("random URLs and setters come out as in the reference implementation", async () => {
  const cases = randomCases(4000, 20_261_121);
  const source = `
    const outcomes = ${outcomes.toString()};
    export default outcomes(URL, ${JSON.stringify(cases)}, ${JSON.stringify(DUMPED)});`;
  const { result, error } = await runInGuest(source, { timeoutMs: 30_000 });
  expect(error).toBeNull();
  const expected = JSON.parse(JSON.stringify(outcomes(ReferenceURL, cases, DUMPED))) as unknown[];
  const different = expected.flatMap((wanted, i) =>
    Bun.deepEquals(wanted, (result as unknown[])[i])
      ? []
      : [{ ...cases[i], wanted, got: (result as unknown[])[i] }],
  );
  expect(different).toEqual([]);
  expect(expected.filter(Array.isArray).length).toBeGreaterThan(1500);
}, 60_000);

test("plain http URLs give the same with and without the host's parser", async () => {
  const urls = [
    "http://a.test/",
    "https://a-b.test:8080/x/y.z/~u/?q=1&r=[2]",
    "http://localhost/a//b",
    "http://a.test/a/..%2fb",
    "http://a.test/.well-known/x",
    "http://a.test:80/",
    "http://a.test/x?y'z",
    "http://1.a/",
    "http://a.1/",
  ];
  const { result } = await runInGuest(
    `export default ${JSON.stringify(urls)}.map((url) => URL.parse(url)?.href ?? null)`,
  );
  expect(result).toEqual(urls.map((url) => ReferenceURL.parse(url)?.href ?? null));
});

test("a default port in a host that is set takes the port away", async () => {
  const hosts = [
    "other.test:80",
    "a.test:80",
    "a.test:0080",
    "a b:80",
    "u@a.test:80",
    "other.test:443",
  ];
  const { result } = await runInGuest(`export default ${JSON.stringify(hosts)}.map((host) => {
    const url = new URL("http://a.test:8080/");
    url.host = host;
    return url.href;
  })`);
  expect(result).toEqual(
    hosts.map((host) => {
      const url = new ReferenceURL("http://a.test:8080/");
      url.host = host;
      return url.href;
    }),
  );
});
