/**
 * Finds the route of one host bucket; precedence in README.md. Walks the path by offsets: `start` is
 * where the next segment begins, and past the path's end there is no segment.
 */
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

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash === -1 ? path.length : slash;
}

/** `path` in canonical form. */
export function findRoute(bucket: Bucket, method: string, path: string): CompiledRoute | undefined {
  const exact = bucket.exact.get(path);
  const route = exact === undefined ? undefined : pick(exact, method);
  if (route !== undefined || bucket.lead === undefined) return route;
  return findUnder(bucket.lead, path, 1, method);
}

/** The deepest node first, because more leading literals come first; at one node param before prefix. */
function findUnder(
  node: LeadNode,
  path: string,
  start: number,
  method: string,
): CompiledRoute | undefined {
  // A prefix is a strict subtree and a parameter needs its segment: nothing matches at the path's end.
  if (start > path.length) return undefined;
  const end = segmentEnd(path, start);
  if (node.children !== undefined) {
    const child = node.children.get(path.slice(start, end));
    const deeper = child === undefined ? undefined : findUnder(child, path, end + 1, method);
    if (deeper !== undefined) return deeper;
  }
  if (node.param !== undefined && end > start) {
    const best = bestParam(node.param, path, end + 1, method);
    const route = best === undefined ? undefined : pick(best, method);
    if (route !== undefined) return route;
  }
  return node.prefix === undefined ? undefined : pick(node.prefix, method);
}

function bestParam(
  node: ParamNode,
  path: string,
  start: number,
  method: string,
): MethodSet | undefined {
  if (start > path.length) return node.routes;
  const end = segmentEnd(path, start);
  const literal = node.literals?.get(path.slice(start, end));
  const a = literal === undefined ? undefined : bestParam(literal, path, end + 1, method);
  const rankA = a === undefined ? NONE : rankOf(a, method);
  if (rankA === NAMED || node.param === undefined || end === start) return a;
  const b = bestParam(node.param, path, end + 1, method);
  return b !== undefined && rankOf(b, method) < rankA ? b : a;
}

/** Adds the methods of every pattern that the path matches. For the Allow header; off the hot path. */
export function collectMethods(bucket: Bucket, path: string, into: Set<string>): void {
  addNames(bucket.exact.get(path), into);
  if (bucket.lead !== undefined) collectUnder(bucket.lead, path, 1, into);
}

function addNames(set: MethodSet | undefined, into: Set<string>): void {
  for (const method of set?.named?.keys() ?? []) into.add(method);
}

function collectUnder(node: LeadNode, path: string, start: number, into: Set<string>): void {
  if (start > path.length) return;
  const end = segmentEnd(path, start);
  const child = node.children?.get(path.slice(start, end));
  if (child !== undefined) collectUnder(child, path, end + 1, into);
  if (node.param !== undefined && end > start) collectParams(node.param, path, end + 1, into);
  addNames(node.prefix, into);
}

function collectParams(node: ParamNode, path: string, start: number, into: Set<string>): void {
  if (start > path.length) {
    addNames(node.routes, into);
    return;
  }
  const end = segmentEnd(path, start);
  const literal = node.literals?.get(path.slice(start, end));
  if (literal !== undefined) collectParams(literal, path, end + 1, into);
  if (node.param !== undefined && end > start) collectParams(node.param, path, end + 1, into);
}
