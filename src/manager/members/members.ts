/** Memberships of an app: who has a role there by name, not by instance role. */
import { and, desc, eq, lt } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { AppRole } from "../authz/capabilities.ts";
import { hasAppCapability } from "../authz/require.ts";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { violatedUnique } from "../db/faults.ts";
import { appMembers, apps } from "../db/tables/apps.ts";
import { users } from "../db/tables/identity.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { StoredUser } from "../users/user-view.ts";

const viewMember = ({ user, role }: { user: StoredUser; role: string }) => ({
  user_id: user.id,
  username: user.username,
  email: user.email,
  instance_role: user.instanceRole,
  is_active: user.isActive,
  role,
});

export type MemberView = ReturnType<typeof viewMember>;

export async function listMembers(ctx: CallerContext, appId: string, page: Page) {
  const rows = await ctx.deps.database.db
    .select({ user: users, role: appMembers.role })
    .from(appMembers)
    .innerJoin(users, eq(users.id, appMembers.userId))
    .where(
      and(
        eq(appMembers.appId, appId),
        page.before === undefined ? undefined : lt(users.id, page.before),
      ),
    )
    .orderBy(desc(users.id))
    .limit(page.limit + 1);
  return pageOf(rows, page.limit, ({ user }) => user.id, viewMember);
}

/**
 * One change of an app's members at a time, by who is app_admin then: two who take each other's role
 * away do not both win.
 * @throws AppError 404, 403
 */
async function holdMembers(ctx: CallerContext, tx: Queryable, appId: string): Promise<void> {
  const [app] = await tx
    .select({ id: apps.id })
    .from(apps)
    .where(eq(apps.id, appId))
    .for("no key update");
  if (app === undefined) throw notFound();
  if (!(await hasAppCapability(ctx, appId, "AppAdmin", tx)))
    throw problem("forbidden", "Your role does not include this any more");
}

/** @throws AppError 404; 409 `already_member`; 422 `inactive_user`, `role_implied` */
export async function addMember(
  ctx: CallerContext,
  appId: string,
  input: { user_id: string; role: AppRole },
): Promise<MemberView> {
  if (!isId(input.user_id)) throw notFound();
  try {
    return await mutate(ctx, async ({ tx, change, audit }) => {
      await holdMembers(ctx, tx, appId);
      // Held, so that a deactivation or promotion that is under way is seen.
      const [user] = await tx.select().from(users).where(eq(users.id, input.user_id)).for("share");
      if (user === undefined) throw notFound();
      if (!user.isActive) throw problem("inactive_user", "Activate the user first");
      if (user.instanceRole !== "member")
        throw problem(
          "role_implied",
          "Owners and admins of the instance are app_admin of every app",
        );
      await tx.insert(appMembers).values({ appId, userId: user.id, role: input.role });
      change({ kind: "member", appId, rowId: user.id });
      audit({ action: "member.add", target: user.id, appId, after: { role: input.role } });
      return viewMember({ user, role: input.role });
    });
  } catch (error) {
    if (violatedUnique(error) === undefined) throw error;
    throw problem("already_member", "Change the member's role in place of adding them again");
  }
}

/** @throws AppError 404 where the user is no member */
export async function changeMember(
  ctx: CallerContext,
  appId: string,
  userId: string,
  role: AppRole,
): Promise<MemberView> {
  if (!isId(userId)) throw notFound();
  const isOne = and(eq(appMembers.appId, appId), eq(appMembers.userId, userId));
  return await mutate(ctx, async ({ tx, change, audit }) => {
    await holdMembers(ctx, tx, appId);
    const [before] = await tx.select().from(appMembers).where(isOne).for("update");
    if (before === undefined) throw notFound();
    await tx.update(appMembers).set({ role }).where(isOne);
    const [user] = await tx.select().from(users).where(eq(users.id, userId));
    if (user === undefined) throw notFound();
    change({ kind: "member", appId, rowId: userId });
    audit({
      action: "member.change",
      target: userId,
      appId,
      before: { role: before.role },
      after: { role },
    });
    return viewMember({ user, role });
  });
}

/** Also fine when there was no such member. */
export async function removeMember(
  ctx: CallerContext,
  appId: string,
  userId: string,
): Promise<void> {
  if (!isId(userId)) throw notFound();
  const isOwn = ctx.principal.kind === "user" && ctx.principal.userId === userId;
  await mutate(ctx, async ({ tx, change, audit }) => {
    if (!isOwn) await holdMembers(ctx, tx, appId);
    const removed = await tx
      .delete(appMembers)
      .where(and(eq(appMembers.appId, appId), eq(appMembers.userId, userId)))
      .returning({ role: appMembers.role });
    for (const { role } of removed) {
      change({ kind: "member", appId, rowId: userId });
      audit({ action: "member.remove", target: userId, appId, before: { role } });
    }
  });
}
