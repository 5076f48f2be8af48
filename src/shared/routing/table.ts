/**
 * The compiled, immutable form of the routing tables. Made by compile.ts, read by match.ts. Its shape
 * has few objects between a host and a route: at a hundred thousand routes each one is a cache miss.
 */
import { ClaimMap, type Claims } from "./claims.ts";
import type { RouteRow } from "../routing.ts";
import type { ParamShape } from "./param-shapes.ts";

/**
 * What a host stands for: its app and that app's routes there, the most specific ones first. Good for as
 * long as its table.
 */
export interface HostTarget {
  app: CompiledApp;
  /** As in packed.ts. */
  nodes: Int32Array;
  /** The app's: what the numbers in `nodes` count. Here too because that saves a step. */
  routes: readonly RouteRow[];
  /** What a wildcard captured of the host; "" otherwise. */
  captured: string;
  /** The routes of a less specific kind for the same host. */
  next: HostTarget | undefined;
}

/** By strict host, or by a wildcard's suffix (`example.com` for `*.example.com`). */
export type HostBuckets = ReadonlyMap<string, Int32Array>;

export interface CompiledParts {
  id: string;
  slug: string;
  /** The rows this was compiled from, in their order. */
  routes: readonly RouteRow[];
  domains: readonly string[];
  /** Numbers of methods that packed.ts does not know. */
  methods: ReadonlyMap<string, number> | undefined;
  /** Those that are the app's own; param-shapes.ts has the others. */
  shapes: readonly ParamShape[];
  /** Routes without a host. */
  any: Int32Array;
  strict: HostBuckets | undefined;
  wildcard: HostBuckets | undefined;
}

export class CompiledApp {
  readonly id: string;
  readonly slug: string;
  readonly routes: CompiledParts["routes"];
  readonly domains: CompiledParts["domains"];
  readonly methods: CompiledParts["methods"];
  readonly shapes: CompiledParts["shapes"];
  /** For a host that no route names. */
  readonly any: HostTarget;
  readonly strict: CompiledParts["strict"];
  readonly wildcard: CompiledParts["wildcard"];

  constructor(parts: CompiledParts) {
    this.id = parts.id;
    this.slug = parts.slug;
    this.routes = parts.routes;
    this.domains = parts.domains;
    this.methods = parts.methods;
    this.shapes = parts.shapes;
    this.any = this.target(parts.any, "", undefined);
    this.strict = parts.strict;
    this.wildcard = parts.wildcard;
  }

  target(nodes: Int32Array, captured: string, next: HostTarget | undefined): HostTarget {
    return { app: this, nodes, routes: this.routes, captured, next };
  }
}

export interface RoutingTable extends Claims {
  revision: number;
  /** By slot, so that a host leads to its app without a second hash; undefined where an app was deleted. */
  apps: readonly (CompiledApp | undefined)[];
  /** App id to slot. */
  slots: ReadonlyMap<string, number>;
}

export const EMPTY_TABLE: RoutingTable = {
  revision: 0,
  apps: [],
  slots: new Map(),
  strict: new ClaimMap(),
  wildcard: new ClaimMap(),
};

export function appById(table: RoutingTable, id: string): CompiledApp | undefined {
  const slot = table.slots.get(id);
  return slot === undefined ? undefined : table.apps[slot];
}
