import type { DomainRow, RouteRow, RoutingSnapshot } from "../routing.ts";
import { compileApp, type AppRouting } from "./compile-app.ts";
import type { CompiledApp, RoutingTable } from "./table.ts";

/**
 * Compiles a whole snapshot. Apps whose rows are those of `previous` are shared with it, so that a
 * resync costs a comparison and not a compilation. A snapshot older than `previous` changes nothing.
 */
export function compileTable(snapshot: RoutingSnapshot, previous?: RoutingTable): RoutingTable {
  if (previous !== undefined && snapshot.revision < previous.revision) return previous;
  const parts = new Map<
    string,
    { app: { id: string; slug: string }; domains: DomainRow[]; routes: RouteRow[] }
  >();
  for (const app of snapshot.apps) parts.set(app.id, { app, domains: [], routes: [] });
  const strict = new Map<string, string>();
  const wildcard = new Map<string, string>();
  for (const domain of snapshot.domains) {
    const part = parts.get(domain.appId);
    if (part === undefined) continue;
    part.domains.push(domain);
    claim(strict, wildcard, domain.host, domain.appId);
  }
  for (const route of snapshot.routes) parts.get(route.appId)?.routes.push(route);
  const apps = new Map<string, CompiledApp>();
  for (const [id, part] of parts) {
    const old = previous?.apps.get(id);
    apps.set(id, old !== undefined && sameRouting(old, part) ? old : compileApp(part));
  }
  return { revision: snapshot.revision, apps, strict, wildcard };
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
  const apps = new Map(table.apps);
  let { strict, wildcard } = table;
  for (const { appId, routing } of changes) {
    const before = apps.get(appId)?.domains ?? [];
    const after = routing === null ? [] : routing.domains.map((domain) => domain.host);
    if (!sameList(before, after)) {
      const [strictCopy, wildcardCopy] = [new Map(strict), new Map(wildcard)];
      for (const host of before) release(strictCopy, wildcardCopy, host, appId);
      for (const host of after) claim(strictCopy, wildcardCopy, host, appId);
      [strict, wildcard] = [strictCopy, wildcardCopy];
    }
    if (routing === null) apps.delete(appId);
    else apps.set(appId, compileApp(routing));
  }
  return { revision, apps, strict, wildcard };
}

function claim(
  strict: Map<string, string>,
  wildcard: Map<string, string>,
  host: string,
  appId: string,
): void {
  if (host.startsWith("*.")) wildcard.set(host.slice(2), appId);
  else strict.set(host, appId);
}

function release(
  strict: Map<string, string>,
  wildcard: Map<string, string>,
  host: string,
  appId: string,
): void {
  const map = host.startsWith("*.") ? wildcard : strict;
  const key = host.startsWith("*.") ? host.slice(2) : host;
  // A claim that moved to another app in the same batch is that app's already.
  if (map.get(key) === appId) map.delete(key);
}

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
