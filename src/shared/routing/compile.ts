import type { DomainRow, RouteRow, RoutingSnapshot } from "../routing.ts";
import { compileApp, type AppRouting } from "./compile-app.ts";
import { appById, type CompiledApp, type RoutingTable } from "./table.ts";

/**
 * Compiles a whole snapshot. Apps whose rows are those of `previous` are shared with it, so that a
 * resync costs a comparison and not a compilation. A snapshot older than `previous` changes nothing.
 */
export function compileTable(snapshot: RoutingSnapshot, previous?: RoutingTable): RoutingTable {
  if (previous !== undefined && snapshot.revision < previous.revision) return previous;
  const slots = new Map<string, number>();
  const parts = snapshot.apps.map((app, slot) => {
    slots.set(app.id, slot);
    return { app, domains: [] as DomainRow[], routes: [] as RouteRow[] };
  });
  const claims: Claims = { strict: new Map(), wildcard: new Map() };
  for (const domain of snapshot.domains) {
    const slot = slots.get(domain.appId);
    if (slot === undefined) continue;
    parts[slot]?.domains.push(domain);
    claim(claims, domain.host, slot);
  }
  for (const route of snapshot.routes) parts[slots.get(route.appId) ?? -1]?.routes.push(route);
  const apps = parts.map((part) => {
    const old = previous === undefined ? undefined : appById(previous, part.app.id);
    return old !== undefined && sameRouting(old, part) ? old : compileApp(part);
  });
  return { revision: snapshot.revision, apps, slots, ...claims };
}

/** One app's new state: `routing` null when the app is gone. */
export interface AppChange {
  appId: string;
  routing: AppRouting | null;
}

/**
 * The table after some apps changed; all others, and the host maps when no claim changed, are shared
 * with the old one. A revision that is not newer changes nothing.
 */
export function applyAppChanges(
  table: RoutingTable,
  changes: readonly AppChange[],
  revision: number,
): RoutingTable {
  if (revision <= table.revision) return table;
  const apps = [...table.apps];
  let slots = table.slots;
  let claims: { strict: ReadonlyMap<string, number>; wildcard: ReadonlyMap<string, number> } =
    table;
  for (const { appId, routing } of changes) {
    let slot = slots.get(appId);
    if (slot === undefined) {
      if (routing === null) continue;
      slot = apps.length;
      slots = new Map(slots).set(appId, slot);
    }
    const before = apps[slot]?.domains ?? [];
    const after = routing === null ? [] : routing.domains.map((domain) => domain.host);
    if (!sameList(before, after)) claims = reclaim(claims, before, after, slot);
    // A deleted app leaves its slot empty until the next whole snapshot; a slot is a pointer.
    apps[slot] = routing === null ? undefined : compileApp(routing);
  }
  return { revision, apps, slots, strict: claims.strict, wildcard: claims.wildcard };
}

interface Claims {
  strict: Map<string, number>;
  wildcard: Map<string, number>;
}

function reclaim(
  old: { strict: ReadonlyMap<string, number>; wildcard: ReadonlyMap<string, number> },
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

function sameRouting(old: CompiledApp, part: AppRouting): boolean {
  return (
    old.slug === part.app.slug &&
    old.routes.length === part.routes.length &&
    old.routes.every((row, index) => sameRow(row, part.routes[index])) &&
    sameList(
      old.domains,
      part.domains.map((domain) => domain.host),
    )
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
