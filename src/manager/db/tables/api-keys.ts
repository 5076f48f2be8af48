import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { apps } from "./apps.ts";
import { createdAt, idColumn, instant } from "./columns.ts";
import { users } from "./identity.ts";

export const apiKeys = pgTable(
  "api_keys",
  {
    id: idColumn(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** First 8 characters after `pic_`; finds the row, proves nothing, may collide. */
    prefix: text("prefix").notNull(),
    tokenHash: text("token_hash").notNull(),
    scopes: text("scopes").array().notNull(),
    appId: uuid("app_id").references(() => apps.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: instant("expires_at"),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    index("api_keys_prefix").on(table.prefix),
    index("api_keys_user_id").on(table.userId),
    index("api_keys_app_id").on(table.appId),
  ],
);
