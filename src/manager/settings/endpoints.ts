import { sql } from "drizzle-orm";
import { settings } from "../db/tables/instance.ts";
import { inInstance } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { mutate } from "../publish/mutate.ts";
import { readSettings } from "./read-settings.ts";
import { settingsInput, settingsView } from "./schemas.ts";

export const settingsEndpoints = [
  endpoint({
    method: "get",
    path: "/settings",
    summary: "The settings of the instance",
    access: inInstance("InstanceManageSettings"),
    status: 200,
    answer: settingsView,
    handle: async ({ ctx }) => await readSettings(ctx.deps.database.db),
  }),
  endpoint({
    method: "patch",
    path: "/settings",
    summary: "Change settings of the instance",
    access: inInstance("InstanceManageSettings"),
    body: settingsInput,
    status: 200,
    answer: settingsView,
    handle: async ({ ctx, body }) =>
      await mutate(ctx, async ({ tx, change, audit }) => {
        const before = await readSettings(tx);
        const updatedAt = new Date(ctx.deps.clock.now());
        for (const [key, given] of Object.entries(body)) {
          // Null as JSON: the column itself takes none.
          const value = given ?? sql`'null'::jsonb`;
          await tx
            .insert(settings)
            .values({ key, value, updatedAt })
            .onConflictDoUpdate({ target: settings.key, set: { value, updatedAt } });
        }
        const after = await readSettings(tx);
        change({ kind: "settings" });
        audit({ action: "settings.update", before, after });
        return after;
      }),
  }),
];
