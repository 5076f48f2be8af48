/** Guards over the one decision, with what the caller may not know answered like what is not there. */
import { and, eq } from "drizzle-orm";
import { findApp } from "../apps/find-app.ts";
import type { FoundApp } from "../apps/find-app.ts";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { appMembers } from "../db/tables/apps.ts";
import { notFound, problem } from "../problems.ts";
import type { AppCapability, AppRole, InstanceCapability } from "./capabilities.ts";
import { decide, effectiveAppRole, hidesExistence, scopeAllows } from "./decide.ts";
import type { DenyReason } from "./decide.ts";
import type { Principal } from "./principal.ts";

export interface AppTarget extends FoundApp {
  /** The caller's, implied or by membership. */
  role: AppRole;
}

/** @throws AppError 404 where there is no such app or the caller may not know it, 403 without the capability */
export async function requireApp(
  ctx: CallerContext,
  idOrSlug: string,
  capability: AppCapability,
): Promise<AppTarget> {
  const target = await findApp(ctx.deps.database.db, idOrSlug);
  if (target === null) throw notFound();
  const membershipRole = await roleOf(ctx, target.app.id);
  const decision = decide(
    ctx.principal,
    { appId: target.app.id, role: membershipRole },
    capability,
  );
  if (!decision.allow)
    throw hidesExistence(decision.reason) ? notFound() : forbidden(decision.reason);
  const role = effectiveAppRole(ctx.principal.instanceRole, membershipRole);
  if (role === null) throw notFound();
  return { ...target, role };
}

/** @throws AppError 403 without the capability */
export function requireInstance(ctx: CallerContext, capability: InstanceCapability): void {
  const decision = decide(ctx.principal, null, capability);
  if (!decision.allow) throw forbidden(decision.reason);
}

/** For a list over several apps. @throws AppError 403 for a key whose scopes do not include the capability */
export function requireScope(principal: Principal, capability: AppCapability): void {
  if (!scopeAllows(principal, capability)) throw forbidden("scope");
}

/** Whether the caller has a capability in an app that is known to exist. Inside a transaction, give it as `db`: waiting for a second connection there could wait for ever. */
export async function hasAppCapability(
  ctx: CallerContext,
  appId: string,
  capability: AppCapability,
  db: Queryable = ctx.deps.database.db,
): Promise<boolean> {
  return decide(ctx.principal, { appId, role: await roleOf(ctx, appId, db) }, capability).allow;
}

/** The caller's membership as stored; not looked up where the instance role implies it. */
async function roleOf(
  ctx: CallerContext,
  appId: string,
  db: Queryable = ctx.deps.database.db,
): Promise<AppRole | null> {
  if (ctx.principal.instanceRole !== "member") return null;
  const [row] = await db
    .select({ role: appMembers.role })
    .from(appMembers)
    .where(and(eq(appMembers.appId, appId), eq(appMembers.userId, ctx.principal.userId)));
  // Held to the names by a check constraint.
  return (row?.role ?? null) as AppRole | null;
}

const EXPLANATIONS: Record<DenyReason, string> = {
  no_caller: "There is no caller",
  no_membership: "You are no member of the app",
  app_binding: "The API key is bound to one app",
  role: "Your role does not include this",
  scope: "The API key lacks the scope for this",
};

const forbidden = (reason: DenyReason) => problem("forbidden", EXPLANATIONS[reason]);
