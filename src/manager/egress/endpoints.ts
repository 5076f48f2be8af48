import { eq } from "drizzle-orm";
import * as v from "valibot";
import { egressPolicies } from "../db/tables/apps.ts";
import { inApp } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { mutate } from "../publish/mutate.ts";
import { isEgressPattern } from "./pattern.ts";

const PATTERNS_MAX = 200;

const patterns = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.trim(),
      v.toLowerCase(),
      v.check(isEgressPattern, "Must be an address, a CIDR, a host name or *.host"),
    ),
  ),
  v.maxLength(PATTERNS_MAX, `Must hold at most ${PATTERNS_MAX} patterns`),
);
const policyInput = v.strictObject({ allow: patterns, deny: patterns });
const policyView = v.object({ allow: v.array(v.string()), deny: v.array(v.string()) });

export const egressEndpoints = [
  endpoint({
    method: "get",
    path: "/apps/:app/egress",
    summary: "Where an app's scripts may connect to",
    access: inApp("AppAdmin"),
    status: 200,
    answer: policyView,
    handle: async ({ ctx, target }) => {
      const [row] = await ctx.deps.database.db
        .select()
        .from(egressPolicies)
        .where(eq(egressPolicies.appId, target.app.id));
      return { allow: row?.allow ?? [], deny: row?.deny ?? [] };
    },
  }),
  endpoint({
    method: "put",
    path: "/apps/:app/egress",
    summary: "Allow or deny destinations, within the instance's policy",
    access: inApp("AppAdmin"),
    body: policyInput,
    status: 200,
    answer: policyView,
    handle: async ({ ctx, target, body }) => {
      const appId = target.app.id;
      return await mutate(ctx, async ({ tx, change, audit }) => {
        const [before] = await tx
          .select()
          .from(egressPolicies)
          .where(eq(egressPolicies.appId, appId))
          .for("update");
        await tx
          .insert(egressPolicies)
          .values({ appId, ...body })
          .onConflictDoUpdate({
            target: egressPolicies.appId,
            set: { ...body, updatedAt: new Date(ctx.deps.clock.now()) },
          });
        change({ kind: "egress", appId });
        audit({
          action: "egress.set",
          target: appId,
          appId,
          before: { allow: before?.allow, deny: before?.deny },
          after: body,
        });
        return body;
      });
    },
  }),
];
