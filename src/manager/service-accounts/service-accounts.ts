/** Users that are no person: nobody logs in as one, it only holds keys, and it stays when people go. */
import { eq } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import type { InstanceRole } from "../authz/capabilities.ts";
import type { CallerContext } from "../context.ts";
import { apiKeys } from "../db/tables/api-keys.ts";
import { users } from "../db/tables/identity.ts";
import { mutate } from "../publish/mutate.ts";
import {
  holdOwners,
  lockUser,
  requireNotAbove,
  requireStillAllowed,
  roleOf,
} from "../users/guards.ts";
import { getUser } from "../users/read-users.ts";
import { withUniqueNames } from "../users/unique-names.ts";
import { auditUser, type StoredUser } from "../users/user-view.ts";

export const viewServiceAccount = (account: StoredUser) => ({
  id: account.id,
  username: account.username,
  instance_role: account.instanceRole,
  is_active: account.isActive,
  created_at: account.createdAt.toISOString(),
});

/** @throws AppError 409 `username_taken`; 422 `cannot_escalate` */
export async function createServiceAccount(
  ctx: CallerContext,
  input: { username: string; instance_role: InstanceRole },
): Promise<StoredUser> {
  requireNotAbove(ctx, input.instance_role);
  const row = {
    id: newId(),
    kind: "service",
    username: input.username,
    usernameKey: input.username.toLowerCase(),
    instanceRole: input.instance_role,
  };
  return await withUniqueNames(() =>
    mutate(ctx, async ({ tx, audit }) => {
      await requireStillAllowed(ctx, tx, input.instance_role);
      const [account] = await tx.insert(users).values(row).returning();
      if (account === undefined)
        throw new Error("Cannot create the service account: the insert gave no row");
      const after = auditUser(account);
      audit({ action: "service_account.create", target: account.id, after });
      return account;
    }),
  );
}

/** Deactivation ends the account's keys. @throws AppError 404; 422 `cannot_escalate` */
export async function updateServiceAccount(
  ctx: CallerContext,
  id: string,
  input: { instance_role?: InstanceRole | undefined; is_active?: boolean | undefined },
): Promise<StoredUser> {
  return await mutate(ctx, async ({ tx, change, audit }) => {
    await holdOwners(tx);
    const before = await lockUser(tx, id, "service");
    await requireStillAllowed(ctx, tx, roleOf(before), input.instance_role ?? "member");
    const [after] = await tx
      .update(users)
      .set({
        ...(input.instance_role === undefined ? {} : { instanceRole: input.instance_role }),
        ...(input.is_active === undefined ? {} : { isActive: input.is_active }),
        updatedAt: new Date(ctx.deps.clock.now()),
      })
      .where(eq(users.id, id))
      .returning();
    if (after === undefined) throw new Error("Cannot change the service account: its row is gone");
    if (!after.isActive) await tx.delete(apiKeys).where(eq(apiKeys.userId, id));
    change({ kind: "user", rowId: id });
    audit({
      action: "service_account.update",
      target: id,
      before: auditUser(before),
      after: auditUser(after),
    });
    return after;
  });
}

/** Keys and memberships go with it. @throws AppError 404; 422 `cannot_escalate` */
export async function deleteServiceAccount(ctx: CallerContext, id: string): Promise<void> {
  await mutate(ctx, async ({ tx, change, audit }) => {
    await holdOwners(tx);
    const account = await lockUser(tx, id, "service");
    await requireStillAllowed(ctx, tx, roleOf(account));
    await tx.delete(users).where(eq(users.id, id));
    change({ kind: "user", rowId: id });
    audit({ action: "service_account.delete", target: id, before: auditUser(account) });
  });
}

/** Whose keys the caller may make and end: a key is worth what its account may do. @throws AppError 404; 422 `cannot_escalate` */
export async function requireKeyHolder(ctx: CallerContext, id: string): Promise<string> {
  const account = await getUser(ctx, id, "service");
  requireNotAbove(ctx, roleOf(account));
  return account.id;
}
