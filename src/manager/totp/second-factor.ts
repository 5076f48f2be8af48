/** A user's own second factor: begun with the password, enabled by a first code, ended by both. */
import { eq } from "drizzle-orm";
import type { SessionPrincipal } from "../authz/principal.ts";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import { confirmPassword, holdConfirmed } from "../sessions/confirm-password.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { recordFailure, requireNotThrottled } from "../sessions/login-throttle.ts";
import { readSettings } from "../settings/read-settings.ts";
import { lockUser } from "../users/guards.ts";
import { getUser } from "../users/read-users.ts";
import type { StoredUser } from "../users/user-view.ts";
import { newTotpSecret, sealedUnder, totpUrl, useCode } from "./codes.ts";

export async function readSecondFactor(ctx: CallerContext) {
  const user = await getUser(ctx, ctx.principal.userId);
  const { require_totp } = await readSettings(ctx.deps.database.db);
  return viewOf(user.totpEnabledAt, require_totp);
}

const viewOf = (enabledAt: Date | null, required: boolean) => ({
  enabled: enabledAt !== null,
  enabled_at: enabledAt?.toISOString() ?? null,
  required,
});

/** Nothing changes for logins before the first code. @throws AppError 409 `totp_enabled`; 422 `wrong_password`; 429 */
export async function beginSecondFactor(
  ctx: CallerContext,
  principal: SessionPrincipal,
  password: string,
): Promise<{ secret: string; otpauth_url: string }> {
  const confirmed = await confirmPassword(ctx, principal, password);
  const secret = newTotpSecret();
  await mutate(ctx, async ({ tx, audit }) => {
    const user = await holdConfirmed(tx, confirmed);
    if (user.totpEnabledAt !== null)
      throw problem("totp_enabled", "Disable the present second factor first");
    const totpSecret = await ctx.deps.secrets.sealOfInstance(tx, sealedUnder(user.id), secret);
    await tx.update(users).set({ totpSecret, totpLastStep: null }).where(eq(users.id, user.id));
    audit({ action: "user.totp_begin", target: user.id });
  });
  return { secret, otpauth_url: totpUrl(secret, confirmed.user.username) };
}

/** Ends the other sessions, which were made without the second factor. @throws AppError 409 `totp_not_begun`, `totp_enabled`; 422 `wrong_totp`; 429 */
export async function enableSecondFactor(
  ctx: CallerContext,
  principal: SessionPrincipal,
  code: string,
) {
  const enabledAt = new Date(ctx.deps.clock.now());
  await withCode(ctx, principal, async (take) => {
    await mutate(ctx, async (write) => {
      const user = await lockUser(write.tx, principal.userId);
      if (user.totpEnabledAt !== null)
        throw problem("totp_enabled", "The second factor is enabled already");
      if (user.totpSecret === null) throw problem("totp_not_begun", "Begin with POST /auth/totp");
      take(await useCode(ctx.deps, write.tx, user, code));
      await write.tx.update(users).set({ totpEnabledAt: enabledAt }).where(eq(users.id, user.id));
      await endSessionsOf(write, user.id, principal.sessionId);
      write.audit({ action: "user.totp_enable", target: user.id });
    });
  });
  const { require_totp } = await readSettings(ctx.deps.database.db);
  return viewOf(enabledAt, require_totp);
}

/** @throws AppError 409 `totp_not_begun`; 422 `wrong_password`, `wrong_totp`, `totp_needed`; 429 */
export async function disableSecondFactor(
  ctx: CallerContext,
  principal: SessionPrincipal,
  input: { password: string; totp: string },
): Promise<void> {
  const confirmed = await confirmPassword(ctx, principal, input.password);
  await withCode(ctx, principal, async (take) => {
    await mutate(ctx, async ({ tx, change, audit }) => {
      if ((await readSettings(tx)).require_totp)
        throw problem("totp_needed", "An owner must lift that setting first");
      const user = await holdConfirmed(tx, confirmed);
      if (user.totpEnabledAt === null)
        throw problem("totp_not_begun", "There is no second factor to disable");
      take(await useCode(ctx.deps, tx, user, input.totp));
      await tx.update(users).set(NO_SECOND_FACTOR).where(eq(users.id, user.id));
      change({ kind: "user", rowId: user.id });
      audit({ action: "user.totp_disable", target: user.id });
    });
  });
}

export const NO_SECOND_FACTOR: Pick<StoredUser, "totpSecret" | "totpEnabledAt" | "totpLastStep"> = {
  totpSecret: null,
  totpEnabledAt: null,
  totpLastStep: null,
};

/** Counts wrong codes like wrong passwords. `work` says through `take` whether the code was right; a wrong one rolls it back. */
async function withCode(
  ctx: CallerContext,
  principal: SessionPrincipal,
  work: (take: (isRight: boolean) => void) => Promise<void>,
): Promise<void> {
  const { database, clock } = ctx.deps;
  const { username } = principal;
  const attempt = { username, address: ctx.address, now: new Date(clock.now()) };
  await requireNotThrottled(database.db, attempt);
  let isWrong = false;
  try {
    await work((isRight) => {
      isWrong = !isRight;
      if (isWrong) throw problem("wrong_totp", "Give the code that your app shows now, once");
    });
  } finally {
    if (isWrong) await recordFailure(database.db, attempt);
  }
}
