import type { RouteRow } from "../routing.ts";
import { capturedBy } from "./domains.ts";
import { collectMethods, findRoute, type PathProbe } from "./match-path.ts";
import { canonicalPath, decodeSegment } from "./path-text.ts";
import type { Bucket, CompiledApp, CompiledRoute, RoutingTable } from "./table.ts";

/** What a host stands for: its app and that app's buckets, the most specific first. Safe to keep as long as the table. */
export interface HostTarget {
  app: CompiledApp;
  buckets: readonly { bucket: Bucket; captured: string }[];
}

export interface RouteMatch {
  kind: "route";
  app: CompiledApp;
  route: RouteRow;
  /** Decoded once. */
  params: Record<string, string>;
  /** What follows a prefix, as it stands in the URL; "" for every other route. */
  rest: string;
  /** What a wildcard captured, under the route's `hostParamName`. */
  host: Record<string, string>;
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
  const appId = table.strict.get(host) ?? longestSuffix(table.wildcard, host);
  const app = appId === undefined ? undefined : table.apps.get(appId);
  return app === undefined ? undefined : hostTarget(app, host);
}

function longestSuffix(claims: ReadonlyMap<string, string>, host: string): string | undefined {
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
    const appId = claims.get(host.slice(dot + 1));
    if (appId !== undefined) return appId;
  }
  return undefined;
}

/** An app's buckets for a host, whoever owns the host. */
export function hostTarget(app: CompiledApp, host: string): HostTarget {
  const buckets: { bucket: Bucket; captured: string }[] = [];
  const strict = app.strict.get(host);
  if (strict !== undefined) buckets.push({ bucket: strict, captured: "" });
  if (app.wildcard.size > 0) {
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
      const suffix = host.slice(dot + 1);
      const bucket = app.wildcard.get(suffix);
      if (bucket !== undefined)
        buckets.push({ bucket, captured: capturedBy(`*.${suffix}`, host) ?? "" });
    }
  }
  if (app.any !== undefined) buckets.push({ bucket: app.any, captured: "" });
  return { app, buckets };
}

export function matchPath(target: HostTarget, method: string, path: string): MatchResult {
  const probe: PathProbe = { path: canonicalPath(path), segments: undefined };
  for (const { bucket, captured } of target.buckets) {
    const found = findRoute(bucket, method, probe);
    if (found !== undefined) return routeMatch(target.app, found, path, captured);
  }
  const methods = new Set<string>();
  for (const { bucket } of target.buckets) collectMethods(bucket, probe, methods);
  if (methods.size === 0) return { kind: "no_route", app: target.app };
  if (methods.has("GET")) methods.add("HEAD");
  return { kind: "method_not_allowed", app: target.app, allow: [...methods].toSorted() };
}

function routeMatch(
  app: CompiledApp,
  found: CompiledRoute,
  path: string,
  captured: string,
): RouteMatch {
  const { row } = found;
  const name = row.hostParamName;
  return {
    kind: "route",
    app,
    route: row,
    params: found.params.length === 0 ? {} : readParams(found, path),
    rest: found.prefixDepth === -1 ? "" : restAfter(path, found.prefixDepth),
    host: row.hostKind === "wildcard" && name !== null ? { [name]: captured } : {},
  };
}

function readParams(found: CompiledRoute, path: string): Record<string, string> {
  const raw = path.slice(1).split("/");
  const params: Record<string, string> = {};
  for (const { name, index } of found.params) params[name] = decodeSegment(raw[index] ?? "");
  return params;
}

function restAfter(path: string, depth: number): string {
  let slash = 0;
  for (let passed = 0; passed < depth; passed++) slash = path.indexOf("/", slash + 1);
  return path.slice(slash + 1);
}
