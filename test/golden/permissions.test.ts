/** Every decision there is, as a table that a reviewer can read: role x membership x caller x capability. */
import { describe, expect, test } from "bun:test";
import {
  APP_CAPABILITIES,
  APP_ROLES,
  INSTANCE_CAPABILITIES,
  INSTANCE_ROLES,
  SCOPES,
} from "../../src/manager/authz/capabilities.ts";
import type { AppRole, Capability, InstanceRole, Scope } from "../../src/manager/authz/capabilities.ts";
import { decide, hidesExistence } from "../../src/manager/authz/decide.ts";
import type { Decision, DenyReason } from "../../src/manager/authz/decide.ts";
import type { Principal } from "../../src/manager/authz/principal.ts";
import { expectGolden } from "./golden.ts";

const CAPABILITIES: readonly Capability[] = [...APP_CAPABILITIES, ...INSTANCE_CAPABILITIES];
const ROLES = INSTANCE_ROLES.toReversed();
const MEMBERSHIPS = [null, ...APP_ROLES];
const BINDINGS = [null, "this app", "other app"] as const;
const SCOPE_SETS: readonly (readonly Scope[])[] = [...SCOPES.map((scope) => [scope]), [...SCOPES], []];
const SIGNS: Record<DenyReason, string> = {
  no_caller: "-",
  no_membership: "m",
  app_binding: "b",
  role: "r",
  scope: "s",
};

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
  boundAppId: (typeof BINDINGS)[number],
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
const ask = (principal: Principal | null, role: AppRole | null, capability: Capability): Decision =>
  decide(principal, { appId: "this app", role }, capability);

const LEGEND = `# Who may do what. Written from decide(); read it as a reviewer: every + is a right.
#
#   +  allowed
#   -  401: nobody calls
#   m  no member of the app: 404, as if the app were not there
#   b  the key is bound to another app: 404 in an app; 403 for the instance
#   r  403: the role (of the instance, or in the app) does not include it
#   s  403: the key has no scope for it
#
# A key with several scopes may do what one of them allows (a test of its own holds that).
`;

function line(label: string, principal: Principal | null, role: AppRole | null): string {
  const cells = CAPABILITIES.map((capability) => {
    const decision = ask(principal, role, capability);
    return (decision.allow ? "+" : SIGNS[decision.reason]).padEnd(capability.length);
  });
  return `${label.padEnd(34)} ${cells.join(" ")}`.trimEnd();
}

const nameOf = (scopes: readonly Scope[]): string => {
  if (scopes.length === 0) return "no scope";
  return scopes.length === SCOPES.length ? "all scopes" : scopes.join(" ");
};

function section(role: InstanceRole, membership: AppRole | null): string[] {
  return [
    "",
    `## ${role} of the instance, ${membership ?? "no member"} of the app`,
    "",
    `${"".padEnd(34)} ${CAPABILITIES.join(" ")}`,
    line("session", user(role), membership),
    ...BINDINGS.flatMap((binding) =>
      SCOPE_SETS.map((scopes) =>
        line(`key: ${nameOf(scopes)}${binding === null ? "" : `, ${binding}`}`, key(role, scopes, binding), membership),
      ),
    ),
  ];
}

describe("the matrix of permissions", () => {
  test("is the one that was reviewed", async () => {
    const lines = [
      LEGEND,
      "## nobody",
      "",
      `${"".padEnd(34)} ${CAPABILITIES.join(" ")}`,
      line("no caller", null, "app_admin"),
      ...ROLES.flatMap((role) => MEMBERSHIPS.flatMap((membership) => section(role, membership))),
    ];
    await expectGolden(new URL("permissions.txt", import.meta.url).pathname, `${lines.join("\n")}\n`);
  });

  test("holds for each of the 128 sets of scopes: a key may do what one of its scopes allows", () => {
    let asked = 0;
    for (const role of ROLES)
      for (const membership of MEMBERSHIPS)
        for (const binding of BINDINGS)
          for (let set = 0; set < 2 ** SCOPES.length; set++) {
            const scopes = SCOPES.filter((_, index) => (set >> index) % 2 === 1);
            for (const capability of CAPABILITIES) {
              const one = scopes.some((scope) => ask(key(role, [scope], binding), membership, capability).allow);
              expect(ask(key(role, scopes, binding), membership, capability).allow).toBe(one);
              asked++;
            }
          }
    expect(asked).toBe(3 * 4 * 3 * 128 * 12);
  });

  test("hides an app exactly where the caller has no way into it", () => {
    for (const role of ROLES)
      for (const membership of MEMBERSHIPS)
        for (const binding of BINDINGS) {
          const decision = ask(key(role, [], binding), membership, "AppRead");
          const knows = binding !== "other app" && (role !== "member" || membership !== null);
          expect(!decision.allow && hidesExistence(decision.reason)).toBe(!knows);
        }
  });
});
