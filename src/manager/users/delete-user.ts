import { eq } from "drizzle-orm";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { mutate } from "../publish/mutate.ts";
import { holdOwners, lockUser, requireOtherOwner, requireStillAllowed, roleOf } from "./guards.ts";
import { auditUser } from "./user-view.ts";

/** Sessions, keys and memberships go with the user. @throws AppError 404; 422 `last_owner`, `cannot_escalate` */
export async function deleteUser(ctx: CallerContext, id: string): Promise<void> {
  await mutate(ctx, async ({ tx, change, audit }) => {
    await holdOwners(tx);
    const user = await lockUser(tx, id);
    await requireStillAllowed(ctx, tx, roleOf(user));
    await requireOtherOwner(tx, user);
    await tx.delete(users).where(eq(users.id, id));
    change({ kind: "user", rowId: id });
    audit({ action: "user.delete", target: id, before: auditUser(user) });
  });
}
