/** What nobody may do to a user, whatever their own role. */
import { and, eq, ne, sql } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import { compareInstanceRoles } from "../authz/capabilities.ts";
import type { InstanceRole } from "../authz/capabilities.ts";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { users } from "../db/tables/identity.ts";
import { notFound, problem } from "../problems.ts";
import type { StoredUser } from "./user-view.ts";

/** Roles are held to their names by a check constraint, hence the cast. */
export const roleOf = (user: StoredUser): InstanceRole => user.instanceRole as InstanceRole;

/** @throws AppError 422 `cannot_escalate` for a role above the caller's own */
export function requireNotAbove(ctx: CallerContext, role: InstanceRole): void {
  if (compareInstanceRoles(role, ctx.principal.instanceRole) <= 0) return;
  throw problem("cannot_escalate", "The role, or the user's present one, is above your own");
}

/** The user, held until the transaction ends, so that two changes of one user cannot cross. @throws AppError 404 */
export async function lockUser(tx: Queryable, id: string): Promise<StoredUser> {
  if (!isId(id)) throw notFound();
  const [user] = await tx.select().from(users).where(eq(users.id, id)).for("update");
  if (user === undefined) throw notFound();
  return user;
}

/** Serialises whatever could take the last active owner away; before any row is locked, so that nothing deadlocks. */
export async function holdOwners(tx: Queryable): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('picloud.owners'))`);
}

/** Under `holdOwners`. @throws AppError 422 `last_owner` when no other active owner would be left */
export async function requireOtherOwner(tx: Queryable, user: StoredUser): Promise<void> {
  if (user.instanceRole !== "owner" || !user.isActive) return;
  const others = await tx.$count(
    users,
    and(eq(users.instanceRole, "owner"), eq(users.isActive, true), ne(users.id, user.id)),
  );
  if (others === 0) throw problem("last_owner", "Make another active user an owner first");
}
