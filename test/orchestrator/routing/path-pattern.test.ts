import { describe, expect, test } from "bun:test";
import { parsePath } from "../../../src/shared/routing/path-pattern.ts";
import {
  canonicalPath,
  decodeSegment,
  resolveDotSegments,
} from "../../../src/shared/routing/path-text.ts";
import { isReservedPath } from "../../../src/shared/routing/reserved-paths.ts";

describe("parsePath()", () => {
  test.each([
    ["/", "exact"],
    ["/greet", "exact"],
    ["/greet/", "exact"],
    ["/caf%C3%A9", "exact"],
    ["/café", "exact"],
    ["/%3Aid", "exact"],
    ["/users/:id", "param"],
    ["/:a/x/:b", "param"],
    ["/*", "prefix"],
    ["/greet/*", "prefix"],
  ])("%s is %s", (path, kind) => {
    expect(parsePath(path)).toMatchObject({ ok: true, kind });
  });

  test.each([
    ["", "it is empty"],
    ["greet", "does not start with '/'"],
    ["/a//b", "empty segment"],
    ["/a?x=1", "'?'"],
    ["/a#b", "'#'"],
    ["/a b", "space"],
    ["/a\u0000", "control character"],
    ["/a\\b", "backslash"],
    ["/50%", "'%'"],
    ["/a/../b", "dot segment"],
    ["/a/%2E%2e", "dot segment"],
    ["/a*", "'*' stands only alone"],
    ["/*/a", "'*' stands only alone"],
    ["/a:b", "middle of a segment"],
    ["/:", "no parameter name"],
    ["/:1", "parameter's name"],
    ["/:__proto__", "parameter's name"],
    ["/:a/:a", "'a' is used twice"],
    ["/{id}", "reserved"],
    ["/:a/*", "':a' stands before its '*'"],
    ["/api/x", "reserved for the platform"],
    ["/%61dmin", "reserved for the platform"],
    ["/\ud800", "surrogate"],
    [`/${"a".repeat(2048)}`, "longer than 2048"],
    ["/a".repeat(65), "more than 64 segments"],
  ])("%j is refused: %s", (path, reason) => {
    const parsed = parsePath(path);
    expect(parsed.ok ? "" : parsed.reason).toContain(reason);
  });
});

describe("path text", () => {
  test("an encoded slash stays inside its segment, and is not the text %2F", () => {
    expect(canonicalPath("/a%2fb")).toBe("/a%2Fb");
    expect(canonicalPath("/a%252Fb")).toBe("/a%252Fb");
    expect(decodeSegment("a%2Fb")).toBe("a/b");
    expect(decodeSegment("a%252Fb")).toBe("a%2Fb");
  });

  test("what is no UTF-8 stays as written", () => {
    expect(decodeSegment("%ff%zz%41")).toBe("%FF%zzA");
    expect(canonicalPath("/%ff")).toBe(canonicalPath("/%FF"));
  });

  test.each([
    "/a/../b",
    "/../..",
    "/a/./b/",
    "/a/%2e%2E/b",
    "/a/..",
    "/.",
    "//a//..//b",
    "/a/.b/..c/",
  ])("resolveDotSegments(%s) does as a URL does", (path) => {
    expect(resolveDotSegments(path)).toBe(new URL(`http://x${path}`).pathname);
  });
});

describe("isReservedPath()", () => {
  test.each([
    "/api",
    "/api/",
    "/api/v1/x",
    "/%61pi/x",
    "/a/../api/x",
    "//api/x",
    "/api%2Fx",
    "/x/%2e%2e/admin",
    "/admin/:id",
    "/healthz",
    "/readyz",
    "/version",
    "/metrics",
    "/.well-known/acme-challenge/t",
  ])("%s is", (path) => {
    expect(isReservedPath(path)).toBe(true);
  });

  test.each([
    "/",
    "/*",
    "/apix",
    "/API",
    "/version/x",
    "/x/api",
    "/.well-known/security.txt",
    "/%2561pi",
  ])("%s is not", (path) => {
    expect(isReservedPath(path)).toBe(false);
  });
});
