/**
 * Finds the route of one host bucket; precedence in README.md. Walks the path by offsets: `start` is
 * where the next segment begins, and past the path's end there is no segment.
 */
import type { Bucket, CompiledRoute, LeadNode, ParamNode } from "./table.ts";

/** Of one pattern's routes the one for a method: its own name, then GET for HEAD, then `*`. */
function pick(chain: CompiledRoute | undefined, method: string): CompiledRoute | undefined {
  let fallback: CompiledRoute | undefined;
  for (let route = chain; route !== undefined; route = route.next) {
    if (route.method === method) return route;
    if (rankOf(route, method) < rankOf(fallback, method)) fallback = route;
  }
  return fallback;
}

/** How well a route's method fits; smaller is better. */
function rankOf(route: CompiledRoute | undefined, method: string): number {
  if (route === undefined) return 3;
  if (route.method === method) return 0;
  if (route.method === "*") return 2;
  return method === "HEAD" && route.method === "GET" ? 1 : 3;
}

function segmentEnd(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash === -1 ? path.length : slash;
}

/** `path` in canonical form. */
export function findRoute(bucket: Bucket, method: string, path: string): CompiledRoute | undefined {
  const route = pick(bucket.exact.get(path), method);
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
    const route = bestParam(node.param, path, end + 1, method);
    if (route !== undefined) return route;
  }
  return pick(node.prefix, method);
}

function bestParam(
  node: ParamNode,
  path: string,
  start: number,
  method: string,
): CompiledRoute | undefined {
  if (start > path.length) return pick(node.routes, method);
  const end = segmentEnd(path, start);
  const literal = node.literals?.get(path.slice(start, end));
  const a = literal === undefined ? undefined : bestParam(literal, path, end + 1, method);
  if (node.param === undefined || end === start || a?.method === method) return a;
  const b = bestParam(node.param, path, end + 1, method);
  return rankOf(b, method) < rankOf(a, method) ? b : a;
}

/** Adds the methods of every pattern that the path matches. For the Allow header; off the hot path. */
export function collectMethods(bucket: Bucket, path: string, into: Set<string>): void {
  addNames(bucket.exact.get(path), into);
  if (bucket.lead !== undefined) collectUnder(bucket.lead, path, 1, into);
}

function addNames(chain: CompiledRoute | undefined, into: Set<string>): void {
  for (let route = chain; route !== undefined; route = route.next) into.add(route.method);
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
