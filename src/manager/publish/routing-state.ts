/** Apps, domains and routes in memory, app by app, so that one change touches one app. */
import { inArray } from "drizzle-orm";
import type {
  AppRouting,
  DomainRow,
  RouteRow,
  RoutingSnapshot,
  RoutingSource,
  RoutingUpdate,
} from "../../shared/routing.ts";
import { hostCovers } from "../../shared/routing/domains.ts";
import type { Queryable } from "../db/connect.ts";
import { apps, domains } from "../db/tables/apps.ts";
import { routes } from "../db/tables/scripts.ts";

/** Past this many changed apps, reading all is cheaper than naming them. */
const NAMED_APPS_MAX = 500;

export class RoutingState implements RoutingSource {
  #apps: Map<string, AppRouting> = new Map();
  #revision = 0;
  readonly #listeners = new Set<(update: RoutingUpdate) => void>();

  snapshot(): RoutingSnapshot {
    return snapshotOf(this.#revision, [...this.#apps]);
  }

  /** Only the apps with a claim that covers `host`, for a single question. */
  narrowedTo(host: string): RoutingSnapshot {
    const all = [...this.#apps].filter(([, app]) =>
      app.domains.some((domain) => hostCovers(domain.host, host)),
    );
    return snapshotOf(this.#revision, all);
  }

  /** Only one app, or none. */
  narrowedToApp(appId: string): RoutingSnapshot {
    const app = this.#apps.get(appId);
    return snapshotOf(this.#revision, app === undefined ? [] : [[appId, app]]);
  }

  onSwap(listener: (update: RoutingUpdate) => void): () => void {
    this.#listeners.add(listener);
    listener({ revision: this.#revision, full: true, apps: this.#apps });
    return () => void this.#listeners.delete(listener);
  }

  async loadAll(db: Queryable, revision: number): Promise<void> {
    this.#apps = await readApps(db, null);
    this.#swap({ revision, full: true, apps: this.#apps });
  }

  async reload(db: Queryable, revision: number, appIds: ReadonlySet<string>): Promise<void> {
    if (appIds.size > NAMED_APPS_MAX) return await this.loadAll(db, revision);
    if (appIds.size === 0) {
      this.#revision = revision;
      return;
    }
    const found = await readApps(db, [...appIds]);
    const changed = new Map<string, AppRouting | null>();
    for (const id of appIds) {
      const app = found.get(id) ?? null;
      changed.set(id, app);
      if (app === null) this.#apps.delete(id);
      else this.#apps.set(id, app);
    }
    this.#swap({ revision, full: false, apps: changed });
  }

  #swap(update: RoutingUpdate): void {
    this.#revision = update.revision;
    for (const listener of this.#listeners) listener(update);
  }
}

function snapshotOf(
  revision: number,
  all: readonly (readonly [string, AppRouting])[],
): RoutingSnapshot {
  return {
    revision,
    apps: all.map(([id, { slug }]) => ({ id, slug })),
    domains: all.flatMap(([, app]) => app.domains),
    routes: all.flatMap(([, app]) => app.routes),
  };
}

async function readApps(db: Queryable, ids: string[] | null): Promise<Map<string, AppRouting>> {
  const [appRows, domainRows, routeRows] = await Promise.all([
    db
      .select({ id: apps.id, slug: apps.slug })
      .from(apps)
      .where(ids === null ? undefined : inArray(apps.id, ids)),
    db
      .select()
      .from(domains)
      .where(ids === null ? undefined : inArray(domains.appId, ids)),
    db
      .select()
      .from(routes)
      .where(ids === null ? undefined : inArray(routes.appId, ids)),
  ]);
  const byId = new Map<string, AppRouting>(
    appRows.map(({ id, slug }) => [id, { slug, domains: [], routes: [] }]),
  );
  for (const row of domainRows) byId.get(row.appId)?.domains.push(domainRow(row));
  for (const row of routeRows) byId.get(row.appId)?.routes.push(routeRow(row));
  return byId;
}

/** Kinds are held to their names by check constraints, hence the casts. */
export function domainRow({ id, appId, host, kind }: typeof domains.$inferSelect): DomainRow {
  return { id, appId, host, kind: kind as DomainRow["kind"] };
}

export function routeRow(row: typeof routes.$inferSelect): RouteRow {
  const { id, appId, scriptId, method, path, host, hostParamName } = row;
  const pathKind = row.pathKind as RouteRow["pathKind"];
  const hostKind = row.hostKind as RouteRow["hostKind"];
  return { id, appId, scriptId, method, path, pathKind, hostKind, host, hostParamName };
}
