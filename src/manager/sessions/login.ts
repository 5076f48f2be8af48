import { eq, lt } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import { hashToken, newSessionToken } from "../authz/tokens.ts";
import type { RequestContext } from "../context.ts";
import { sessions, users } from "../db/tables/identity.ts";
import { problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import { forgetFailures, recordFailure, requireNotThrottled } from "./login-throttle.ts";
import type { Attempt } from "./login-throttle.ts";

type UserRow = typeof users.$inferSelect;

export interface Login {
  token: string;
  expiresAt: Date;
  user: UserRow;
}

const USER_AGENT_MAX_LENGTH = 256;
/** Longer ones are never stored, so hashing them would only cost. */
const PASSWORD_MAX_LENGTH = 1024;

/** @throws AppError 401, alike for every kind of wrong; 429 after repeated failures */
export async function login(
  ctx: RequestContext,
  input: { username: string; password: string },
): Promise<Login> {
  const { database, clock, passwords } = ctx.deps;
  const attempt: Attempt = {
    username: input.username,
    address: ctx.address,
    now: new Date(clock.now()),
  };
  const [user] = await database.db
    .select()
    .from(users)
    .where(eq(users.usernameKey, input.username.toLowerCase()));
  const stored = user?.isActive === true && user.kind === "person" ? user.passwordHash : null;
  const secret = input.password.slice(0, PASSWORD_MAX_LENGTH + 1);
  const matches = await passwords.verify(stored, secret, () =>
    requireNotThrottled(database.db, attempt),
  );
  if (!matches || user === undefined) {
    await recordFailure(database.db, attempt);
    await auditFailure(ctx, user);
    throw problem("unauthenticated", "Username or password is not right");
  }
  await forgetFailures(database.db, input.username);
  await rehashIfOutdated(ctx, user, input.password);
  return await startSession(ctx, user);
}

/** A name that nobody has is not written down: it may be a password, typed in the wrong field. */
async function auditFailure(ctx: RequestContext, user: UserRow | undefined): Promise<void> {
  if (user === undefined) return;
  await mutate(ctx, async (write) =>
    write.audit({
      action: "session.login_failed",
      target: user.id,
      after: { username: user.username },
    }),
  );
}

async function rehashIfOutdated(
  ctx: RequestContext,
  user: UserRow,
  password: string,
): Promise<void> {
  const { passwords, database } = ctx.deps;
  if (user.passwordHash === null || !passwords.isOutdated(user.passwordHash)) return;
  const passwordHash = await passwords.hash(password);
  await database.db.update(users).set({ passwordHash }).where(eq(users.id, user.id));
}

async function startSession(ctx: RequestContext, user: UserRow): Promise<Login> {
  const now = new Date(ctx.deps.clock.now());
  const token = newSessionToken();
  const expiresAt = new Date(now.getTime() + ctx.deps.config.sessionTtlMs);
  await mutate(
    { ...ctx, actor: { kind: "user", id: user.id, name: user.username } },
    async ({ tx, audit }) => {
      await tx.delete(sessions).where(lt(sessions.expiresAt, now));
      await tx.insert(sessions).values({
        id: newId(),
        userId: user.id,
        tokenHash: hashToken(token),
        createdAt: now,
        expiresAt,
        lastSeenAt: now,
        address: ctx.address,
        userAgent: ctx.userAgent?.slice(0, USER_AGENT_MAX_LENGTH) ?? null,
      });
      await tx.update(users).set({ lastLoginAt: now }).where(eq(users.id, user.id));
      audit({ action: "session.login", target: user.id });
    },
  );
  return { token, expiresAt, user };
}
