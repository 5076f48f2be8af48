/** Finds the route of one host bucket. Precedence: see README.md in this folder. */
import type { Bucket, CompiledRoute, LeadNode, MethodSet, ParamNode } from "./table.ts";

/** How well a route's method fits: its own name, GET for HEAD, `*`. */
const NAMED = 0;
const HEAD_AS_GET = 1;
const ANY = 2;
const NONE = 3;

function rankOf(set: MethodSet, method: string): number {
  if (set.named !== undefined) {
    if (set.named.has(method)) return NAMED;
    if (method === "HEAD" && set.named.has("GET")) return HEAD_AS_GET;
  }
  return set.any === undefined ? NONE : ANY;
}

function pick(set: MethodSet, method: string): CompiledRoute | undefined {
  if (set.named !== undefined) {
    const route = set.named.get(method) ?? (method === "HEAD" ? set.named.get("GET") : undefined);
    if (route !== undefined) return route;
  }
  return set.any;
}

/** `path` in canonical form; `segments` is filled on first need and shared between buckets. */
export interface PathProbe {
  path: string;
  segments: string[] | undefined;
}

const segmentsOf = (probe: PathProbe): string[] =>
  (probe.segments ??= probe.path.slice(1).split("/"));

export function findRoute(
  bucket: Bucket,
  method: string,
  probe: PathProbe,
): CompiledRoute | undefined {
  const exact = bucket.exact.get(probe.path);
  const route = exact === undefined ? undefined : pick(exact, method);
  if (route !== undefined || bucket.lead === undefined) return route;
  const segments = segmentsOf(probe);
  return findUnder(bucket.lead, segments, 0, (params, prefix, depth) => {
    const best = params === undefined ? undefined : bestParam(params, segments, depth, method);
    return (
      (best === undefined ? undefined : pick(best, method)) ??
      (prefix === undefined ? undefined : pick(prefix, method))
    );
  });
}

type Visit<T> = (
  param: ParamNode | undefined,
  prefix: MethodSet | undefined,
  depth: number,
) => T | undefined;

/** Visits the lead nodes of a path, most leading literals first, until one gives a result. */
function findUnder<T>(
  node: LeadNode,
  segments: readonly string[],
  depth: number,
  visit: Visit<T>,
): T | undefined {
  const segment = segments[depth];
  // A prefix is a strict subtree and a parameter needs its segment: nothing can match at the path's end.
  if (segment === undefined) return undefined;
  const child = node.children?.get(segment);
  const deeper = child === undefined ? undefined : findUnder(child, segments, depth + 1, visit);
  return deeper ?? visit(node.param, node.prefix, depth);
}

function bestParam(
  node: ParamNode,
  segments: readonly string[],
  depth: number,
  method: string,
): MethodSet | undefined {
  let best: MethodSet | undefined;
  let bestRank = NONE;
  walkParams(node, segments, depth, (routes) => {
    const rank = rankOf(routes, method);
    if (rank < bestRank) [best, bestRank] = [routes, rank];
    return bestRank === NAMED;
  });
  return best;
}

/** Visits the patterns that match; `node` has captured `segments[depth]`. True when the visitor wants no more. */
function walkParams(
  node: ParamNode,
  segments: readonly string[],
  depth: number,
  visit: (routes: MethodSet) => boolean,
): boolean {
  if (segments[depth] === "") return false;
  return walkRest(node, segments, depth + 1, visit);
}

function walkRest(
  node: ParamNode,
  segments: readonly string[],
  depth: number,
  visit: (routes: MethodSet) => boolean,
): boolean {
  const segment = segments[depth];
  if (segment === undefined) return node.routes !== undefined && visit(node.routes);
  const literal = node.literals?.get(segment);
  if (literal !== undefined && walkRest(literal, segments, depth + 1, visit)) return true;
  return node.param !== undefined && walkParams(node.param, segments, depth, visit);
}

/** Adds the methods of every pattern that the path matches. For the Allow header; off the hot path. */
export function collectMethods(bucket: Bucket, probe: PathProbe, into: Set<string>): void {
  const add = (set: MethodSet | undefined): void => {
    for (const method of set?.named?.keys() ?? []) into.add(method);
  };
  add(bucket.exact.get(probe.path));
  if (bucket.lead === undefined) return;
  const segments = segmentsOf(probe);
  findUnder(bucket.lead, segments, 0, (params, prefix, depth) => {
    add(prefix);
    if (params !== undefined) {
      walkParams(params, segments, depth, (routes) => {
        add(routes);
        return false;
      });
    }
    return undefined;
  });
}
