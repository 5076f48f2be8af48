import { newId } from "../../shared/ids.ts";
import type { InstanceRole } from "../authz/capabilities.ts";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { mutate } from "../publish/mutate.ts";
import { requireNotAbove, requireStillAllowed } from "./guards.ts";
import { withUniqueNames } from "./unique-names.ts";
import { auditUser, type StoredUser } from "./user-view.ts";

export interface NewUser {
  username: string;
  password: string;
  instance_role: InstanceRole;
  email?: string | null | undefined;
}

/** @throws AppError 409 `username_taken`, `email_taken`; 422 `cannot_escalate` */
export async function createUser(ctx: CallerContext, input: NewUser): Promise<StoredUser> {
  requireNotAbove(ctx, input.instance_role);
  const passwordHash = await ctx.deps.passwords.hash(input.password);
  const email = input.email ?? null;
  const row = {
    id: newId(),
    username: input.username,
    usernameKey: input.username.toLowerCase(),
    email,
    emailKey: email?.toLowerCase() ?? null,
    passwordHash,
    instanceRole: input.instance_role,
  };
  return await withUniqueNames(() =>
    mutate(ctx, async ({ tx, audit }) => {
      await requireStillAllowed(ctx, tx, input.instance_role);
      const [user] = await tx.insert(users).values(row).returning();
      if (user === undefined) throw new Error("Cannot create the user: the insert gave no row");
      audit({ action: "user.create", target: user.id, after: auditUser(user) });
      return user;
    }),
  );
}
