/** The one decision. Three layers, all of which must allow: role, scope of the key, binding of the key. */
import {
  APP_ROLE_NEEDED,
  APP_ROLES,
  compareInstanceRoles,
  INSTANCE_ROLE_NEEDED,
  isInstanceCapability,
  SCOPE_NEEDED,
} from "./capabilities.ts";
import type {
  AppCapability,
  AppRole,
  Capability,
  InstanceCapability,
  InstanceRole,
  Scope,
} from "./capabilities.ts";
import type { Principal } from "./principal.ts";

/** The app asked about, and the caller's role in it; null where there is none. */
export interface Membership {
  appId: string;
  role: AppRole | null;
}

export type DenyReason = "no_caller" | "no_membership" | "app_binding" | "role" | "scope";
export type Decision = { allow: true } | { allow: false; reason: DenyReason };

const ALLOW: Decision = { allow: true };
const deny = (reason: DenyReason): Decision => ({ allow: false, reason });

/** `membership` is null for a capability of the instance only. */
export function decide(
  principal: Principal | null,
  membership: Membership | null,
  capability: Capability,
): Decision {
  if (principal === null) return deny("no_caller");
  return isInstanceCapability(capability)
    ? decideInstance(principal, capability)
    : decideApp(principal, membership, capability);
}

/** The role that counts in an app: owners and admins of the instance are app_admin of every app. */
export function effectiveAppRole(
  instanceRole: InstanceRole,
  membershipRole: AppRole | null,
): AppRole | null {
  return instanceRole === "member" ? membershipRole : "app_admin";
}

/** True where the caller may not even know that the app exists. */
export const hidesExistence = (reason: DenyReason): boolean =>
  reason === "no_membership" || reason === "app_binding";

function decideInstance(principal: Principal, capability: InstanceCapability): Decision {
  if (compareInstanceRoles(principal.instanceRole, INSTANCE_ROLE_NEEDED[capability]) < 0)
    return deny("role");
  if (principal.kind === "api_key" && principal.boundAppId !== null) return deny("app_binding");
  return scopeAllows(principal, capability) ? ALLOW : deny("scope");
}

function decideApp(
  principal: Principal,
  membership: Membership | null,
  capability: AppCapability,
): Decision {
  if (membership === null) return deny("no_membership");
  if (
    principal.kind === "api_key" &&
    principal.boundAppId !== null &&
    principal.boundAppId !== membership.appId
  ) {
    return deny("app_binding");
  }
  const role = effectiveAppRole(principal.instanceRole, membership.role);
  if (role === null) return deny("no_membership");
  if (APP_ROLES.indexOf(role) < APP_ROLES.indexOf(APP_ROLE_NEEDED[capability])) return deny("role");
  return scopeAllows(principal, capability) ? ALLOW : deny("scope");
}

/** The layer of scopes alone: a session has none and passes. */
export function scopeAllows(principal: Principal, capability: Capability): boolean {
  if (principal.kind === "user") return true;
  const needed: Scope = SCOPE_NEEDED[capability];
  if (principal.scopes.includes(needed)) return true;
  return needed !== "instance:admin" && principal.scopes.includes("app:admin");
}
