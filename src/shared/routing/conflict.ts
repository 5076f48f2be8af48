import type { RouteRow } from "../routing.ts";
import { parsePath, type PathPattern, type Segment } from "./path-pattern.ts";

/**
 * Two routes conflict when they are of one app, host bucket, method and path kind, and some request
 * matches both. Exact and prefix: by literal equality (a longer prefix may stand under a shorter one).
 */
export function routesConflict(a: RouteRow, b: RouteRow): boolean {
  if (a.appId !== b.appId || a.method !== b.method || !sameHostBucket(a, b)) return false;
  const left = parsePath(a.path);
  const right = parsePath(b.path);
  return left.ok && right.ok && patternsConflict(left, right);
}

/** The route among `existing` that stands in the way of `candidate`, or undefined. A route never conflicts with itself. */
export function findConflict(
  candidate: RouteRow,
  existing: Iterable<RouteRow>,
): RouteRow | undefined {
  for (const route of existing) {
    if (route.id !== candidate.id && routesConflict(candidate, route)) return route;
  }
  return undefined;
}

export function sameHostBucket(a: RouteRow, b: RouteRow): boolean {
  return a.hostKind === b.hostKind && (a.hostKind === "any" || a.host === b.host);
}

export function patternsConflict(a: PathPattern, b: PathPattern): boolean {
  if (a.kind !== b.kind || a.segments.length !== b.segments.length) return false;
  return a.segments.every((segment, index) => {
    const other = b.segments[index];
    return other !== undefined && segmentsMeet(segment, other);
  });
}

function segmentsMeet(a: Segment, b: Segment): boolean {
  if ("literal" in a && "literal" in b) return a.literal === b.literal;
  // A parameter never captures an empty segment, so a trailing slash and a parameter cannot meet.
  if ("literal" in a) return a.literal !== "";
  return !("literal" in b) || b.literal !== "";
}
