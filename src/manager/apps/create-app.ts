import { newId } from "../../shared/ids.ts";
import { apps } from "../db/tables/apps.ts";
import { mutate } from "../publish/mutate.ts";
import type { WriteContext } from "../publish/mutate.ts";
import type { AppRow } from "./find-app.ts";
import { lockSlugs, slugObstacle, slugProblem } from "./slugs.ts";

export interface CreateApp {
  slug: string;
  name: string;
  description?: string | null | undefined;
}

/** @throws AppError 409 `slug_taken`, `slug_in_history` */
export async function createApp(ctx: WriteContext, input: CreateApp): Promise<AppRow> {
  return await mutate(ctx, async ({ tx, change, audit }) => {
    await lockSlugs(tx);
    const obstacle = await slugObstacle(tx, input.slug, null);
    if (obstacle !== null) throw slugProblem(obstacle);
    const id = newId();
    const values = {
      id,
      slug: input.slug,
      name: input.name,
      description: input.description ?? null,
    };
    const [app] = await tx.insert(apps).values(values).returning();
    if (app === undefined) throw new Error("Cannot create the app: the insert gave no row");
    change({ kind: "routing", appId: id });
    audit({
      action: "app.create",
      target: id,
      appId: id,
      after: { slug: app.slug, name: app.name },
    });
    return app;
  });
}
