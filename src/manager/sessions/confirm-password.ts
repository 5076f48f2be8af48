import { eq } from "drizzle-orm";
import type { SessionPrincipal } from "../authz/principal.ts";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { users } from "../db/tables/identity.ts";
import { notFound, problem } from "../problems.ts";
import type { StoredUser } from "../users/user-view.ts";
import { recordFailure, requireNotThrottled } from "./login-throttle.ts";
import type { Attempt } from "./login-throttle.ts";

export interface ConfirmedUser {
  user: StoredUser;
  attempt: Attempt;
}

/** For what a session alone must not do: it may be somebody else's by now. @throws AppError 422 `wrong_password`; 429 after repeated failures */
export async function confirmPassword(
  ctx: CallerContext,
  principal: SessionPrincipal,
  password: string,
): Promise<ConfirmedUser> {
  const { database, passwords, clock } = ctx.deps;
  const [user] = await database.db.select().from(users).where(eq(users.id, principal.userId));
  if (user === undefined) throw notFound();
  const attempt = { username: user.username, address: ctx.address, now: new Date(clock.now()) };
  const matches = await passwords.verify(user.passwordHash, password, () =>
    requireNotThrottled(database.db, attempt),
  );
  if (!matches) {
    await recordFailure(database.db, attempt);
    throw wrongPassword();
  }
  return { user, attempt };
}

/** The user's row, held. What was confirmed may be over: another call set a new password meanwhile. @throws AppError 422 `wrong_password` */
export async function holdConfirmed(tx: Queryable, { user }: ConfirmedUser): Promise<StoredUser> {
  const [present] = await tx.select().from(users).where(eq(users.id, user.id)).for("update");
  if (present === undefined || !present.isActive || present.passwordHash !== user.passwordHash)
    throw wrongPassword();
  return present;
}

const wrongPassword = () => problem("wrong_password", "Give the password that you log in with now");
