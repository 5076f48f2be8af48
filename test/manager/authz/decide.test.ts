import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  APP_CAPABILITIES,
  APP_ROLES,
  INSTANCE_CAPABILITIES,
  INSTANCE_ROLES,
  SCOPES,
} from "../../../src/manager/authz/capabilities.ts";
import type { AppRole, InstanceRole, Scope } from "../../../src/manager/authz/capabilities.ts";
import { decide } from "../../../src/manager/authz/decide.ts";
import type { Principal } from "../../../src/manager/authz/principal.ts";

const user = (instanceRole: InstanceRole): Principal => ({
  kind: "user",
  userId: "u",
  username: "ann",
  instanceRole,
  sessionId: "s",
  lacksSecondFactor: false,
});
const key = (
  instanceRole: InstanceRole,
  scopes: readonly Scope[],
  boundAppId: string | null = null,
): Principal => ({
  kind: "api_key",
  userId: "u",
  username: "ann",
  instanceRole,
  keyId: "k",
  keyName: "n",
  scopes,
  boundAppId,
});
const inApp = (role: AppRole | null) => ({ appId: "a", role });

const roles = fc.constantFrom(...INSTANCE_ROLES);
const memberships = fc.constantFrom(null, ...APP_ROLES);
const scopes = fc.subarray([...SCOPES]);
const bindings = fc.constantFrom(null, "a", "b");
const capabilities = fc.constantFrom(...APP_CAPABILITIES, ...INSTANCE_CAPABILITIES);

describe("decide()", () => {
  test("denies nobody's every wish", () => {
    for (const capability of [...APP_CAPABILITIES, ...INSTANCE_CAPABILITIES]) {
      expect(decide(null, inApp("app_admin"), capability)).toEqual({
        allow: false,
        reason: "no_caller",
      });
    }
  });

  test("never lets a key do what its owner cannot", () => {
    fc.assert(
      fc.property(
        roles,
        memberships,
        scopes,
        bindings,
        capabilities,
        (role, membership, held, binding, capability) => {
          const byKey = decide(key(role, held, binding), inApp(membership), capability);
          if (byKey.allow)
            expect(decide(user(role), inApp(membership), capability).allow).toBe(true);
        },
      ),
    );
  });

  test("never lets a key act outside of the app it is bound to", () => {
    fc.assert(
      fc.property(
        roles,
        memberships,
        scopes,
        capabilities,
        (role, membership, held, capability) => {
          expect(decide(key(role, held, "b"), inApp(membership), capability).allow).toBe(false);
        },
      ),
    );
  });

  test("gives more to a higher role, never less", () => {
    fc.assert(
      fc.property(roles, memberships, capabilities, (role, membership, capability) => {
        if (!decide(user(role), inApp(membership), capability).allow) return;
        for (const higher of INSTANCE_ROLES.slice(INSTANCE_ROLES.indexOf(role))) {
          expect(decide(user(higher), inApp(membership), capability).allow).toBe(true);
        }
        for (const higher of membership === null
          ? []
          : APP_ROLES.slice(APP_ROLES.indexOf(membership))) {
          expect(decide(user(role), inApp(higher), capability).allow).toBe(true);
        }
      }),
    );
  });

  test("hides an app from those who are no members, and from keys bound elsewhere", () => {
    expect(decide(user("member"), inApp(null), "AppRead")).toEqual({
      allow: false,
      reason: "no_membership",
    });
    expect(decide(key("owner", ["app:admin"], "b"), inApp(null), "AppRead")).toEqual({
      allow: false,
      reason: "app_binding",
    });
    expect(decide(user("member"), inApp("viewer"), "AppWriteScript")).toEqual({
      allow: false,
      reason: "role",
    });
    expect(decide(key("member", ["log:read"]), inApp("viewer"), "AppRead")).toEqual({
      allow: false,
      reason: "scope",
    });
  });

  test("takes app:admin for every scope of an app, and for none of the instance", () => {
    for (const capability of APP_CAPABILITIES)
      expect(decide(key("owner", ["app:admin"]), inApp(null), capability).allow).toBe(true);
    for (const capability of INSTANCE_CAPABILITIES)
      expect(decide(key("owner", ["app:admin"]), null, capability).allow).toBe(false);
  });

  test("keeps instance settings to owners", () => {
    expect(decide(user("owner"), null, "InstanceManageSettings").allow).toBe(true);
    expect(decide(user("admin"), null, "InstanceManageSettings")).toEqual({
      allow: false,
      reason: "role",
    });
  });
});
