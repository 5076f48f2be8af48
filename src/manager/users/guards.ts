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
  requireNotAboveRole(ctx.principal.instanceRole, role);
}

function requireNotAboveRole(own: InstanceRole, role: InstanceRole): void {
  if (compareInstanceRoles(role, own) <= 0) return;
  throw problem("cannot_escalate", "The role, or the user's present one, is above your own");
}

/** Service accounts are users that nobody logs in as; each kind has its own calls. */
export type UserKind = "person" | "service";

/** The user, held until the transaction ends, so that two changes of one user cannot cross. @throws AppError 404 */
export async function lockUser(
  tx: Queryable,
  id: string,
  kind: UserKind = "person",
): Promise<StoredUser> {
  if (!isId(id)) throw notFound();
  const isIt = and(eq(users.id, id), eq(users.kind, kind));
  const [user] = await tx.select().from(users).where(isIt).for("update");
  if (user === undefined) throw notFound();
  return user;
}

/** Serialises whatever could take the last active owner away; before any row is locked, so that nothing deadlocks. */
export async function holdOwners(tx: Queryable): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('picloud.owners'))`);
}

/**
 * The caller's role as it is now, and held: what the request began with may be over. Under
 * `holdOwners`, or where no other user is held.
 * @throws AppError 403 for a caller who is no longer an active owner or admin; 422 `cannot_escalate`
 */
export async function requireStillAllowed(
  ctx: CallerContext,
  tx: Queryable,
  ...roles: readonly InstanceRole[]
): Promise<void> {
  const [caller] = await tx
    .select()
    .from(users)
    .where(eq(users.id, ctx.principal.userId))
    .for("share");
  if (caller?.isActive !== true || caller.instanceRole === "member")
    throw problem("forbidden", "Your role does not include this any more");
  for (const role of roles) requireNotAboveRole(roleOf(caller), role);
}

/** Under `holdOwners`. @throws AppError 422 `last_owner` when no other active owner would be left */
export async function requireOtherOwner(tx: Queryable, user: StoredUser): Promise<void> {
  if (user.instanceRole !== "owner" || !user.isActive) return;
  const others = await tx.$count(
    users,
    and(
      eq(users.instanceRole, "owner"),
      eq(users.isActive, true),
      eq(users.kind, "person"),
      ne(users.id, user.id),
    ),
  );
  if (others === 0) throw problem("last_owner", "Make another active user an owner first");
}
