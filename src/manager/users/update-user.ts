import { eq } from "drizzle-orm";
import type { InstanceRole } from "../authz/capabilities.ts";
import type { CallerContext } from "../context.ts";
import { apiKeys } from "../db/tables/api-keys.ts";
import { users } from "../db/tables/identity.ts";
import { problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { Write } from "../publish/mutate.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { NO_SECOND_FACTOR } from "../totp/second-factor.ts";
import {
  holdOwners,
  lockUser,
  requireNotAbove,
  requireOtherOwner,
  requireStillAllowed,
  roleOf,
} from "./guards.ts";
import { withUniqueNames } from "./unique-names.ts";
import { auditUser, type StoredUser } from "./user-view.ts";

export interface UserChange {
  password?: string | undefined;
  /** Null clears, absent keeps. */
  email?: string | null | undefined;
  instance_role?: InstanceRole | undefined;
  is_active?: boolean | undefined;
  totp_enabled?: false | undefined;
}

/** @throws AppError 404; 409 `email_taken`; 422 `last_owner`, `cannot_escalate`; 403 `session_required` for a password or second factor by key */
export async function updateUser(
  ctx: CallerContext,
  id: string,
  input: UserChange,
): Promise<StoredUser> {
  const isOfCredentials = input.password !== undefined || input.totp_enabled !== undefined;
  if (isOfCredentials && ctx.principal.kind !== "user")
    throw problem(
      "session_required",
      "Log in; an API key may not set passwords or take second factors away",
    );
  if (input.instance_role !== undefined) requireNotAbove(ctx, input.instance_role);
  const passwordHash =
    input.password === undefined ? undefined : await ctx.deps.passwords.hash(input.password);
  return await withUniqueNames(() =>
    mutate(ctx, async (write) => {
      await holdOwners(write.tx);
      const before = await lockUser(write.tx, id);
      await requireStillAllowed(ctx, write.tx, roleOf(before), input.instance_role ?? "member");
      if (losesOwner(before, input)) await requireOtherOwner(write.tx, before);
      const after = await store(ctx, write, before, input, passwordHash);
      await endWhatIsOver(ctx, write, before, after, passwordHash !== undefined);
      write.change({ kind: "user", rowId: id });
      write.audit({
        action: "user.update",
        target: id,
        before: auditUser(before),
        after: {
          ...auditUser(after),
          ...(passwordHash === undefined ? {} : { password_changed: true }),
        },
      });
      return after;
    }),
  );
}

const losesOwner = (user: StoredUser, input: UserChange): boolean =>
  input.is_active === false ||
  (input.instance_role !== undefined && input.instance_role !== user.instanceRole);

async function store(
  ctx: CallerContext,
  { tx }: Write,
  before: StoredUser,
  input: UserChange,
  passwordHash: string | undefined,
): Promise<StoredUser> {
  const [after] = await tx
    .update(users)
    .set({
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(input.email === undefined
        ? {}
        : { email: input.email, emailKey: input.email?.toLowerCase() ?? null }),
      ...(input.instance_role === undefined ? {} : { instanceRole: input.instance_role }),
      ...(input.is_active === undefined ? {} : { isActive: input.is_active }),
      ...(input.totp_enabled === undefined ? {} : NO_SECOND_FACTOR),
      updatedAt: new Date(ctx.deps.clock.now()),
    })
    .where(eq(users.id, before.id))
    .returning();
  if (after === undefined) throw new Error("Cannot change the user: the row that was held is gone");
  return after;
}

/** A new password ends the sessions, but for the caller's own present one; deactivation ends keys, too. */
async function endWhatIsOver(
  ctx: CallerContext,
  write: Write,
  before: StoredUser,
  after: StoredUser,
  hasNewPassword: boolean,
): Promise<void> {
  const isDeactivated = before.isActive && !after.isActive;
  const own = ctx.principal.kind === "user" && ctx.principal.userId === after.id && !isDeactivated;
  if (isDeactivated || hasNewPassword) {
    const keep = own && ctx.principal.kind === "user" ? ctx.principal.sessionId : undefined;
    await endSessionsOf(write, after.id, keep);
  }
  if (isDeactivated) await write.tx.delete(apiKeys).where(eq(apiKeys.userId, after.id));
}
