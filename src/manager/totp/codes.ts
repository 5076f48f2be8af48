/** Codes of RFC 6238 as every authenticator app knows them: SHA-1, six digits, 30 seconds. */
import { and, eq, isNull, lt, or } from "drizzle-orm";
import { Secret, TOTP } from "otpauth";
import type { ManagerDeps } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { users } from "../db/tables/identity.ts";
import type { StoredUser } from "../users/user-view.ts";

const ISSUER = "PiCloud";
const SECRET_BYTES = 20;
const STEP_S = 30;
/** Steps before and after the present one: clocks differ, and typing takes time. */
const STEPS_AROUND = 1;

export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

const generator = (secret: string, username: string): TOTP =>
  new TOTP({
    issuer: ISSUER,
    label: username,
    secret: Secret.fromBase32(secret),
    algorithm: "SHA1",
    digits: 6,
    period: STEP_S,
  });

/** `otpauth://` as QR codes carry it. */
export const totpUrl = (secret: string, username: string): string =>
  generator(secret, username).toString();

/** The step that a code belongs to, or null for a wrong one. */
export function stepOf(secret: string, code: string, nowMs: number): number | null {
  const delta = generator(secret, "").validate({
    token: code.replaceAll(" ", ""),
    timestamp: nowMs,
    window: STEPS_AROUND,
  });
  return delta === null ? null : Math.floor(nowMs / 1000 / STEP_S) + delta;
}

export const sealedUnder = (userId: string): string => `user:${userId}:totp`;

/**
 * Takes a code of the user. Each serves once: whoever looks over a shoulder comes too late, and of two
 * calls at once only one wins, since the step only grows.
 */
export async function useCode(
  deps: Pick<ManagerDeps, "secrets" | "clock">,
  tx: Queryable,
  user: StoredUser,
  code: string,
): Promise<boolean> {
  if (user.totpSecret === null) return false;
  const secret = await deps.secrets.openOfInstance(tx, sealedUnder(user.id), user.totpSecret);
  const step = stepOf(secret, code, deps.clock.now());
  if (step === null) return false;
  const isNewer = or(isNull(users.totpLastStep), lt(users.totpLastStep, step));
  const taken = await tx
    .update(users)
    .set({ totpLastStep: step })
    .where(and(eq(users.id, user.id), isNewer))
    .returning({ id: users.id });
  return taken.length > 0;
}
