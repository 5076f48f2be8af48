/** Who may call: users, their sessions, and what failed logins leave behind. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, idColumn, instant, updatedAt } from "./columns.ts";

export const users = pgTable(
  "users",
  {
    id: idColumn(),
    /** `person` logs in; `service` only owns keys. */
    kind: text("kind").notNull().default("person"),
    username: text("username").notNull(),
    /** Lower-case, so that names differ in more than case. */
    usernameKey: text("username_key").notNull(),
    email: text("email"),
    emailKey: text("email_key"),
    passwordHash: text("password_hash"),
    instanceRole: text("instance_role").notNull(),
    isActive: boolean("is_active").notNull().default(true),
    /** Encrypted; null where no second factor is set up. */
    totpSecret: bytes("totp_secret"),
    totpEnabledAt: instant("totp_enabled_at"),
    /** The last time step used, so that one code serves once. */
    totpLastStep: bigint("totp_last_step", { mode: "number" }),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    lastLoginAt: instant("last_login_at"),
  },
  (table) => [
    uniqueIndex("users_username_key").on(table.usernameKey),
    uniqueIndex("users_email_key").on(table.emailKey),
    check("users_instance_role_known", sql`${table.instanceRole} in ('owner', 'admin', 'member')`),
    check("users_kind_known", sql`${table.kind} in ('person', 'service')`),
  ],
);

export const sessions = pgTable(
  "sessions",
  {
    id: idColumn(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the token: its 32 random bytes need no slow hash. */
    tokenHash: bytes("token_hash").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    address: text("address"),
    userAgent: text("user_agent"),
  },
  (table) => [
    uniqueIndex("sessions_token_hash").on(table.tokenHash),
    index("sessions_user_id").on(table.userId),
    index("sessions_expires_at").on(table.expiresAt),
  ],
);

export const loginThrottle = pgTable(
  "login_throttle",
  {
    /** `account:<lower-case name>` or `address:<ip>`. */
    key: text("key").primaryKey(),
    failures: integer("failures").notNull(),
    firstFailureAt: instant("first_failure_at").notNull(),
    blockedUntil: instant("blocked_until"),
    updatedAt: updatedAt(),
  },
  (table) => [index("login_throttle_updated_at").on(table.updatedAt)],
);
