import { eq } from "drizzle-orm";
import { egressPolicies } from "../db/tables/apps.ts";
import { inApp } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { mutate } from "../publish/mutate.ts";
import { egressInput, egressView } from "./schemas.ts";

export const egressEndpoints = [
  endpoint({
    method: "get",
    path: "/apps/:app/egress",
    summary: "Where an app's scripts may connect to",
    access: inApp("AppAdmin"),
    status: 200,
    answer: egressView,
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
    body: egressInput,
    status: 200,
    answer: egressView,
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
