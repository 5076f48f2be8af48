/** Apps, domains and routes in memory, app by app, so that one change touches one app. */
import { and, asc, gt, inArray } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type {
  AppRouting,
  DomainRow,
  RouteRow,
  RoutingSnapshot,
  RoutingSource,
  RoutingUpdate,
} from "../../shared/routing.ts";
import { sameRouting } from "../../shared/routing/compile.ts";
import { hostCovers } from "../../shared/routing/domains.ts";
import { inSlices } from "../../shared/slices.ts";
import type { Queryable } from "../db/connect.ts";
import { apps, domains } from "../db/tables/apps.ts";
import { routes } from "../db/tables/scripts.ts";
import { readPages } from "./read-pages.ts";

/** Past this many changed apps, reading all is cheaper than naming them. */
const NAMED_APPS_MAX = 500;

export class RoutingState implements RoutingSource {
  #apps: Map<string, AppRouting> = new Map();
  #revision = 0;
  readonly #listeners = new Set<(update: RoutingUpdate) => void | Promise<void>>();

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

  onSwap(listener: (update: RoutingUpdate) => void | Promise<void>): () => void {
    this.#listeners.add(listener);
    void listener({ revision: this.#revision, full: true, apps: this.#apps });
    return () => void this.#listeners.delete(listener);
  }

  /** Tells only what differs, so that a resync in which little changed costs the public side little. */
  async loadAll(db: Queryable, revision: number): Promise<void> {
    const found = await readApps(db, null);
    const changed = new Map<string, AppRouting | null>();
    for (const id of this.#apps.keys()) if (!found.has(id)) changed.set(id, null);
    await inSlices(found, ([id, app]) => {
      const before = this.#apps.get(id);
      if (before !== undefined && sameRouting(before, app)) found.set(id, before);
      else changed.set(id, app);
    });
    this.#apps = found;
    await this.#swap({ revision, full: false, apps: changed });
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
    await this.#swap({ revision, full: false, apps: changed });
  }

  async #swap(update: RoutingUpdate): Promise<void> {
    this.#revision = update.revision;
    for (const listener of this.#listeners) await listener(update);
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
    readPages((after, limit) =>
      db
        .select({ id: apps.id, slug: apps.slug })
        .from(apps)
        .where(and(oneOf(apps.id, ids), above(apps.id, after)))
        .orderBy(asc(apps.id))
        .limit(limit),
    ),
    readPages((after, limit) =>
      db
        .select()
        .from(domains)
        .where(and(oneOf(domains.appId, ids), above(domains.id, after)))
        .orderBy(asc(domains.id))
        .limit(limit),
    ),
    readPages((after, limit) =>
      db
        .select()
        .from(routes)
        .where(and(oneOf(routes.appId, ids), above(routes.id, after)))
        .orderBy(asc(routes.id))
        .limit(limit),
    ),
  ]);
  const byId = new Map<string, AppRouting>(
    appRows.map(({ id, slug }) => [id, { slug, domains: [], routes: [] }]),
  );
  await inSlices(domainRows, (row) => byId.get(row.appId)?.domains.push(domainRow(row)));
  await inSlices(routeRows, (row) => byId.get(row.appId)?.routes.push(routeRow(row)));
  return byId;
}

const oneOf = (column: PgColumn, ids: string[] | null) =>
  ids === null ? undefined : inArray(column, ids);
const above = (column: PgColumn, id: string | null) => (id === null ? undefined : gt(column, id));

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
