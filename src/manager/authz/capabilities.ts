/** The capabilities of the HTTP contract, and which role or scope grants each. */
export const INSTANCE_ROLES = ["member", "admin", "owner"] as const;
export type InstanceRole = (typeof INSTANCE_ROLES)[number];

export const APP_ROLES = ["viewer", "editor", "app_admin"] as const;
export type AppRole = (typeof APP_ROLES)[number];

export const SCOPES = [
  "script:read",
  "log:read",
  "script:write",
  "route:write",
  "domain:manage",
  "app:admin",
  "instance:admin",
] as const;
export type Scope = (typeof SCOPES)[number];

export const APP_CAPABILITIES = [
  "AppRead",
  "AppLogRead",
  "AppInvoke",
  "AppWriteScript",
  "AppWriteRoute",
  "AppWriteState",
  "AppManageDomains",
  "AppManageSecrets",
  "AppAdmin",
] as const;
export type AppCapability = (typeof APP_CAPABILITIES)[number];

export const INSTANCE_CAPABILITIES = [
  "InstanceCreateApp",
  "InstanceManageUsers",
  "InstanceManageSettings",
] as const;
export type InstanceCapability = (typeof INSTANCE_CAPABILITIES)[number];

export type Capability = AppCapability | InstanceCapability;

/** The lowest role in an app that has each capability. */
export const APP_ROLE_NEEDED: Record<AppCapability, AppRole> = {
  AppRead: "viewer",
  AppLogRead: "viewer",
  AppInvoke: "viewer",
  AppWriteScript: "editor",
  AppWriteRoute: "editor",
  AppWriteState: "editor",
  AppManageDomains: "app_admin",
  AppManageSecrets: "app_admin",
  AppAdmin: "app_admin",
};

export const INSTANCE_ROLE_NEEDED: Record<InstanceCapability, InstanceRole> = {
  InstanceCreateApp: "admin",
  InstanceManageUsers: "admin",
  InstanceManageSettings: "owner",
};

export const SCOPE_NEEDED: Record<Capability, Scope> = {
  AppRead: "script:read",
  AppLogRead: "log:read",
  AppInvoke: "script:read",
  AppWriteScript: "script:write",
  AppWriteRoute: "route:write",
  AppWriteState: "script:write",
  AppManageDomains: "domain:manage",
  AppManageSecrets: "app:admin",
  AppAdmin: "app:admin",
  InstanceCreateApp: "instance:admin",
  InstanceManageUsers: "instance:admin",
  InstanceManageSettings: "instance:admin",
};

export const isInstanceCapability = (capability: Capability): capability is InstanceCapability =>
  Object.hasOwn(INSTANCE_ROLE_NEEDED, capability);

/** -1, 0 or 1: whether `a` stands under, beside or above `b`. */
export const compareInstanceRoles = (a: InstanceRole, b: InstanceRole): number =>
  Math.sign(INSTANCE_ROLES.indexOf(a) - INSTANCE_ROLES.indexOf(b));
