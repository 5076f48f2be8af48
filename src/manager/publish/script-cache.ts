/**
 * Live script versions in memory. Every script's id is known, so that an unknown one costs no query;
 * the code itself is kept up to a bound, least recently used out first.
 */
import { and, asc, desc, eq, gt, inArray, sql } from "drizzle-orm";
import { effectiveLimits } from "../../shared/limits.ts";
import type { Limits } from "../../shared/limits.ts";
import type {
  ExecutableScript,
  InstanceMode,
  ScriptAccess,
  ScriptResolver,
} from "../../shared/execution.ts";
import type { Queryable } from "../db/connect.ts";
import { apps } from "../db/tables/apps.ts";
import { scripts, scriptVersions } from "../db/tables/scripts.ts";
import { readPages } from "./read-pages.ts";

/** An app's variables as its scripts see them. */
export interface AppVariables {
  env: Record<string, string>;
  secretValues: string[];
}

export interface ScriptCacheOptions {
  db: Queryable;
  ceilings: Limits;
  variablesOf(db: Queryable, appId: string): Promise<AppVariables>;
  /** Bound of the code, maps and files kept, in UTF-16 units. */
  sizeMax?: number;
}

const SIZE_MAX = 64 * 1024 * 1024;
const WARM_SCRIPTS_MAX = 100_000;
const RELOADS_AT_ONCE = 4;

/** About what `sizeOf` will say, without the code itself crossing the wire. */
const versionSize = sql<number>`(length(${scriptVersions.code}) + coalesce(length(${scriptVersions.sourceMap}), 0) + length(${scriptVersions.files}::text) + length(${scriptVersions.assets}::text))::int`;

interface Kept {
  script: ExecutableScript;
  size: number;
}

export class ScriptCache implements ScriptResolver {
  readonly #options: ScriptCacheOptions;
  /** Script to app, for every script there is. */
  #known: Map<string, string> = new Map();
  readonly #kept = new Map<string, Kept>();
  readonly #loading = new Map<string, Promise<ExecutableScript | undefined>>();
  #size = 0;

  constructor(options: ScriptCacheOptions) {
    this.#options = options;
  }

  resolve(scriptId: string): ExecutableScript | undefined | Promise<ExecutableScript | undefined> {
    const kept = this.#kept.get(scriptId);
    if (kept !== undefined) {
      // Map order is the order of use.
      this.#kept.delete(scriptId);
      this.#kept.set(scriptId, kept);
      return kept.script;
    }
    return this.#known.has(scriptId) ? this.#load(scriptId) : undefined;
  }

  /** Learns every script's id, and drops of what is kept only what is no longer so. */
  async loadAll(): Promise<void> {
    const { db } = this.#options;
    const known = new Map<string, string>();
    const stale = new Set(this.#kept.keys());
    // What is being read now may be of before.
    this.#loading.clear();
    const rows = await readPages(async (after, limit) =>
      db
        .select({
          id: scripts.id,
          appId: scripts.appId,
          version: scripts.version,
          envRevision: apps.envRevision,
        })
        .from(scripts)
        .innerJoin(apps, eq(apps.id, scripts.appId))
        .where(after === null ? undefined : gt(scripts.id, after))
        .orderBy(asc(scripts.id))
        .limit(limit),
    );
    for (const { id, appId, version, envRevision } of rows) {
      known.set(id, appId);
      const kept = this.#kept.get(id)?.script;
      if (kept?.version === version && kept.envRevision === envRevision) stale.delete(id);
    }
    for (const id of stale) this.#drop(id);
    this.#known = known;
  }

  /** Fills the cache with the scripts saved last, so that traffic goes on when the database does not. */
  async warm(): Promise<void> {
    const { db, sizeMax = SIZE_MAX } = this.#options;
    const rows = await db
      .select({ id: scripts.id, size: versionSize })
      .from(scripts)
      .innerJoin(
        scriptVersions,
        and(eq(scriptVersions.scriptId, scripts.id), eq(scriptVersions.version, scripts.version)),
      )
      .orderBy(desc(scripts.updatedAt))
      .limit(WARM_SCRIPTS_MAX);
    let size = this.#size;
    for (const { id, size: own } of rows) {
      if (this.#kept.has(id)) continue;
      size += own;
      if (size > sizeMax) return;
      await this.#load(id);
    }
  }

  /** Reads these scripts again, and learns which of them exist. What is kept answers until then. */
  async refresh(scriptIds: ReadonlySet<string>): Promise<void> {
    if (scriptIds.size === 0) return;
    const ids = [...scriptIds];
    const rows = await this.#options.db
      .select({ id: scripts.id, appId: scripts.appId })
      .from(scripts)
      .where(inArray(scripts.id, ids));
    const present = new Set(rows.map(({ id }) => id));
    for (const id of ids) {
      if (present.has(id)) continue;
      this.#known.delete(id);
      this.#drop(id);
    }
    for (const { id, appId } of rows) this.#known.set(id, appId);
    await this.#reload([...present]);
  }

  /** Reads again what is kept of these apps' scripts. */
  async refreshApps(appIds: ReadonlySet<string>): Promise<void> {
    if (appIds.size === 0) return;
    const stale = [...this.#known].filter(
      ([id, appId]) => appIds.has(appId) && (this.#kept.has(id) || this.#loading.has(id)),
    );
    await this.#reload(stale.map(([id]) => id));
  }

  /** Read now, so that no request waits for it, nor for a database that goes away next. A few at a time: others use the pool, too. */
  async #reload(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += RELOADS_AT_ONCE) {
      await Promise.all(
        ids.slice(at, at + RELOADS_AT_ONCE).map((id) => {
          // A read that began before the change may bring the old version.
          this.#loading.delete(id);
          return this.#load(id);
        }),
      );
    }
  }

  #drop(id: string): void {
    this.#loading.delete(id);
    this.#size -= this.#kept.get(id)?.size ?? 0;
    this.#kept.delete(id);
  }

