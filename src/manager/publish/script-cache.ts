/**
 * Live script versions in memory. Every script's id is known, so that an unknown one costs no query;
 * the code itself is kept up to a bound, least recently used out first.
 */
import { and, desc, eq, inArray } from "drizzle-orm";
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

  async loadAll(): Promise<void> {
    const rows = await this.#options.db
      .select({ id: scripts.id, appId: scripts.appId })
      .from(scripts);
    this.#known = new Map(rows.map(({ id, appId }) => [id, appId]));
    this.#loading.clear();
    this.#kept.clear();
    this.#size = 0;
  }

  /** Fills the cache with the scripts saved last, so that traffic goes on when the database does not. */
  async warm(): Promise<void> {
    const { db, sizeMax = SIZE_MAX } = this.#options;
    const rows = await db.select({ id: scripts.id }).from(scripts).orderBy(desc(scripts.updatedAt));
    for (const { id } of rows) {
      if (this.#size > sizeMax / 2) return;
      await this.resolve(id);
    }
  }

  /** Drops what is kept of these scripts, and learns which of them exist. */
  async refresh(scriptIds: ReadonlySet<string>): Promise<void> {
    if (scriptIds.size === 0) return;
    const ids = [...scriptIds];
    const rows = await this.#options.db
      .select({ id: scripts.id, appId: scripts.appId })
      .from(scripts)
      .where(inArray(scripts.id, ids));
    for (const id of ids) {
      this.#known.delete(id);
      this.#drop(id);
    }
    for (const { id, appId } of rows) this.#known.set(id, appId);
    // Read now, so that no request waits for it, nor for a database that goes away next.
    await Promise.all(rows.map(({ id }) => this.#load(id)));
  }

  /** Reads again what is kept of these apps' scripts. */
  async refreshApps(appIds: ReadonlySet<string>): Promise<void> {
    const stale = [...this.#known].filter(
      ([id, appId]) => appIds.has(appId) && (this.#kept.has(id) || this.#loading.has(id)),
    );
    for (const [id] of stale) this.#drop(id);
    await Promise.all(stale.map(([id]) => this.#load(id)));
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
    this.#kept.set(script.scriptId, { script, size });
    this.#size += size;
    for (const id of this.#kept.keys()) {
      if (this.#size <= (this.#options.sizeMax ?? SIZE_MAX) || id === script.scriptId) return;
      this.#drop(id);
    }
  }
}

function sizeOf(script: ExecutableScript): number {
  const files = Object.values(script.files).reduce((sum, text) => sum + text.length, 0);
  return script.code.length + (script.sourceMap?.length ?? 0) + files;
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
    "version" | "code" | "sourceMap" | "files" | "checksum" | "instance" | "access" | "limits"
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
    contentHash: version.checksum,
    instance: version.instance as InstanceMode,
    access: version.access as ScriptAccess,
    limits: effectiveLimits(version.limits, around.ceilings),
    env: around.env,
    envRevision: around.envRevision,
    secretValues: around.secretValues,
  };
}
