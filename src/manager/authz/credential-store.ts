/** From a token to the principal that the database says it stands for. */
import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Logger } from "../../shared/logger.ts";
import type { Queryable } from "../db/connect.ts";
import { apiKeys } from "../db/tables/api-keys.ts";
import { sessions, users } from "../db/tables/identity.ts";
import { settings } from "../db/tables/instance.ts";
import type { PasswordHasher } from "../sessions/password-hasher.ts";
import type { InstanceRole, Scope } from "./capabilities.ts";
import type { KeyPrincipal, SessionPrincipal } from "./principal.ts";
import { hashToken } from "./tokens.ts";
import type { Credential } from "./tokens.ts";

/** Use of a session or key is written down at most this often. */
const SEEN_EVERY_MS = 60_000;

/** A principal, and until when it may be taken for valid without asking again. */
export interface Found<Kind> {
  principal: Kind;
  /** Null for a key without an end. */
  expiresAt: Date | null;
}

export interface CredentialStoreOptions {
  db: Queryable;
  passwords: PasswordHasher;
  sessionTtlMs: number;
  logger: Logger;
}

/** Bounds how long a read may take; the database part of a check, not the hashing. */
export type Bound = <Value>(read: Promise<Value>) => Promise<Value>;

/** Read with the session, so that it costs no round trip of its own. */
const totpRequired = sql<boolean>`exists(select 1 from ${settings} where ${settings.key} = 'require_totp' and ${settings.value} = 'true'::jsonb)`;

export async function findSession(
  options: CredentialStoreOptions,
  token: string,
  now: Date,
  bound: Bound,
): Promise<Found<SessionPrincipal> | null> {
  const live = and(
    eq(sessions.tokenHash, hashToken(token)),
    gt(sessions.expiresAt, now),
    eq(users.isActive, true),
  );
  const [row] = await bound(
    options.db
      .select({ session: sessions, user: users, totpRequired })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(live)
      .execute(),
  );
  if (row === undefined) return null;
  const { session, user } = row;
  let { expiresAt } = session;
  if (now.getTime() - session.lastSeenAt.getTime() >= SEEN_EVERY_MS) {
    expiresAt = new Date(now.getTime() + options.sessionTtlMs);
    inBackground(
      options,
      options.db
        .update(sessions)
        .set({ lastSeenAt: now, expiresAt })
        .where(eq(sessions.id, session.id))
        .execute(),
    );
  }
  const lacksSecondFactor = row.totpRequired && user.totpEnabledAt === null;
  const principal: SessionPrincipal = {
    kind: "user",
    ...userFields(user),
    sessionId: session.id,
    lacksSecondFactor,
  };
  return { principal, expiresAt };
}

export async function findKey(
  options: CredentialStoreOptions,
  credential: Extract<Credential, { kind: "api_key" }>,
  now: Date,
  bound: Bound,
): Promise<Found<KeyPrincipal> | null> {
  const notExpired = or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now));
  const live = and(eq(apiKeys.prefix, credential.prefix), eq(users.isActive, true), notExpired);
  const rows = await bound(
    options.db
      .select({ key: apiKeys, user: users })
      .from(apiKeys)
      .innerJoin(users, eq(users.id, apiKeys.userId))
      .where(live)
      .execute(),
  );
  for (const { key, user } of rows) {
    if (!(await options.passwords.verifyKey(key.tokenHash, credential.token))) continue;
    inBackground(options, markUsed(options.db, key.id, now));
    // Scopes are checked when a key is made, hence the cast.
    const scopes = key.scopes as Scope[];
    const principal: KeyPrincipal = {
      kind: "api_key",
      ...userFields(user),
      keyId: key.id,
      keyName: key.name,
      scopes,
      boundAppId: key.appId,
    };
    return { principal, expiresAt: key.expiresAt };
  }
  return null;
}

async function markUsed(db: Queryable, keyId: string, now: Date): Promise<void> {
  const stale = new Date(now.getTime() - SEEN_EVERY_MS);
  await db
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(
      and(eq(apiKeys.id, keyId), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, stale))),
    );
}

/** When a credential was last used is worth a note, and no waiting. */
function inBackground({ logger }: CredentialStoreOptions, work: Promise<unknown>): void {
  work.catch((error: unknown) =>
    logger.warn("Cannot note the use of a credential", { error: String(error) }),
  );
}

/** Roles are held to their names by a check constraint, hence the cast. */
function userFields(user: typeof users.$inferSelect): {
  userId: string;
  username: string;
  instanceRole: InstanceRole;
} {
  return {
    userId: user.id,
    username: user.username,
    instanceRole: user.instanceRole as InstanceRole,
  };
}