  #load(id: string): Promise<ExecutableScript | undefined> {
    const running = this.#loading.get(id);
    if (running !== undefined) return running;
    const loading: Promise<ExecutableScript | undefined> = readLiveScript(this.#options, id)
      .then((script) => {
        // A change during the read took the entry away: what was read may be old already.
        if (this.#loading.get(id) === loading && script !== undefined) this.#keep(script);
        return script;
      })
      .finally(() => {
        if (this.#loading.get(id) === loading) this.#loading.delete(id);
      });
    this.#loading.set(id, loading);
    return loading;
  }

  #keep(script: ExecutableScript): void {
    const size = sizeOf(script);
    this.#size += size - (this.#kept.get(script.scriptId)?.size ?? 0);
    this.#kept.delete(script.scriptId);
    this.#kept.set(script.scriptId, { script, size });
    for (const id of this.#kept.keys()) {
      if (this.#size <= (this.#options.sizeMax ?? SIZE_MAX) || id === script.scriptId) return;
      this.#drop(id);
    }
  }
}

function sizeOf(script: ExecutableScript): number {
  const files = Object.values(script.files).reduce((sum, text) => sum + text.length, 0);
  const assets = Object.values(script.assets ?? {}).reduce((sum, text) => sum + text.length, 0);
  return script.code.length + (script.sourceMap?.length ?? 0) + files + assets;
}

async function readLiveScript(
  options: ScriptCacheOptions,
  id: string,
): Promise<ExecutableScript | undefined> {
  const [row] = await options.db
    .select({ script: scripts, version: scriptVersions, envRevision: apps.envRevision })
    .from(scripts)
    .innerJoin(
      scriptVersions,
      and(eq(scriptVersions.scriptId, scripts.id), eq(scriptVersions.version, scripts.version)),
    )
    .innerJoin(apps, eq(apps.id, scripts.appId))
    .where(eq(scripts.id, id));
  if (row === undefined) return undefined;
  const variables = await options.variablesOf(options.db, row.script.appId);
  return toExecutable(row.script, row.version, {
    ...variables,
    envRevision: row.envRevision,
    ceilings: options.ceilings,
  });
}

interface Surroundings extends AppVariables {
  envRevision: number;
  ceilings: Limits;
}

/** A stored version as the executor takes it. Kinds are held to their names by check constraints, hence the casts. */
export function toExecutable(
  script: Pick<typeof scripts.$inferSelect, "id" | "appId" | "name">,
  version: Pick<
    typeof scriptVersions.$inferSelect,
    | "version"
    | "code"
    | "sourceMap"
    | "files"
    | "assets"
    | "static"
    | "checksum"
    | "instance"
    | "access"
    | "limits"
  >,
  around: Surroundings,
): ExecutableScript {
  return {
    scriptId: script.id,
    appId: script.appId,
    name: script.name,
    version: version.version,
    code: version.code,
    sourceMap: version.sourceMap,
    files: version.files,
    assets: version.assets,
    static: version.static,
    contentHash: version.checksum,
    instance: version.instance as InstanceMode,
    access: version.access as ScriptAccess,
    limits: effectiveLimits(version.limits, around.ceilings),
    env: around.env,
    envRevision: around.envRevision,
    secretValues: around.secretValues,
  };
}
