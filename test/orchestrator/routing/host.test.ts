import { describe, expect, test } from "bun:test";
import {
  capturedBy,
  domainsOverlap,
  hostCovers,
  publicSuffixProblem,
} from "../../../src/shared/routing/domains.ts";
import { parseHost, requestHost } from "../../../src/shared/routing/host.ts";

describe("parseHost()", () => {
  test.each([
    ["shop.Example.com", "shop.example.com", "strict", "name"],
    ["shop.example.com.", "shop.example.com", "strict", "name"],
    ["shop.example.com:8080", "shop.example.com", "strict", "name"],
    ["*.Example.com.", "*.example.com", "wildcard", "name"],
    ["münchen.de", "xn--mnchen-3ya.de", "strict", "name"],
    ["XN--mnchen-3ya.de", "xn--mnchen-3ya.de", "strict", "name"],
    ["例え。テスト", "xn--r8jz45g.xn--zckzah", "strict", "name"],
    ["LocalHost:80", "localhost", "strict", "localhost"],
    ["*.localhost", "*.localhost", "wildcard", "localhost"],
    ["127.0.0.1", "127.0.0.1", "strict", "ipv4"],
    ["0x7f.1", "127.0.0.1", "strict", "ipv4"],
    ["[::1]:80", "[::1]", "strict", "ipv6"],
    ["::1", "[::1]", "strict", "ipv6"],
    ["2001:DB8:0:0:0:0:0:1", "[2001:db8::1]", "strict", "ipv6"],
    ["my_host.lan", "my_host.lan", "strict", "name"],
  ] as const)("%s is %s", (typed, host, kind, literal) => {
    expect(parseHost(typed)).toEqual({ ok: true, host, kind, literal });
  });

  test.each([
    "",
    " ",
    "*",
    "*.",
    "a.*.b",
    "*a.b",
    "http://a.b",
    "a.b/c",
    "u@a.b",
    "a b",
    "a..b",
    "-a.b",
    "a-.b",
    `${"a".repeat(64)}.b`,
    "a.".repeat(127) + "aa",
    "*.1.2.3.4",
    "*.[::1]",
    "1.2.3.256",
    "%61.b",
    "a,b",
    "a.b..",
    "a.b:65536",
    "*.a.b..",
  ])("%j is no host", (typed) => {
    expect(parseHost(typed).ok).toBe(false);
  });
});

describe("requestHost()", () => {
  test.each([
    ["Shop.Example.COM:443", "shop.example.com"],
    ["shop.example.com.", "shop.example.com"],
    ["shop.example.com.:80", "shop.example.com"],
    ["localhost", "localhost"],
    ["127.0.0.1:8080", "127.0.0.1"],
    ["[::1]", "[::1]"],
    ["[0:0::1]:80", "[::1]"],
    ["xn--mnchen-3ya.de", "xn--mnchen-3ya.de"],
    ["a.b:65535", "a.b"],
    ["a.b:", "a.b"],
    [`${"a".repeat(63)}.b`, `${"a".repeat(63)}.b`],
    ["0x7f.1.", "127.0.0.1"],
  ])("%s is %s", (header, host) => {
    expect(requestHost(header)).toBe(host);
  });

  test.each([
    "",
    "a.b, c.d",
    "a.b,c.d",
    "a b",
    "a/b",
    "a@b",
    "a.b:x",
    "a.b:123456",
    "*.a.b",
    "..",
    ".a",
    "a..b",
    "münchen.de",
    "[::1",
    "::1",
    "a%2eb",
    "a.b\t",
    "a.b..",
    "a.b..:80",
    "a.b:65536",
    "[::1]:99999",
    "a.-b.c",
    "a-.b",
    `${"a".repeat(64)}.b`,
    "a.".repeat(127) + "aa",
    "a.".repeat(10_000) + "a",
  ])("%j is none", (header) => {
    expect(requestHost(header)).toBeUndefined();
  });
});

describe("domains", () => {
  test("a wildcard covers names under it, not the name itself", () => {
    expect(hostCovers("*.x.test", "a.b.x.test")).toBe(true);
    expect(hostCovers("*.x.test", "*.b.x.test")).toBe(true);
    expect(hostCovers("*.x.test", "x.test")).toBe(false);
    expect(hostCovers("*.x.test", "ax.test")).toBe(false);
    expect(hostCovers("x.test", "a.x.test")).toBe(false);
    expect(capturedBy("*.x.test", "a.b.x.test")).toBe("a.b");
    expect(capturedBy("*.x.test", "x.test")).toBeUndefined();
  });

  test.each([
    ["a.x.test", "*.x.test", true],
    ["*.x.test", "*.a.x.test", true],
    ["x.test", "*.x.test", false],
    ["*.x.test", "*.y.test", false],
    ["x.test", "x.test", true],
  ])("%s and %s overlap: %p", (a, b, expected) => {
    expect(domainsOverlap(a, b)).toBe(expected);
    expect(domainsOverlap(b, a)).toBe(expected);
  });

  test("only wildcards over public suffixes are a problem", () => {
    for (const host of ["*.com", "*.co.uk", "*.github.io", "*.lan"])
      expect(publicSuffixProblem(host)).toBeDefined();
    for (const host of ["*.example.com", "*.example.co.uk", "co.uk", "*.me.github.io", "x.lan"])
      expect(publicSuffixProblem(host)).toBeUndefined();
  });
});
