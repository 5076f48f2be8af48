import type { AppRouting, RouteRow, RoutingSnapshot, RoutingUpdate } from "../routing.ts";
import { compileApp } from "./compile-app.ts";
import { EMPTY_TABLE, appById, type CompiledApp, type RoutingTable } from "./table.ts";

/** Compiles a whole snapshot, sharing with `previous` the apps whose rows are the same. */
export function compileTable(
  snapshot: RoutingSnapshot,
  previous: RoutingTable = EMPTY_TABLE,
): RoutingTable {
  const apps = new Map<string, AppRouting>();
  for (const { id, slug } of snapshot.apps) apps.set(id, { slug, domains: [], routes: [] });
  for (const domain of snapshot.domains) apps.get(domain.appId)?.domains.push(domain);
  for (const route of snapshot.routes) apps.get(route.appId)?.routes.push(route);
  return applyUpdate(previous, { revision: snapshot.revision, full: true, apps });
}

/**
 * The table after an update; the old one stays as it is. What did not change is shared: apps whose rows
 * are the same, and the host maps when no claim changed. An older revision changes nothing.
 */
export function applyUpdate(table: RoutingTable, update: RoutingUpdate): RoutingTable {
  if (update.revision < table.revision) return table;
  return update.full ? replaceAll(table, update) : replaceSome(table, update);
}

function replaceAll(old: RoutingTable, { revision, apps }: RoutingUpdate): RoutingTable {
  const compiled: CompiledApp[] = [];
  const slots = new Map<string, number>();
  const claims: Claims = { strict: new Map(), wildcard: new Map() };
  for (const [id, routing] of apps) {
    if (routing === null) continue;
    const slot = compiled.length;
    slots.set(id, slot);
    for (const { host } of routing.domains) claim(claims, host, slot);
    compiled.push(compileOrShare(appById(old, id), id, routing));
  }
  return { revision, apps: compiled, slots, ...claims };
}

function replaceSome(table: RoutingTable, update: RoutingUpdate): RoutingTable {
  const apps = [...table.apps];
  let { slots } = table;
  let claims: ReadonlyClaims = table;
  for (const [id, routing] of update.apps) {
    let slot = slots.get(id);
    if (slot === undefined) {
      if (routing === null) continue;
      slot = apps.length;
      slots = new Map(slots).set(id, slot);
    }
    const before = apps[slot]?.domains ?? [];
    const after = routing === null ? [] : hostsOf(routing);
    if (!sameList(before, after)) claims = reclaim(claims, before, after, slot);
    // A deleted app leaves its slot empty until the next full update.
    apps[slot] = routing === null ? undefined : compileOrShare(apps[slot], id, routing);
  }
  return {
    revision: update.revision,
    apps,
    slots,
    strict: claims.strict,
    wildcard: claims.wildcard,
  };
}

interface ReadonlyClaims {
  strict: ReadonlyMap<string, number>;
  wildcard: ReadonlyMap<string, number>;
}

interface Claims {
  strict: Map<string, number>;
  wildcard: Map<string, number>;
}

function reclaim(
  old: ReadonlyClaims,
  before: readonly string[],
  after: readonly string[],
  slot: number,
): Claims {
  const claims: Claims = { strict: new Map(old.strict), wildcard: new Map(old.wildcard) };
  for (const host of before) {
    const [map, key] = claimKey(claims, host);
    // A claim that moved to another app in the same batch is that app's already.
    if (map.get(key) === slot) map.delete(key);
  }
  for (const host of after) claim(claims, host, slot);
  return claims;
}

function claim(claims: Claims, host: string, slot: number): void {
  const [map, key] = claimKey(claims, host);
  map.set(key, slot);
}

const claimKey = (claims: Claims, host: string): [Map<string, number>, string] =>
  host.startsWith("*.") ? [claims.wildcard, host.slice(2)] : [claims.strict, host];

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

const hostsOf = (routing: AppRouting): string[] => routing.domains.map((domain) => domain.host);

const compileOrShare = (
  old: CompiledApp | undefined,
  id: string,
  routing: AppRouting,
): CompiledApp => (old !== undefined && sameRouting(old, routing) ? old : compileApp(id, routing));

function sameRouting(old: CompiledApp, routing: AppRouting): boolean {
  return (
    old.slug === routing.slug &&
    old.routes.length === routing.routes.length &&
    old.routes.every((row, index) => sameRow(row, routing.routes[index])) &&
    sameList(old.domains, hostsOf(routing))
  );
}

function sameRow(a: RouteRow, b: RouteRow | undefined): boolean {
  return (
    a === b ||
    (b !== undefined &&
      a.id === b.id &&
      a.scriptId === b.scriptId &&
      a.method === b.method &&
      a.path === b.path &&
      a.hostKind === b.hostKind &&
      a.host === b.host &&
      a.hostParamName === b.hostParamName)
  );
}
