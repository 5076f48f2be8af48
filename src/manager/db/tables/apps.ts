/** The isolation boundary and what belongs to it: names, members, hosts, variables, egress. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, idColumn, updatedAt } from "./columns.ts";
import { users } from "./identity.ts";

export const apps = pgTable(
  "apps",
  {
    id: idColumn(),
    slug: text("slug").notNull(),
    name: text("name").notNull(),
    description: text("description"),
    /** Grows with each change of the app's variables; part of an image's name. */
    envRevision: bigint("env_revision", { mode: "number" }).notNull().default(0),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex("apps_slug").on(table.slug)],
);

export const appSlugHistory = pgTable(
  "app_slug_history",
  {
    slug: text("slug").primaryKey(),
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (table) => [index("app_slug_history_app_id").on(table.appId)],
);

export const appMembers = pgTable(
  "app_members",
  {
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.appId, table.userId] }),
    index("app_members_user_id").on(table.userId),
    check("app_members_role_known", sql`${table.role} in ('app_admin', 'editor', 'viewer')`),
  ],
);

export const domains = pgTable(
  "domains",
  {
    id: idColumn(),
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id, { onDelete: "cascade" }),
    /** Normalised, so that uniqueness of the text is uniqueness of the shape. */
    host: text("host").notNull(),
    kind: text("kind").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("domains_host").on(table.host),
    index("domains_app_id").on(table.appId),
    check("domains_kind_known", sql`${table.kind} in ('strict', 'wildcard')`),
  ],
);

/** One data key per app, wrapped by the master key: changing the master key rewraps these alone. */
export const appKeys = pgTable("app_keys", {
  appId: uuid("app_id")
    .primaryKey()
    .references(() => apps.id, { onDelete: "cascade" }),
  masterKeyId: text("master_key_id").notNull(),
  wrappedKey: bytes("wrapped_key").notNull(),
  createdAt: createdAt(),
});

export const envVars = pgTable(
  "env_vars",
  {
    appId: uuid("app_id")
      .notNull()
      .references(() => apps.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    secret: boolean("secret").notNull(),
    /** Nonce, ciphertext and tag under the app's data key, bound to app and name. */
    sealed: bytes("sealed").notNull(),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.appId, table.name] })],
);

export const egressPolicies = pgTable("egress_policies", {
  appId: uuid("app_id")
    .primaryKey()
    .references(() => apps.id, { onDelete: "cascade" }),
  allow: text("allow").array().notNull(),
  deny: text("deny").array().notNull(),
  updatedAt: updatedAt(),
});
