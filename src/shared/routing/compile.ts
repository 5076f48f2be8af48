import type { AppRouting, RouteRow, RoutingSnapshot, RoutingUpdate } from "../routing.ts";
import { inSlices } from "../slices.ts";
import { changeClaims, type ClaimChange } from "./claims.ts";
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
  const claimed: ClaimChange[] = [];
  for (const [id, routing] of apps) {
    if (routing === null) continue;
    const slot = compiled.length;
    slots.set(id, slot);
    claimed.push({ slot, before: [], after: hostsOf(routing) });
    compiled.push(compileOrShare(appById(old, id), id, routing, ahead));
  }
  return { revision, apps: compiled, slots, ...changeClaims(EMPTY_TABLE, claimed) };
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
  const { strict, wildcard } = moved.length === 0 ? table : changeClaims(table, moved);
  return { revision: update.revision, apps, slots, strict, wildcard };
}

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
