import { eq } from "drizzle-orm";
import type { SessionPrincipal } from "../authz/principal.ts";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import { endSessionsOf } from "./end-sessions.ts";
import { recordFailure, requireNotThrottled } from "./login-throttle.ts";

/** Ends the caller's other sessions. @throws AppError 422 when the current password is wrong, 429 after repeated failures */
export async function changePassword(
  ctx: CallerContext,
  principal: SessionPrincipal,
  input: { current_password: string; new_password: string },
): Promise<void> {
  const { database, passwords, clock } = ctx.deps;
  const [user] = await database.db.select().from(users).where(eq(users.id, principal.userId));
  if (user === undefined) throw notFound();
  const attempt = { username: user.username, address: ctx.address, now: new Date(clock.now()) };
  const matches = await passwords.verify(user.passwordHash, input.current_password, () =>
    requireNotThrottled(database.db, attempt),
  );
  if (!matches) {
    await recordFailure(database.db, attempt);
    throw problem("wrong_password", "Give the password that you log in with now");
  }
  const passwordHash = await passwords.hash(input.new_password);
  await mutate(ctx, async (write) => {
    await write.tx
      .update(users)
      .set({ passwordHash, updatedAt: attempt.now })
      .where(eq(users.id, user.id));
    await endSessionsOf(write, user.id, principal.sessionId);
    write.audit({ action: "user.change_password", target: user.id });
  });
}
