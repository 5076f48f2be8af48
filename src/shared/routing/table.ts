/** The compiled, immutable form of the routing tables. Made by compile.ts, read by match.ts. */
import type { RouteRow } from "../routing.ts";

export interface CompiledRoute {
  row: RouteRow;
  /** Which segment each parameter captures. */
  params: readonly { name: string; index: number }[];
  /** For a prefix: how many segments stand before `*`; else -1. */
  prefixDepth: number;
}

/** The routes of one pattern, by method. */
export interface MethodSet {
  any: CompiledRoute | undefined;
  named: Map<string, CompiledRoute> | undefined;
}

/** What follows a pattern's first parameter. */
export interface ParamNode {
  literals: Map<string, ParamNode> | undefined;
  param: ParamNode | undefined;
  routes: MethodSet | undefined;
}

/** One node per literal segment that leads a param or prefix pattern. */
export interface LeadNode {
  children: Map<string, LeadNode> | undefined;
  /** Patterns whose first parameter stands here. */
  param: ParamNode | undefined;
  /** The prefix that ends here. */
  prefix: MethodSet | undefined;
}

export interface Bucket {
  exact: Map<string, MethodSet>;
  /** Undefined when the bucket has exact routes only. */
  lead: LeadNode | undefined;
}

export interface CompiledApp {
  id: string;
  slug: string;
  /** The rows this was compiled from, to see whether a new snapshot changes anything. */
  routes: readonly RouteRow[];
  domains: readonly string[];
  any: Bucket | undefined;
  strict: Map<string, Bucket>;
  /** By suffix (`example.com` for `*.example.com`). */
  wildcard: Map<string, Bucket>;
}

export interface RoutingTable {
  revision: number;
  apps: ReadonlyMap<string, CompiledApp>;
  /** Claimed host to app id. */
  strict: ReadonlyMap<string, string>;
  /** Claimed suffix to app id. */
  wildcard: ReadonlyMap<string, string>;
}

export const EMPTY_TABLE: RoutingTable = {
  revision: 0,
  apps: new Map(),
  strict: new Map(),
  wildcard: new Map(),
};
