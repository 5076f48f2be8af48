import { requestHost } from "../../shared/routing/host.ts";
import { findHost } from "../../shared/routing/match.ts";
import type { HostTarget, RoutingTable } from "../../shared/routing/table.ts";

export interface KnownHost {
  target: HostTarget;
  isShared: boolean;
}

/** More Host headers than this in use at once start the cache anew. */
const ENTRIES_MAX = 10_000;

/**
 * Host headers as they came to what they stand for, so that the usual one costs a lookup. Only claimed
 * hosts are kept: nobody can fill it with inventions, but under a wildcard that clears it.
 */
export class HostCache {
  readonly #sharesControlPlane: (host: string) => boolean;
  #table: RoutingTable | undefined;
  #known = new Map<string, KnownHost>();

  constructor(sharesControlPlane: (host: string) => boolean) {
    this.#sharesControlPlane = sharesControlPlane;
  }

  find(table: RoutingTable, header: string): KnownHost | "invalid_host" | "host_not_found" {
    if (table !== this.#table) {
      this.#table = table;
      this.#known = new Map();
    }
    return this.#known.get(header) ?? this.#resolve(table, header);
  }

  #resolve(table: RoutingTable, header: string): KnownHost | "invalid_host" | "host_not_found" {
    const host = requestHost(header);
    if (host === undefined) return "invalid_host";
    const target = findHost(table, host);
    if (target === undefined) return "host_not_found";
    const known = { target, isShared: this.#sharesControlPlane(host) };
    if (this.#known.size >= ENTRIES_MAX) this.#known = new Map();
    this.#known.set(header, known);
    return known;
  }
}
