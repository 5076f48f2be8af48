import type { ClaimMap } from "./claims.ts";
import type { RouteRow } from "../routing.ts";
import { eachEntry, findRoute } from "./match-path.ts";
import {
  ENTRY_DETAIL,
  ENTRY_METHOD,
  ENTRY_ROUTE,
  IS_PARAM,
  IS_PREFIX,
  METHOD_NONE,
  methodNumber,
} from "./packed.ts";
import { canonicalPath, decodeSegment } from "./path-text.ts";
import { readShape, type ParamShape } from "./param-shapes.ts";
import type { CompiledApp, HostTarget, RoutingTable } from "./table.ts";

export interface RouteMatch {
  kind: "route";
  app: CompiledApp;
  route: RouteRow;
  /** Decoded once. */
  params: Readonly<Record<string, string>>;
  /** What follows a prefix, as it stands in the URL; "" for every other route. */
  rest: string;
  /** What a wildcard captured, under the route's `hostParamName`. */
  host: Readonly<Record<string, string>>;
}

export type MatchResult =
  | RouteMatch
  | { kind: "no_host" }
  | { kind: "no_route"; app: CompiledApp }
  | { kind: "method_not_allowed"; app: CompiledApp; allow: string[] };

export interface MatchInput {
  /** In normal form: of `requestHost` or `parseHost`. */
  host: string;
  /** Upper-case. */
  method: string;
  /** As in a URL: starts with `/`, dot segments resolved, no query. */
  path: string;
}

export function match(table: RoutingTable, input: MatchInput): MatchResult {
  const target = findHost(table, input.host);
  return target === undefined ? { kind: "no_host" } : matchPath(target, input.method, input.path);
}

/** The app that owns a host: a strict claim before wildcards, the longest suffix first. */
export function findHost(table: RoutingTable, host: string): HostTarget | undefined {
  const slot = table.strict.get(host) ?? longestSuffix(table.wildcard, host);
  const app = slot === undefined ? undefined : table.apps[slot];
  return app === undefined ? undefined : hostTarget(app, host);
}

function longestSuffix(claims: ClaimMap, host: string): number | undefined {
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
    const slot = claims.get(host.slice(dot + 1));
    if (slot !== undefined) return slot;
  }
  return undefined;
}

/** An app's routes for a host, whoever owns the host. */
function hostTarget(app: CompiledApp, host: string): HostTarget {
  if (app.strict === undefined && app.wildcard === undefined) return app.any;
  let target = app.any;
  if (app.wildcard !== undefined) {
    // The shortest suffix first, which ends up last.
    for (let dot = host.lastIndexOf("."); dot > 0; dot = host.lastIndexOf(".", dot - 1)) {
      const nodes = app.wildcard.get(host.slice(dot + 1));
      if (nodes !== undefined) target = app.target(nodes, host.slice(0, dot), target);
    }
  }
  const strict = app.strict?.get(host);
  return strict === undefined ? target : app.target(strict, "", target);
}

export function matchPath(target: HostTarget, method: string, path: string): MatchResult {
  const number = methodNumber(method) ?? target.app.methods?.get(method) ?? METHOD_NONE;
  const canonical = canonicalPath(path);
  for (let at: HostTarget | undefined = target; at !== undefined; at = at.next) {
    const entry = findRoute(at.nodes, number, canonical);
    if (entry !== 0) return routeMatch(at, entry, path);
  }
  return noRoute(target, canonical);
}

function noRoute(target: HostTarget, canonical: string): MatchResult {
  const { app } = target;
  const methods = new Set<string>();
  for (let at: HostTarget | undefined = target; at !== undefined; at = at.next) {
    const { nodes } = at;
    eachEntry(nodes, canonical, (entry) => {
      methods.add(routeOf(app, nodes, entry).method);
    });
  }
  if (methods.size === 0) return { kind: "no_route", app };
  if (methods.has("GET")) methods.add("HEAD");
  return { kind: "method_not_allowed", app, allow: [...methods].toSorted() };
}

const NOTHING: Readonly<Record<string, string>> = Object.freeze({});

function routeMatch(target: HostTarget, entry: number, path: string): RouteMatch {
  const { nodes } = target;
  const flags = nodes[entry + ENTRY_METHOD] ?? 0;
  const detail = nodes[entry + ENTRY_DETAIL] ?? 0;
  const route = routeOf(target, nodes, entry);
  return {
    kind: "route",
    app: target.app,
    route,
    params:
      (flags & IS_PARAM) === 0 ? NOTHING : readParams(readShape(detail, target.app.shapes), path),
    rest: (flags & IS_PREFIX) === 0 ? "" : restAfter(path, detail),
    host: target.captured === "" ? NOTHING : readHost(route, target.captured),
  };
}

/** @throws Error when entry and rows are not of one compilation, which would be a fault of ours */
function routeOf(
  { routes }: Pick<HostTarget, "routes">,
  nodes: Int32Array,
  entry: number,
): RouteRow {
  const route = routes[nodes[entry + ENTRY_ROUTE] ?? -1];
  if (route === undefined) throw new Error("Cannot read a route: its number is not in the table");
  return route;
}

const readHost = ({ hostParamName }: RouteRow, captured: string): RouteMatch["host"] =>
  hostParamName === null ? NOTHING : { [hostParamName]: captured };

function readParams(shape: ParamShape, path: string): Record<string, string> {
  const params: Record<string, string> = {};
  let index = 0;
  let start = 1;
  for (const param of shape) {
    for (; index < param.index; index++) start = path.indexOf("/", start) + 1;
    const slash = path.indexOf("/", start);
    params[param.name] = decodeSegment(path.slice(start, slash === -1 ? undefined : slash));
  }
  return params;
}

function restAfter(path: string, depth: number): string {
  let slash = 0;
  for (let passed = 0; passed < depth; passed++) slash = path.indexOf("/", slash + 1);
  return path.slice(slash + 1);
}
