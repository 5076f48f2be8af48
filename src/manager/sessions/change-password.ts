import { eq } from "drizzle-orm";
import type { SessionPrincipal } from "../authz/principal.ts";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { mutate } from "../publish/mutate.ts";
import { confirmPassword, holdConfirmed } from "./confirm-password.ts";
import { endSessionsOf } from "./end-sessions.ts";

/** Ends the caller's other sessions. @throws AppError 422 when the current password is wrong, 429 after repeated failures */
export async function changePassword(
  ctx: CallerContext,
  principal: SessionPrincipal,
  input: { current_password: string; new_password: string },
): Promise<void> {
  const confirmed = await confirmPassword(ctx, principal, input.current_password);
  const passwordHash = await ctx.deps.passwords.hash(input.new_password);
  await mutate(ctx, async (write) => {
    const user = await holdConfirmed(write.tx, confirmed);
    await write.tx
      .update(users)
      .set({ passwordHash, updatedAt: confirmed.attempt.now })
      .where(eq(users.id, user.id));
    await endSessionsOf(write, user.id, principal.sessionId);
    write.audit({ action: "user.change_password", target: user.id });
  });
}
