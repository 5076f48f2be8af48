import { and, desc, eq, lt } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { notFound } from "../problems.ts";
import type { UserKind } from "./guards.ts";
import { type StoredUser, viewUser } from "./user-view.ts";

/** Up to one row more than the page holds, which tells that there is a next one. */
export async function listUserRows(
  ctx: CallerContext,
  page: Page,
  kind: UserKind,
): Promise<StoredUser[]> {
  const before = page.before === undefined ? undefined : lt(users.id, page.before);
  return await ctx.deps.database.db
    .select()
    .from(users)
    .where(and(eq(users.kind, kind), before))
    .orderBy(desc(users.id))
    .limit(page.limit + 1);
}

export async function listUsers(ctx: CallerContext, page: Page) {
  const rows = await listUserRows(ctx, page, "person");
  return pageOf(rows, page.limit, ({ id }) => id, viewUser);
}

/** @throws AppError 404 */
export async function getUser(
  ctx: CallerContext,
  id: string,
  kind: UserKind = "person",
): Promise<StoredUser> {
  if (!isId(id)) throw notFound();
  const [user] = await ctx.deps.database.db
    .select()
    .from(users)
    .where(and(eq(users.id, id), eq(users.kind, kind)));
  if (user === undefined) throw notFound();
  return user;
}
