import { and, desc, eq, gt, lt, ne } from "drizzle-orm";
import { isId } from "../../shared/ids.ts";
import type { SessionPrincipal } from "../authz/principal.ts";
import type { CallerContext } from "../context.ts";
import { sessions } from "../db/tables/identity.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { notFound } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { Write } from "../publish/mutate.ts";

/** Ends one of the caller's own sessions; their present one for a logout. @throws AppError 404 */
export async function endSession(ctx: CallerContext, sessionId: string): Promise<void> {
  if (!isId(sessionId)) throw notFound();
  await mutate(ctx, async ({ tx, change, audit }) => {
    const ended = await tx
      .delete(sessions)
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, ctx.principal.userId)))
      .returning({ id: sessions.id });
    if (ended.length === 0) throw notFound();
    change({ kind: "session", rowId: sessionId });
    audit({ action: "session.end", target: sessionId });
  });
}

/** Ends all sessions of a user, but for `keepId`, inside a write that is under way. */
export async function endSessionsOf(write: Write, userId: string, keepId?: string): Promise<void> {
  await write.tx
    .delete(sessions)
    .where(
      and(eq(sessions.userId, userId), keepId === undefined ? undefined : ne(sessions.id, keepId)),
    );
  write.change({ kind: "user", rowId: userId });
}

export async function listSessions(ctx: CallerContext, principal: SessionPrincipal, page: Page) {
  const now = new Date(ctx.deps.clock.now());
  const rows = await ctx.deps.database.db
    .select()
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, principal.userId),
        gt(sessions.expiresAt, now),
        page.before === undefined ? undefined : lt(sessions.id, page.before),
      ),
    )
    .orderBy(desc(sessions.id))
    .limit(page.limit + 1);
  const view = (row: (typeof rows)[number]) => ({
    id: row.id,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    last_seen_at: row.lastSeenAt.toISOString(),
    address: row.address,
    user_agent: row.userAgent,
    current: row.id === principal.sessionId,
  });
  return pageOf(rows, page.limit, ({ id }) => id, view);
}
