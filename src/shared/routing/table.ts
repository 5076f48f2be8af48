/**
 * The compiled, immutable form of the routing tables. Made by compile.ts, read by match.ts. Its shape
 * has few objects between a host and a route: at a hundred thousand routes each one is a cache miss.
 */
import type { RouteRow } from "../routing.ts";

/** A route, and by `next` the others of the same pattern. */
export interface CompiledRoute {
  method: string;
  row: RouteRow;
  /** Which segment each parameter captures. */
  params: readonly { name: string; index: number }[];
  /** For a prefix: how many segments stand before `*`; else -1. */
  prefixDepth: number;
  /** What a wildcard's capture is given out as, or null. */
  hostParam: string | null;
  next: CompiledRoute | undefined;
}

/** What follows a pattern's first parameter. */
export interface ParamNode {
  literals: Map<string, ParamNode> | undefined;
  param: ParamNode | undefined;
  routes: CompiledRoute | undefined;
}

/** One node per literal segment that leads a param or prefix pattern. */
export interface LeadNode {
  children: Map<string, LeadNode> | undefined;
  /** Patterns whose first parameter stands here. */
  param: ParamNode | undefined;
  /** The prefix that ends here. */
  prefix: CompiledRoute | undefined;
}

export interface Bucket {
  exact: Map<string, CompiledRoute>;
  /** Undefined when the bucket has exact routes only. */
  lead: LeadNode | undefined;
  /** What a wildcard captured of the host; "" otherwise. */
  captured: string;
  /** The next less specific one for the same host. */
  next: Bucket | undefined;
}

/** What a host stands for: its app and that app's buckets, the most specific first. Good for as long as its table. */
export interface HostTarget {
  app: CompiledApp;
  bucket: Bucket | undefined;
}

export interface CompiledApp {
  id: string;
  slug: string;
  /** The rows this was compiled from, to see whether an update changes anything. */
  routes: readonly RouteRow[];
  domains: readonly string[];
  /** Routes without a host. */
  any: Bucket | undefined;
  strict: Map<string, Bucket> | undefined;
  /** By suffix (`example.com` for `*.example.com`). */
  wildcard: Map<string, Bucket> | undefined;
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
