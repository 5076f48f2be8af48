import type { AppRouting, RouteRow } from "../routing.ts";
import { parsePath, type PathPattern } from "./path-pattern.ts";
import type { Bucket, CompiledApp, CompiledRoute, LeadNode, ParamNode } from "./table.ts";

/** Compiles one app's routes. A row whose path does not parse is left out: it was never accepted. */
export function compileApp(id: string, { slug, domains, routes }: AppRouting): CompiledApp {
  const app: CompiledApp = {
    id,
    slug,
    routes,
    domains: domains.map((domain) => domain.host),
    any: undefined,
    strict: undefined,
    wildcard: undefined,
  };
  for (const row of routes) {
    const pattern = parsePath(row.path);
    if (pattern.ok) addRoute(bucketOf(app, row), pattern, row);
  }
  return app;
}

function bucketOf(app: CompiledApp, row: RouteRow): Bucket {
  if (row.hostKind === "any" || row.host === null) return (app.any ??= newBucket());
  if (row.hostKind === "wildcard") {
    return entry((app.wildcard ??= new Map()), row.host.slice(2), newBucket);
  }
  return entry((app.strict ??= new Map()), row.host, newBucket);
}

const newBucket = (): Bucket => ({
  exact: new Map(),
  lead: undefined,
  captured: "",
  next: undefined,
});
const newLead = (): LeadNode => ({ children: undefined, param: undefined, prefix: undefined });
const newParam = (): ParamNode => ({ literals: undefined, param: undefined, routes: undefined });

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

const NO_PARAMS: CompiledRoute["params"] = [];

function addRoute(bucket: Bucket, pattern: PathPattern, row: RouteRow): void {
  const route: CompiledRoute = {
    method: row.method,
    row,
    params: pattern.kind === "param" ? paramsOf(pattern) : NO_PARAMS,
    prefixDepth: pattern.kind === "prefix" ? pattern.segments.length : -1,
    hostParam: row.hostKind === "wildcard" ? row.hostParamName : null,
    next: undefined,
  };
  if (pattern.kind === "exact") {
    bucket.exact.set(pattern.canonical, append(bucket.exact.get(pattern.canonical), route));
    return;
  }
  let lead = (bucket.lead ??= newLead());
  for (const segment of pattern.segments.slice(0, pattern.leadingLiterals)) {
    const literal = "literal" in segment ? segment.literal : "";
    lead = entry((lead.children ??= new Map()), literal, newLead);
  }
  if (pattern.kind === "prefix") {
    lead.prefix = append(lead.prefix, route);
    return;
  }
  const node = paramNode((lead.param ??= newParam()), pattern);
  node.routes = append(node.routes, route);
}

function paramNode(first: ParamNode, pattern: PathPattern): ParamNode {
  let node = first;
  for (const segment of pattern.segments.slice(pattern.leadingLiterals + 1)) {
    node =
      "literal" in segment
        ? entry((node.literals ??= new Map()), segment.literal, newParam)
        : (node.param ??= newParam());
  }
  return node;
}

const paramsOf = (pattern: PathPattern): CompiledRoute["params"] =>
  pattern.segments.flatMap((segment, index) =>
    "param" in segment ? [{ name: segment.param, index }] : [],
  );

/** At the end: of two rows that conflict all the same, the first answers, so that every node answers alike. */
function append(chain: CompiledRoute | undefined, route: CompiledRoute): CompiledRoute {
  if (chain === undefined) return route;
  let last = chain;
  while (last.next !== undefined) last = last.next;
  last.next = route;
  return chain;
}
