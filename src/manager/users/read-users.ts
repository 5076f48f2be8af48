import { desc, eq, lt } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { CallerContext } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { notFound } from "../problems.ts";
import { type StoredUser, viewUser } from "./user-view.ts";

export async function listUsers(ctx: CallerContext, page: Page) {
  const rows = await ctx.deps.database.db
    .select()
    .from(users)
    .where(page.before === undefined ? undefined : lt(users.id, page.before))
    .orderBy(desc(users.id))
    .limit(page.limit + 1);
  return pageOf(rows, page.limit, ({ id }) => id, viewUser);
}

/** @throws AppError 404 */
export async function getUser(ctx: CallerContext, id: string): Promise<StoredUser> {
  if (!isId(id)) throw notFound();
  const [user] = await ctx.deps.database.db.select().from(users).where(eq(users.id, id));
  if (user === undefined) throw notFound();
  return user;
}
