/** Code and the routes that lead to it. */
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { BuildLock } from "../../../shared/builder.ts";
import type { CronRegistration } from "../../../shared/execution.ts";
import type { Limits } from "../../../shared/limits.ts";
import { apps } from "./apps.ts";
import { createdAt, idColumn, updatedAt } from "./columns.ts";

export const scripts = pgTable(
  "scripts",
  {
    id: idColumn(),
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    description: text("description"),
    /** The version that runs. */
    version: integer("version").notNull(),
    latestVersion: integer("latest_version").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex("scripts_app_id_name").on(table.appId, table.name)],
);

/** Never changed once written: the application's role has no right to update here. */
export const scriptVersions = pgTable(
  "script_versions",
  {
    scriptId: uuid("script_id")
      .notNull()
      .references(() => scripts.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    files: jsonb("files").$type<Record<string, string>>().notNull(),
    /** Files that are no text: path to base64. */
    assets: jsonb("assets").$type<Record<string, string>>().notNull().default({}),
    /** Beginning of a path to the folder whose files are served there. */
    static: jsonb("static").$type<Record<string, string>>(),
    entry: text("entry").notNull(),
    code: text("code").notNull(),
    sourceMap: text("source_map"),
    /** SHA-256 (hex) of files, entry and code. */
    checksum: text("checksum").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    /** Only what the author set; defaults and ceilings apply when it runs. */
    limits: jsonb("limits").$type<Partial<Limits>>().notNull(),
    instance: text("instance").notNull(),
    access: text("access").notNull(),
    /** npm and jsr packages that were bundled, name to exact version. */
    packages: jsonb("packages").$type<Record<string, string>>().notNull(),
    /** Which versions specifiers stand for, and their archives; null where nothing was bundled, or before this was kept. */
    lock: jsonb("lock").$type<BuildLock>(),
    crons: jsonb("crons").$type<CronRegistration[]>().notNull(),
    listensToQueue: boolean("listens_to_queue").notNull(),
    createdAt: createdAt(),
    /** Kept as text beside the id: the user may be gone later. */
    createdBy: uuid("created_by"),
    createdByName: text("created_by_name"),
  },
  (table) => [
    primaryKey({ columns: [table.scriptId, table.version] }),
    check("script_versions_instance_known", sql`${table.instance} in ('fresh', 'reuse')`),
    check(
      "script_versions_access_known",
      sql`${table.access} in ('public', 'principal', 'internal')`,
    ),
  ],
);

export const routes = pgTable(
  "routes",
  {
    id: idColumn(),
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id, { onDelete: "cascade" }),
    scriptId: uuid("script_id")
      .notNull()
      .references(() => scripts.id, { onDelete: "cascade" }),
    method: text("method").notNull(),
    path: text("path").notNull(),
    pathKind: text("path_kind").notNull(),
    hostKind: text("host_kind").notNull(),
    host: text("host"),
    hostParamName: text("host_param_name"),
    createdAt: createdAt(),
  },
  (table) => [
    unique("routes_identity")
      .on(table.appId, table.pathKind, table.hostKind, table.host, table.method, table.path)
      .nullsNotDistinct(),
    index("routes_script_id").on(table.scriptId),
    check("routes_path_kind_known", sql`${table.pathKind} in ('exact', 'param', 'prefix')`),
    check("routes_host_kind_known", sql`${table.hostKind} in ('any', 'strict', 'wildcard')`),
  ],
);
