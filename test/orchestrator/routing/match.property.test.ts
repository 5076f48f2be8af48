import { describe, expect, test } from "bun:test";
import { applyUpdate, compileAhead, compileTable } from "../../../src/shared/routing/compile.ts";
import { findConflict } from "../../../src/shared/routing/conflict.ts";
import { match, type MatchResult } from "../../../src/shared/routing/match.ts";
import type { RouteRow } from "../../../src/shared/routing.ts";
import {
  pick,
  randomDomains,
  randomRequest,
  randomRoute,
  seeded,
  randomWorld,
  type Random,
  type World,
} from "./random-tables.ts";
import { referenceMatch, type ReferenceAnswer } from "./reference-model.ts";

const TABLES = 5_000;
const REQUESTS_PER_TABLE = 25;
const APPS = ["app1", "app2"];

function randomRoutes(random: Random, world: World): RouteRow[] {
  const routes: RouteRow[] = [];
  const wanted = 1 + Math.floor(random() * 20);
  for (let i = 0; i < wanted; i++) {
    const route = randomRoute(random, world, `r${i}`, pick(random, APPS));
    if (findConflict(route, routes) === undefined) routes.push(route);
  }
  return routes;
}

function plain(result: MatchResult): ReferenceAnswer {
  switch (result.kind) {
    case "no_host":
      return { kind: "no_host" };
    case "no_route":
      return { kind: "no_route", appId: result.app.id };
    case "method_not_allowed":
      return { kind: "method_not_allowed", appId: result.app.id, allow: result.allow };
    case "route": {
      const { app, route, params, rest, host } = result;
      return { kind: "route", appId: app.id, routeId: route.id, params, rest, host };
    }
  }
}

describe("match() against the reference model", () => {
  test(`answers alike for ${TABLES * REQUESTS_PER_TABLE} random requests over ${TABLES} random tables`, () => {
    const random = seeded(20_261_121);
    const seen = new Map<string, number>();
    for (let i = 0; i < TABLES; i++) {
      const world = randomWorld(random);
      const domains = randomDomains(random, APPS);
      const routes = randomRoutes(random, world);
      const table = compileTable({
        revision: 1,
        apps: APPS.map((id) => ({ id, slug: id })),
        domains,
        routes,
      });
      for (let j = 0; j < REQUESTS_PER_TABLE; j++) {
        const request = randomRequest(random, world);
        const expected = referenceMatch(domains, routes, request);
        const actual = plain(match(table, request));
        seen.set(expected.kind, (seen.get(expected.kind) ?? 0) + 1);
        if (!Bun.deepEquals(actual, expected))
          expect({ request, routes, domains, actual }).toEqual({
            request,
            routes,
            domains,
            actual: expected,
          });
      }
    }
    // Each answer must have come up often enough to mean something.
    for (const kind of ["route", "no_host", "no_route", "method_not_allowed"])
      expect(seen.get(kind) ?? 0).toBeGreaterThan(1_000);
  });

  test("a table kept by changes, compiled at once or in slices, answers as one compiled afresh", async () => {
    const random = seeded(7);
    for (let i = 0; i < 300; i++) {
      const world = randomWorld(random);
      const base = {
        revision: 1,
        apps: APPS.map((id) => ({ id, slug: id })),
        domains: randomDomains(random, APPS),
        routes: randomRoutes(random, world),
      };
      const next = {
        ...base,
        revision: 2,
        domains: randomDomains(random, APPS),
        routes: randomRoutes(random, world),
      };
      const changed = APPS.map((id) => {
        const domains = next.domains.filter((domain) => domain.appId === id);
        return [
          id,
          { slug: id, domains, routes: next.routes.filter((route) => route.appId === id) },
        ] as const;
      });
      const old = compileTable(base);
      const before = Array.from({ length: 10 }, () => randomRequest(random, world));
      const answersBefore = before.map((request) => plain(match(old, request)));
      const update = { revision: 2, full: false, apps: new Map(changed) };
      const kept = applyUpdate(old, update);
      const sliced = applyUpdate(old, update, await compileAhead(old, update));
      const fresh = compileTable(next, old);
      for (let j = 0; j < 20; j++) {
        const request = randomRequest(random, world);
        expect(plain(match(kept, request))).toEqual(
          referenceMatch(next.domains, next.routes, request),
        );
        expect(plain(match(fresh, request))).toEqual(plain(match(kept, request)));
        expect(plain(match(sliced, request))).toEqual(plain(match(kept, request)));
      }
      expect(before.map((request) => plain(match(old, request)))).toEqual(answersBefore);
    }
  });
});
