import type { AppRouting, RouteRow } from "../routing.ts";
import { parsePath, type PathPattern } from "./path-pattern.ts";
import type {
  Bucket,
  CompiledApp,
  CompiledRoute,
  LeadNode,
  MethodSet,
  ParamNode,
} from "./table.ts";

/** Compiles one app's routes. A row whose path does not parse is left out: it was never accepted. */
export function compileApp(id: string, { slug, domains, routes }: AppRouting): CompiledApp {
  const compiled: CompiledApp = {
    id,
    slug,
    routes,
    domains: domains.map((domain) => domain.host),
    any: [],
    strict: new Map(),
    wildcard: new Map(),
  };
  for (const row of routes) {
    const pattern = parsePath(row.path);
    if (pattern.ok) addRoute(bucketOf(compiled, row), pattern, row);
  }
  return compiled;
}

function bucketOf(app: CompiledApp, row: RouteRow): Bucket {
  if (row.hostKind === "any" || row.host === null)
    return (app.any[0] ??= { bucket: newBucket(), captured: "" }).bucket;
  const isWildcard = row.hostKind === "wildcard";
  const map = isWildcard ? app.wildcard : app.strict;
  const key = isWildcard ? row.host.slice(2) : row.host;
  return entry(map, key, newBucket);
}

const newBucket = (): Bucket => ({ exact: new Map(), lead: undefined });
const newLead = (): LeadNode => ({ children: undefined, param: undefined, prefix: undefined });
const newParam = (): ParamNode => ({ literals: undefined, param: undefined, routes: undefined });
const newSet = (): MethodSet => ({ any: undefined, named: undefined });

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function addRoute(bucket: Bucket, pattern: PathPattern, row: RouteRow): void {
  const params = pattern.segments.flatMap((segment, index) =>
    "param" in segment ? [{ name: segment.param, index }] : [],
  );
  const route: CompiledRoute = {
    row,
    params,
    prefixDepth: pattern.kind === "prefix" ? pattern.segments.length : -1,
  };
  addMethod(methodsAt(bucket, pattern), route);
}

function methodsAt(bucket: Bucket, pattern: PathPattern): MethodSet {
  if (pattern.kind === "exact") return entry(bucket.exact, pattern.canonical, newSet);
  let lead = (bucket.lead ??= newLead());
  for (const segment of pattern.segments.slice(0, pattern.leadingLiterals)) {
    lead = entry(
      (lead.children ??= new Map()),
      "literal" in segment ? segment.literal : "",
      newLead,
    );
  }
  if (pattern.kind === "prefix") return (lead.prefix ??= newSet());
  let node = (lead.param ??= newParam());
  for (const segment of pattern.segments.slice(pattern.leadingLiterals + 1)) {
    node =
      "literal" in segment
        ? entry((node.literals ??= new Map()), segment.literal, newParam)
        : (node.param ??= newParam());
  }
  return (node.routes ??= newSet());
}

function addMethod(set: MethodSet, route: CompiledRoute): void {
  const { method } = route.row;
  // Of two rows that conflict all the same, the first stays, so that every node answers alike.
  if (method === "*") set.any ??= route;
  else if (!(set.named ??= new Map()).has(method)) set.named.set(method, route);
}
