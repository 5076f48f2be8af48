import { describe, expect, test } from "bun:test";
import { findConflict, routesConflict } from "../../../src/shared/routing/conflict.ts";
import type { RouteRow } from "../../../src/shared/routing.ts";
import { referenceKind, referencePath } from "./reference-model.ts";

function route(path: string, over: Partial<RouteRow> = {}): RouteRow {
  return {
    id: path,
    appId: "app",
    scriptId: "script",
    method: "GET",
    path,
    pathKind: referenceKind(path),
    hostKind: "any",
    host: null,
    hostParamName: null,
    ...over,
  };
}

/** Every list of up to `length` items. */
function sequences(alphabet: readonly string[], length: number): string[][] {
  let layer: string[][] = [[]];
  const all: string[][] = [];
  for (let i = 0; i < length; i++) {
    layer = layer.flatMap((head) => alphabet.map((item) => [...head, item]));
    all.push(...layer);
  }
  return all;
}

describe("routesConflict()", () => {
  test("holds for exactly those pairs of one kind that some request matches, over every pair of a small world", () => {
    const names = sequences(["a", "%61", "b", ":"], 4).map((parts) =>
      parts.map((part, i) => (part === ":" ? `:p${i}` : part)),
    );
    const patterns = [
      "/",
      ...names.flatMap((parts) => [`/${parts.join("/")}`, `/${parts.join("/")}/`]),
    ];
    const requests = [
      "/",
      ...sequences(["a", "b", "z"], 4).flatMap((parts) => [
        `/${parts.join("/")}`,
        `/${parts.join("/")}/`,
      ]),
    ];
    const matched = patterns.map(
      (pattern) => new Set(requests.filter((request) => referencePath(pattern, request) !== null)),
    );
    const rows = patterns.map((pattern, i) => route(pattern, { id: `${i}` }));
    let pairs = 0;
    let conflicts = 0;
    for (const [i, a] of rows.entries()) {
      // Every ordered pair of a kind would be 460,000; one order of each is enough, symmetry has its own test.
      for (const [j, b] of rows.entries()) {
        if (j < i || a.pathKind !== b.pathKind) continue;
        const meet = !(matched[i] ?? new Set()).isDisjointFrom(matched[j] ?? new Set());
        if (routesConflict(a, b) !== meet)
          expect({ a: a.path, b: b.path, conflict: !meet }).toEqual({
            a: a.path,
            b: b.path,
            conflict: meet,
          });
        pairs++;
        if (meet) conflicts++;
      }
    }
    expect(pairs).toBeGreaterThan(100_000);
    expect(conflicts).toBeGreaterThan(1_000);
  });

  test.each([
    ["/users/:id", "/:x/me", true],
    ["/users/:id", "/users/:name", true],
    ["/users/:id", "/users/:id/posts", false],
    ["/users/:id", "/teams/:id", false],
    ["/a/*", "/a/*", true],
    ["/a/*", "/a/b/*", false],
    ["/a/*", "/%61/*", true],
    ["/a", "/a/", false],
    ["/a", "/A", false],
    ["/users/:id", "/users/*", false],
    ["/users/me", "/users/:id", false],
    ["/a%2Fb", "/a%2fb", true],
    ["/a%2Fb", "/a/b", false],
  ])("%s and %s: %p", (a, b, expected) => {
    expect(routesConflict(route(a), route(b))).toBe(expected);
    expect(routesConflict(route(b), route(a))).toBe(expected);
  });

  test("looks at one method, one host bucket and one app only", () => {
    const base = route("/a");
    expect(routesConflict(base, route("/a", { method: "*" }))).toBe(false);
    expect(routesConflict(base, route("/a", { appId: "other" }))).toBe(false);
    expect(routesConflict(base, route("/a", { hostKind: "strict", host: "x.test" }))).toBe(false);
    const wild = (host: string): RouteRow => route("/a", { hostKind: "wildcard", host });
    expect(routesConflict(wild("*.x.test"), wild("*.a.x.test"))).toBe(false);
    expect(routesConflict(wild("*.x.test"), wild("*.x.test"))).toBe(true);
  });

  test("findConflict() names the other route and never the route itself", () => {
    const stored = [route("/a"), route("/users/:id"), route("/b")];
    expect(findConflict(route("/users/:name", { id: "new" }), stored)?.path).toBe("/users/:id");
    expect(findConflict(route("/a"), stored)).toBeUndefined();
  });
});
