/** One app with more routes than any real one, so that nothing that the packed form counts is small. */
import { describe, expect, test } from "bun:test";
import { compileTable } from "../../../src/shared/routing/compile.ts";
import { match, type MatchResult } from "../../../src/shared/routing/match.ts";
import type { RouteRow } from "../../../src/shared/routing.ts";
import { referenceKind } from "./reference-model.ts";

const HOST = "x.test";

function routed(paths: readonly string[], over: Partial<RouteRow> = {}) {
  const table = compileTable({
    revision: 1,
    apps: [{ id: "app", slug: "app" }],
    domains: [{ id: "d", appId: "app", host: HOST, kind: "strict" }],
    routes: paths.map((path) => ({
      id: path,
      appId: "app",
      scriptId: "s",
      method: "*",
      path,
      pathKind: referenceKind(path),
      hostKind: "any",
      host: null,
      hostParamName: null,
      ...over,
    })),
  });
  return (path: string, method = "GET"): MatchResult => match(table, { host: HOST, method, path });
}

const found = (result: MatchResult) =>
  result.kind === "route"
    ? { id: result.route.id, params: result.params, rest: result.rest }
    : result.kind;

/** Numbers of the cases that are looked at: the first, the last, and some between. */
const some = (count: number): number[] => [
  ...Array.from({ length: 200 }, (_, i) => Math.floor((i * count) / 200)),
  count - 1,
];

describe("one app of many routes", () => {
  test("10,000 paths of each kind: each is found, and its neighbours do not answer for it", () => {
    const count = 10_000;
    const numbers = Array.from({ length: count }, (_, i) => i);
    const ask = routed(numbers.flatMap((i) => [`/e${i}/end`, `/p${i}/:id`, `/w${i}/*`]));
    for (const i of some(count)) {
      expect(found(ask(`/e${i}/end`))).toEqual({ id: `/e${i}/end`, params: {}, rest: "" });
      expect(found(ask(`/p${i}/7`))).toEqual({ id: `/p${i}/:id`, params: { id: "7" }, rest: "" });
      expect(found(ask(`/w${i}/a/b`))).toEqual({ id: `/w${i}/*`, params: {}, rest: "a/b" });
      for (const path of [`/e${i}`, `/e${i}/`, `/p${i}/`, `/p${i}/7/8`, `/w${i}`, `/x${i}/end`])
        expect(found(ask(path))).toBe("no_route");
    }
  });

  test("10,000 parameter names: each captures under its own", () => {
    const count = 10_000;
    const ask = routed(Array.from({ length: count }, (_, i) => `/n${i}/:name${i}`));
    for (const i of some(count))
      expect(found(ask(`/n${i}/v`))).toMatchObject({ params: { [`name${i}`]: "v" } });
  });

  test("10,000 literals after one parameter, and parameters after them", () => {
    const count = 10_000;
    const numbers = Array.from({ length: count }, (_, i) => i);
    const ask = routed([...numbers.map((i) => `/:a/l${i}`), ...numbers.map((i) => `/:a/l${i}/:b`)]);
    for (const i of some(count)) {
      expect(found(ask(`/x/l${i}`))).toMatchObject({ id: `/:a/l${i}`, params: { a: "x" } });
      expect(found(ask(`/x/l${i}/y`))).toMatchObject({ params: { a: "x", b: "y" } });
    }
    expect(found(ask(`/x/l${count}`))).toBe("no_route");
  });

  test("300 methods of its own on one path: each answers to its name, and Allow has them all", () => {
    const names = Array.from(
      { length: 300 },
      (_, i) => `M${String.fromCharCode(65 + (i % 26), 65 + Math.floor(i / 26))}`,
    );
    const table = compileTable({
      revision: 1,
      apps: [{ id: "app", slug: "app" }],
      domains: [{ id: "d", appId: "app", host: HOST, kind: "strict" }],
      routes: names.map((method) => ({
        id: method,
        appId: "app",
        scriptId: "s",
        method,
        path: "/m",
        pathKind: "exact",
        hostKind: "any",
        host: null,
        hostParamName: null,
      })),
    });
    for (const method of names)
      expect(found(match(table, { host: HOST, method, path: "/m" }))).toMatchObject({ id: method });
    expect(match(table, { host: HOST, method: "GET", path: "/m" })).toMatchObject({
      kind: "method_not_allowed",
      allow: names.toSorted(),
    });
  });
});
