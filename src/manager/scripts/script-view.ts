import { effectiveLimits } from "../../shared/limits.ts";
import type { Limits } from "../../shared/limits.ts";
import type { scripts, scriptVersions } from "../db/tables/scripts.ts";

type ScriptRow = typeof scripts.$inferSelect;
type VersionRow = typeof scriptVersions.$inferSelect;

/** What a list shows: everything but the code. */
export type VersionSummary = Pick<
  VersionRow,
  | "scriptId"
  | "version"
  | "limits"
  | "instance"
  | "access"
  | "sizeBytes"
  | "checksum"
  | "createdAt"
  | "createdBy"
  | "createdByName"
>;
type Contents = Pick<VersionRow, "files" | "assets" | "static" | "entry" | "packages">;

const MAIN_FILE = "main.ts";

/** With the live version's limits as they apply today. */
export function viewScriptSummary(script: ScriptRow, live: VersionSummary, ceilings: Limits) {
  return {
    id: script.id,
    app_id: script.appId,
    name: script.name,
    description: script.description,
    version: script.version,
    latest_version: script.latestVersion,
    limits: effectiveLimits(live.limits, ceilings),
    instance: live.instance,
    access: live.access,
    size_bytes: live.sizeBytes,
    checksum: live.checksum,
    created_at: script.createdAt.toISOString(),
    updated_at: script.updatedAt.toISOString(),
  };
}

export function viewScript(script: ScriptRow, live: VersionSummary & Contents, ceilings: Limits) {
  return { ...viewScriptSummary(script, live, ceilings), ...viewContents(live) };
}

export function viewVersionSummary(row: VersionSummary, liveVersion: number, ceilings: Limits) {
  return {
    script_id: row.scriptId,
    version: row.version,
    is_live: row.version === liveVersion,
    created_at: row.createdAt.toISOString(),
    created_by: row.createdBy === null ? null : { id: row.createdBy, username: row.createdByName },
    size_bytes: row.sizeBytes,
    checksum: row.checksum,
    limits: effectiveLimits(row.limits, ceilings),
    instance: row.instance,
    access: row.access,
  };
}

/** A script of one file is also given as `source`, as it was most likely sent. */
export function viewContents({ files, assets, static: mounts, entry, packages }: Contents) {
  const names = [...Object.keys(files), ...Object.keys(assets)];
  const single = names.length === 1 && entry === MAIN_FILE ? files[MAIN_FILE] : undefined;
  const binary = Object.entries(assets).map(([path, base64]) => [path, { base64 }] as const);
  const all: Record<string, string | { base64: string }> = {
    ...files,
    ...Object.fromEntries(binary),
  };
  return {
    ...(single === undefined ? {} : { source: single }),
    files: all,
    static: mounts,
    entry,
    packages,
  };
}
