import type { RouteRow } from "../routing.ts";
import { collectMethods, findRoute } from "./match-path.ts";
import { canonicalPath, decodeSegment } from "./path-text.ts";
import type { Bucket, CompiledApp, CompiledRoute, HostTarget, RoutingTable } from "./table.ts";

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

function longestSuffix(claims: ReadonlyMap<string, number>, host: string): number | undefined {
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
    const slot = claims.get(host.slice(dot + 1));
    if (slot !== undefined) return slot;
  }
  return undefined;
}

/** An app's buckets for a host, whoever owns the host. */
export function hostTarget(app: CompiledApp, host: string): HostTarget {
  if (app.strict === undefined && app.wildcard === undefined) return { app, bucket: app.any };
  const found: Bucket[] = [];
  const strict = app.strict?.get(host);
  if (strict !== undefined) found.push(strict);
  if (app.wildcard !== undefined) {
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
      const bucket = app.wildcard.get(host.slice(dot + 1));
      if (bucket !== undefined) found.push({ ...bucket, captured: host.slice(0, dot) });
    }
  }
  const chain = found.reduceRight((next, bucket) => ({ ...bucket, next }), app.any);
  return { app, bucket: chain };
}

export function matchPath(target: HostTarget, method: string, path: string): MatchResult {
  const { app } = target;
  const canonical = canonicalPath(path);
  for (let bucket = target.bucket; bucket !== undefined; bucket = bucket.next) {
    const found = findRoute(bucket, method, canonical);
    if (found !== undefined) return routeMatch(app, found, path, bucket.captured);
  }
  const methods = new Set<string>();
  for (let bucket = target.bucket; bucket !== undefined; bucket = bucket.next) {
    collectMethods(bucket, canonical, methods);
  }
  if (methods.size === 0) return { kind: "no_route", app };
  if (methods.has("GET")) methods.add("HEAD");
  return { kind: "method_not_allowed", app, allow: [...methods].toSorted() };
}

const NOTHING: Readonly<Record<string, string>> = Object.freeze({});

function routeMatch(
  app: CompiledApp,
  found: CompiledRoute,
  path: string,
  captured: string,
): RouteMatch {
  return {
    kind: "route",
    app,
    route: found.row,
    params: found.params.length === 0 ? NOTHING : readParams(found, path),
    rest: found.prefixDepth === -1 ? "" : restAfter(path, found.prefixDepth),
    host: found.hostParam === null ? NOTHING : { [found.hostParam]: captured },
  };
}

function readParams(found: CompiledRoute, path: string): Record<string, string> {
  const params: Record<string, string> = {};
  let index = 0;
  let start = 1;
  for (const param of found.params) {
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
