/** What belongs to the whole installation. */
import { bigint, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytes, createdAt, idColumn, instant, updatedAt } from "./columns.ts";

export const settings = pgTable("settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  updatedAt: updatedAt(),
});

/** Proof that the master key at hand is the one that sealed the data. */
export const masterKeys = pgTable("master_keys", {
  keyId: text("key_id").primaryKey(),
  proof: bytes("proof").notNull(),
  createdAt: createdAt(),
});

/** Append-only: the application's role may insert and select. */
export const audit = pgTable(
  "audit",
  {
    id: idColumn(),
    at: instant("at").notNull().defaultNow(),
    actorKind: text("actor_kind").notNull(),
    actorId: uuid("actor_id"),
    actorName: text("actor_name"),
    action: text("action").notNull(),
    target: text("target"),
    appId: uuid("app_id"),
    requestId: text("request_id"),
    address: text("address"),
    before: jsonb("before"),
    after: jsonb("after"),
  },
  (table) => [
    index("audit_app_id_id").on(table.appId, table.id),
    index("audit_actor_id_id").on(table.actorId, table.id),
    index("audit_at").on(table.at),
  ],
);

/** One row: its lock puts all writers in the order of their commits. */
export const routingRevision = pgTable("routing_revision", {
  id: integer("id").primaryKey(),
  revision: bigint("revision", { mode: "number" }).notNull(),
});

/** What each revision touched, so that a process that missed an event reads only what changed. */
export const changes = pgTable(
  "changes",
  {
    id: idColumn(),
    revision: bigint("revision", { mode: "number" }).notNull(),
    kind: text("kind").notNull(),
    appId: uuid("app_id"),
    rowId: uuid("row_id"),
    at: createdAt(),
  },
  (table) => [index("changes_revision").on(table.revision)],
);
