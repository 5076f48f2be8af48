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

export interface HostBucket {
  bucket: Bucket;
  /** What a wildcard captured of the host; "" otherwise. */
  captured: string;
}

/** What a host stands for: its app and that app's buckets, the most specific first. Good for as long as its table. */
export interface HostTarget {
  app: CompiledApp;
  buckets: readonly HostBucket[];
}

export interface CompiledApp {
  id: string;
  slug: string;
  /** The rows this was compiled from, to see whether a new snapshot changes anything. */
  routes: readonly RouteRow[];
  domains: readonly string[];
  /** The bucket of routes without a host, alone in a list; empty when there is none. */
  any: HostBucket[];
  strict: Map<string, Bucket>;
  /** By suffix (`example.com` for `*.example.com`). */
  wildcard: Map<string, Bucket>;
}

export interface RoutingTable {
  revision: number;
  /** By slot, so that a host leads to its app without a second hash; undefined where an app was deleted. */
  apps: readonly (CompiledApp | undefined)[];
  /** App id to slot. */
  slots: ReadonlyMap<string, number>;
  /** Claimed host to slot. */
  strict: ReadonlyMap<string, number>;
  /** Claimed suffix to slot. */
  wildcard: ReadonlyMap<string, number>;
}

export const EMPTY_TABLE: RoutingTable = {
  revision: 0,
  apps: [],
  slots: new Map(),
  strict: new Map(),
  wildcard: new Map(),
};

export function appById(table: RoutingTable, id: string): CompiledApp | undefined {
  const slot = table.slots.get(id);
  return slot === undefined ? undefined : table.apps[slot];
}
