/** The routing tables as plain data: what the manager publishes and the orchestrator compiles. */
export interface DomainRow {
  id: string;
  appId: string;
  /** Normalised: lower-case, punycode, no port, no trailing dot; `*.` in front for a wildcard. */
  host: string;
  kind: "strict" | "wildcard";
}

export type PathKind = "exact" | "param" | "prefix";
export type HostKind = "any" | "strict" | "wildcard";

export interface RouteRow {
  id: string;
  appId: string;
  scriptId: string;
  /** An upper-case HTTP method, or `*`. */
  method: string;
  path: string;
  pathKind: PathKind;
  hostKind: HostKind;
  /** Null for host kind `any`. */
  host: string | null;
  hostParamName: string | null;
}

export interface RoutingSnapshot {
  /** Grows with every change; a lower one never replaces a higher one. */
  revision: number;
  apps: { id: string; slug: string }[];
  domains: DomainRow[];
  routes: RouteRow[];
}

/** What one app contributes to the tables. */
export interface AppRouting {
  slug: string;
  domains: DomainRow[];
  routes: RouteRow[];
}

/** A change of the tables. `apps` holds the changed apps whole, null for one that is gone; `full` says that all others are gone too. */
export interface RoutingUpdate {
  revision: number;
  full: boolean;
  apps: ReadonlyMap<string, AppRouting | null>;
}

/** The tables as the manager keeps them; the orchestrator compiles what it is told. */
export interface RoutingSource {
  snapshot(): RoutingSnapshot;
  /** Calls `listener` once at once with everything (`full`), then after each change, before the write that made it is answered: a promise is awaited, and with it the next change. Returns the unsubscriber. */
  onSwap(listener: (update: RoutingUpdate) => void | Promise<void>): () => void;
}
