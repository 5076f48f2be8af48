/** API keys: one's own, or those of a service account. The token leaves the platform once, when it is made. */
import { and, desc, eq, lt } from "drizzle-orm";
import { isId, newId } from "../../shared/ids.ts";
import type { Scope } from "../authz/capabilities.ts";
import { requireApp } from "../authz/require.ts";
import { keyPrefix, newKeyToken } from "../authz/tokens.ts";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { apiKeys } from "../db/tables/api-keys.ts";
import { users } from "../db/tables/identity.ts";
import { pageOf } from "../http/pagination.ts";
import type { Page } from "../http/pagination.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";

type StoredKey = typeof apiKeys.$inferSelect;

export const viewKey = (key: StoredKey) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  app_id: key.appId,
  created_at: key.createdAt.toISOString(),
  expires_at: key.expiresAt?.toISOString() ?? null,
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
});

export interface NewKey {
  name: string;
  scopes: Scope[];
  app_id?: string | null | undefined;
  expires_at?: Date | null | undefined;
}

/** @throws AppError 404 for an app that the caller may not know; 422 for a bound key with an instance scope, or an end that is past */
export async function createKey(
  ctx: CallerContext,
  input: NewKey,
  holderId: string = ctx.principal.userId,
): Promise<{ key: StoredKey; token: string }> {
  const expiresAt = input.expires_at ?? null;
  if (expiresAt !== null && expiresAt.getTime() <= ctx.deps.clock.now())
    throw problem("invalid", "Choose an end that is still to come", {
      details: { field: "expires_at" },
    });
  const appId = await boundApp(ctx, input);
  const token = newKeyToken();
  const row = {
    id: newId(),
    userId: holderId,
    name: input.name,
    prefix: keyPrefix(token),
    tokenHash: await ctx.deps.passwords.hashKey(token),
    scopes: [...new Set(input.scopes)],
    appId,
    expiresAt,
  };
  const key = await mutate(ctx, async ({ tx, audit }) => {
    await requireActiveHolder(tx, holderId);
    const [stored] = await tx.insert(apiKeys).values(row).returning();
    if (stored === undefined) throw new Error("Cannot create the key: the insert gave no row");
    audit({
      action: "api_key.create",
      target: stored.id,
      ...(appId === null ? {} : { appId }),
      after: {
        name: stored.name,
        prefix: stored.prefix,
        scopes: stored.scopes,
        user_id: holderId,
      },
    });
    return stored;
  });
  return { key, token };
}

/** Held, so that a deactivation that is under way does not leave a key behind. @throws AppError 404 */
async function requireActiveHolder(tx: Queryable, userId: string): Promise<void> {
  const [holder] = await tx.select().from(users).where(eq(users.id, userId)).for("share");
  if (holder?.isActive !== true) throw notFound();
}

async function boundApp(ctx: CallerContext, input: NewKey): Promise<string | null> {
  if (input.app_id === undefined || input.app_id === null) return null;
  if (input.scopes.some((scope) => scope.startsWith("instance:")))
    throw problem("invalid", "A key that is bound to an app has no scope over the instance", {
      details: { field: "scopes" },
    });
  return (await requireApp(ctx, input.app_id, "AppRead")).app.id;
}

export async function listKeys(
  ctx: CallerContext,
  page: Page,
  holderId: string = ctx.principal.userId,
) {
  const rows = await ctx.deps.database.db
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.userId, holderId),
        page.before === undefined ? undefined : lt(apiKeys.id, page.before),
      ),
    )
    .orderBy(desc(apiKeys.id))
    .limit(page.limit + 1);
  return pageOf(rows, page.limit, ({ id }) => id, viewKey);
}

/** Dead at once, in every process. @throws AppError 404, also for another user's */
export async function revokeKey(
  ctx: CallerContext,
  id: string,
  holderId: string = ctx.principal.userId,
): Promise<void> {
  if (!isId(id)) throw notFound();
  await mutate(ctx, async ({ tx, change, audit }) => {
    const [revoked] = await tx
      .delete(apiKeys)
      .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, holderId)))
      .returning();
    if (revoked === undefined) throw notFound();
    change({ kind: "api_key", rowId: id });
    audit({
      action: "api_key.revoke",
      target: id,
      before: { name: revoked.name, prefix: revoked.prefix, user_id: holderId },
    });
  });
}
