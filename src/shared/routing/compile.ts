import type { AppRouting, RouteRow, RoutingSnapshot, RoutingUpdate } from "../routing.ts";
import { inSlices } from "../slices.ts";
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
export function applyUpdate(
  table: RoutingTable,
  update: RoutingUpdate,
  ahead?: CompiledAhead,
): RoutingTable {
  if (update.revision < table.revision) return table;
  return update.full ? replaceAll(table, update, ahead) : replaceSome(table, update, ahead);
}

/** Apps of an update that were compiled before it. */
export type CompiledAhead = ReadonlyMap<string, CompiledApp>;

/** Compiles a large update in slices, with requests answered between them; then `applyUpdate` is quick. */
export async function compileAhead(
  table: RoutingTable,
  update: RoutingUpdate,
): Promise<CompiledAhead> {
  const ahead = new Map<string, CompiledApp>();
  await inSlices(update.apps, ([id, routing]) => {
    if (routing !== null) ahead.set(id, compileOrShare(appById(table, id), id, routing));
  });
  return ahead;
}

function replaceAll(
  old: RoutingTable,
  { revision, apps }: RoutingUpdate,
  ahead: CompiledAhead | undefined,
): RoutingTable {
  const compiled: CompiledApp[] = [];
  const slots = new Map<string, number>();
  const claims: Claims = { strict: new Map(), wildcard: new Map() };
  for (const [id, routing] of apps) {
    if (routing === null) continue;
    const slot = compiled.length;
    slots.set(id, slot);
    for (const { host } of routing.domains) claim(claims, host, slot);
    compiled.push(compileOrShare(appById(old, id), id, routing, ahead));
  }
  return { revision, apps: compiled, slots, ...claims };
}

function replaceSome(
  table: RoutingTable,
  update: RoutingUpdate,
  ahead: CompiledAhead | undefined,
): RoutingTable {
  const apps = [...table.apps];
  const added = new Map<string, number>();
  const moved: ClaimChange[] = [];
  for (const [id, routing] of update.apps) {
    let slot = table.slots.get(id);
    if (slot === undefined) {
      if (routing === null) continue;
      slot = apps.length;
      added.set(id, slot);
    }
    const before = apps[slot]?.domains ?? [];
    const after = routing === null ? [] : hostsOf(routing);
    if (!sameList(before, after)) moved.push({ slot, before, after });
    // A deleted app leaves its slot empty.
    apps[slot] = routing === null ? undefined : compileOrShare(apps[slot], id, routing, ahead);
  }
  const slots = added.size === 0 ? table.slots : new Map([...table.slots, ...added]);
  const { strict, wildcard } = moved.length === 0 ? table : reclaim(table, moved);
  return { revision: update.revision, apps, slots, strict, wildcard };
}

interface ReadonlyClaims {
  strict: ReadonlyMap<string, number>;
  wildcard: ReadonlyMap<string, number>;
}

interface Claims {
  strict: Map<string, number>;
  wildcard: Map<string, number>;
}

interface ClaimChange {
  slot: number;
  before: readonly string[];
  after: readonly string[];
}

/** Releases before claims, so that one that moves between two apps of an update ends where it belongs. */
function reclaim(old: ReadonlyClaims, changes: readonly ClaimChange[]): Claims {
  const claims: Claims = { strict: new Map(old.strict), wildcard: new Map(old.wildcard) };
  for (const { slot, before } of changes) {
    for (const host of before) {
      const [map, key] = claimKey(claims, host);
      // It may be another app's by an earlier update.
      if (map.get(key) === slot) map.delete(key);
    }
  }
  for (const { slot, after } of changes) for (const host of after) claim(claims, host, slot);
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

function compileOrShare(
  old: CompiledApp | undefined,
  id: string,
  routing: AppRouting,
  ahead?: CompiledAhead,
): CompiledApp {
  if (old !== undefined && sameRows(old, routing) && sameList(old.domains, hostsOf(routing)))
    return old;
  return ahead?.get(id) ?? compileApp(id, routing);
}

/** Whether two readings of an app hold the same. */
export const sameRouting = (a: AppRouting, b: AppRouting): boolean =>
  sameRows(a, b) && sameList(hostsOf(a), hostsOf(b));

type Rows = Pick<CompiledApp, "slug" | "routes">;

const sameRows = (a: Rows, b: Rows): boolean =>
  a.slug === b.slug &&
  a.routes.length === b.routes.length &&
  a.routes.every((row, index) => sameRow(row, b.routes[index]));

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
