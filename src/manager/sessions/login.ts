import { eq, lt } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import { hashToken, newSessionToken } from "../authz/tokens.ts";
import type { RequestContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { sessions, users } from "../db/tables/identity.ts";
import { problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import { useCode } from "../totp/codes.ts";
import type { StoredUser } from "../users/user-view.ts";
import { forgetFailures, recordFailure, requireNotThrottled } from "./login-throttle.ts";
import type { Attempt } from "./login-throttle.ts";

export interface LoginInput {
  username: string;
  password: string;
  totp?: string | undefined;
}

export interface Login {
  token: string;
  expiresAt: Date;
  user: StoredUser;
}

const USER_AGENT_MAX_LENGTH = 256;
/** Longer ones are never stored, so hashing them would only cost. */
const PASSWORD_MAX_LENGTH = 1024;
const TRIES_MAX = 3;

/**
 * @throws AppError 401 `unauthenticated`, alike for every kind of wrong; 401 `totp_required` when only
 * the code is missing; 429 after repeated failures
 */
export async function login(ctx: RequestContext, input: LoginInput): Promise<Login> {
  const { database, clock } = ctx.deps;
  const now = new Date(clock.now());
  const attempt: Attempt = { username: input.username, address: ctx.address, now };
  // A password that changes between its check and the session makes another try, with the new one.
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const user = await findByPassword(ctx, input, attempt);
    const done = user === null ? "wrong" : await startSession(ctx, user, input, now);
    if (done === "changed") continue;
    if (done === "wrong") {
      await recordFailure(database.db, attempt);
      await auditFailure(ctx, input.username);
      break;
    }
    await forgetFailures(database.db, attempt);
    return done;
  }
  throw problem("unauthenticated", "Username, password or code is not right");
}

/** Takes as long for a name that nobody has. */
async function findByPassword(
  ctx: RequestContext,
  { username, password }: LoginInput,
  attempt: Attempt,
): Promise<StoredUser | null> {
  const { database, passwords } = ctx.deps;
  const user = await findUser(database.db, username);
  const stored = user?.isActive === true && user.kind === "person" ? user.passwordHash : null;
  const secret = password.slice(0, PASSWORD_MAX_LENGTH + 1);
  const matches = await passwords.verify(stored, secret, () =>
    requireNotThrottled(database.db, attempt),
  );
  return matches && user !== undefined ? user : null;
}

async function findUser(db: Queryable, username: string): Promise<StoredUser | undefined> {
  // No stored name holds a NUL, which PostgreSQL would refuse to look for.
  const key = username.toLowerCase().replaceAll("\0", "");
  const [user] = await db.select().from(users).where(eq(users.usernameKey, key));
  return user?.usernameKey === username.toLowerCase() ? user : undefined;
}

/** A name that nobody has is not written down: it may be a password, typed in the wrong field. The row is, so that both take as long. */
async function auditFailure(ctx: RequestContext, username: string): Promise<void> {
  const user = await findUser(ctx.deps.database.db, username);
  await mutate(ctx, async (write) =>
    write.audit({
      action: "session.login_failed",
      ...(user === undefined ? {} : { target: user.id }),
      after: { username: user?.username ?? null },
    }),
  );
}

/** @throws AppError 401 `totp_required` */
async function startSession(
  ctx: RequestContext,
  user: StoredUser,
  input: LoginInput,
  now: Date,
): Promise<Login | "wrong" | "changed"> {
  if (user.totpEnabledAt !== null && input.totp === undefined)
    throw problem("totp_required", "Send the code of your second factor as totp, too");
  const passwordHash = await rehashed(ctx, user, input.password);
  const actor = { kind: "user", id: user.id, name: user.username } as const;
  return await mutate({ ...ctx, actor }, async ({ tx, audit }) => {
    const [present] = await tx.select().from(users).where(eq(users.id, user.id)).for("update");
    if (present === undefined || isOtherThan(present, user)) return "changed";
    if (present.totpEnabledAt !== null && !(await useCode(ctx.deps, tx, present, input.totp ?? "")))
      return "wrong";
    const login = await insertSession(ctx, tx, present, now);
    await tx.update(users).set({ lastLoginAt: now, passwordHash }).where(eq(users.id, user.id));
    audit({ action: "session.login", target: user.id });
    return login;
  });
}

/** True when what the password was checked against is over. */
const isOtherThan = (present: StoredUser, checked: StoredUser): boolean =>
  !present.isActive ||
  present.passwordHash !== checked.passwordHash ||
  present.totpEnabledAt?.getTime() !== checked.totpEnabledAt?.getTime();

/** At today's cost: the password is at hand only now. */
async function rehashed(
  { deps }: RequestContext,
  { passwordHash }: StoredUser,
  password: string,
): Promise<string | null> {
  if (passwordHash === null || !deps.passwords.isOutdated(passwordHash)) return passwordHash;
  return await deps.passwords.hash(password);
}

async function insertSession(
  ctx: RequestContext,
  tx: Queryable,
  user: StoredUser,
  now: Date,
): Promise<Login> {
  const token = newSessionToken();
  const expiresAt = new Date(now.getTime() + ctx.deps.config.sessionTtlMs);
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
  return { token, expiresAt, user };
}
