/** The precedence rules as the simplest slow matcher: filter everything, sort, take the first. Shares no code with src. */
import type { DomainRow, RouteRow } from "../../../src/shared/routing.ts";

export interface ReferenceAnswer {
  kind: "route" | "no_host" | "no_route" | "method_not_allowed";
  appId?: string;
  routeId?: string;
  params?: Record<string, string>;
  rest?: string;
  host?: Record<string, string>;
  allow?: string[];
}

const split = (path: string): string[] => path.slice(1).split("/");

function hostMatches(pattern: string, host: string): boolean {
  return pattern.startsWith("*.")
    ? host.endsWith(pattern.slice(1)) && host !== pattern.slice(1)
    : host === pattern;
}

/** Captured parameters, or null where the path does not match. */
export function referencePath(
  pattern: string,
  path: string,
): { params: Record<string, string>; rest: string } | null {
  const wanted = split(pattern);
  const given = split(path);
  const params: Record<string, string> = {};
  for (let i = 0; i < wanted.length; i++) {
    const want = wanted[i] ?? "";
    const have = given[i];
    if (have === undefined) return null;
    if (want === "*") return { params, rest: given.slice(i).join("/") };
    if (want.startsWith(":")) {
      if (have === "") return null;
      params[want.slice(1)] = decodeURIComponent(have);
    } else if (decodeURIComponent(want) !== decodeURIComponent(have)) return null;
  }
  return given.length === wanted.length ? { params, rest: "" } : null;
}

export function referenceKind(pattern: string): "exact" | "param" | "prefix" {
  if (pattern.endsWith("/*")) return "prefix";
  return pattern.includes("/:") ? "param" : "exact";
}

function leadingLiterals(pattern: string): number {
  let count = 0;
  for (const segment of split(pattern)) {
    if (segment === "*" || segment.startsWith(":")) break;
    count++;
  }
  return count;
}

const hostRank = (row: RouteRow): number =>
  row.hostKind === "any" || row.host === null
    ? 0
    : row.hostKind === "wildcard"
      ? row.host.length
      : 1_000;

function methodRank(row: RouteRow, method: string): number | null {
  if (row.method === method) return 0;
  if (method === "HEAD" && row.method === "GET") return 1;
  return row.method === "*" ? 2 : null;
}

/** Smaller is better, compared from left to right. */
function rank(row: RouteRow, method: string): number[] {
  const kind = referenceKind(row.path);
  return [
    -hostRank(row),
    kind === "exact" ? 0 : 1,
    -leadingLiterals(row.path),
    kind === "param" ? 0 : 1,
    methodRank(row, method) ?? 9,
  ];
}

function compare(a: number[], b: number[]): number {
  for (const [i, value] of a.entries()) {
    const difference = value - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function referenceMatch(
  domains: DomainRow[],
  routes: RouteRow[],
  request: { host: string; method: string; path: string },
): ReferenceAnswer {
  const claims = domains.filter((domain) => hostMatches(domain.host, request.host));
  claims.sort(
    (a, b) =>
      Number(a.kind === "wildcard") - Number(b.kind === "wildcard") ||
      b.host.length - a.host.length,
  );
  const appId = claims[0]?.appId;
  if (appId === undefined) return { kind: "no_host" };
  const onPath = routes.filter(
    (row) =>
      row.appId === appId &&
      (row.host === null || hostMatches(row.host, request.host)) &&
      referencePath(row.path, request.path) !== null,
  );
  const [best] = onPath
    .filter((row) => methodRank(row, request.method) !== null)
    .sort((a, b) => compare(rank(a, request.method), rank(b, request.method)));
  if (best !== undefined) {
    const captured = best.host?.startsWith("*.")
      ? request.host.slice(0, request.host.length - best.host.length + 1)
      : "";
    const host =
      best.hostKind === "wildcard" && best.hostParamName !== null
        ? { [best.hostParamName]: captured }
        : {};
    return {
      kind: "route",
      appId,
      routeId: best.id,
      host,
      ...referencePath(best.path, request.path),
    };
  }
  if (onPath.length === 0) return { kind: "no_route", appId };
  const allow = new Set(onPath.map((row) => row.method));
  if (allow.has("GET")) allow.add("HEAD");
  return { kind: "method_not_allowed", appId, allow: [...allow].sort() };
}
