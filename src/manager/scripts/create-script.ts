import { newId } from "../../shared/ids.ts";
import { violatedUnique } from "../db/faults.ts";
import { scripts } from "../db/tables/scripts.ts";
import { problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { WriteContext } from "../publish/mutate.ts";
import { readLimits } from "./limits.ts";
import { prepareVersion, readCode } from "./prepare-version.ts";
import type { PreparedVersion } from "./prepare-version.ts";
import { insertVersion, lockApp, requireFreeTriggers } from "./save-version.ts";
import type { CreateScriptInput } from "./schemas.ts";

type SaveContext = WriteContext & Parameters<typeof prepareVersion>[0];

export const nameTaken = () => problem("name_taken", "A script of this app has the name already");

/** @throws AppError 409 `name_taken`, `listener_conflict`, `cron_name_taken`; 422 as prepareVersion and readLimits */
export async function createScript(
  ctx: SaveContext,
  appId: string,
  input: Omit<CreateScriptInput, "app_id">,
) {
  const limits = readLimits(input.limits ?? {}, ctx.deps.config.ceilings);
  const code = readCode(input);
  if (code === undefined)
    throw problem("invalid", "source: Is required, or files and entry", {
      details: { field: "source" },
    });
  const identity = { id: newId(), appId, name: input.name, version: 1 };
  const draft = {
    ...code,
    static: input.static ?? null,
    limits,
    instance: input.instance ?? "fresh",
    access: input.access ?? "public",
  };
  const prepared = await prepareVersion(ctx, identity, draft);
  return await insertScript(ctx, identity, input.description ?? null, prepared);
}

interface NewScript {
  id: string;
  appId: string;
  name: string;
}

async function insertScript(
  ctx: SaveContext,
  { id, appId, name }: NewScript,
  description: string | null,
  prepared: PreparedVersion,
) {
  try {
    return await mutate(ctx, async ({ tx, change, audit }) => {
      await lockApp(tx, appId);
      await requireFreeTriggers(tx, { id, appId }, prepared);
      const [script] = await tx
        .insert(scripts)
        .values({ id, appId, name, description, version: 1, latestVersion: 1 })
        .returning();
      if (script === undefined) throw new Error("Cannot create the script: the insert gave no row");
      const version = await insertVersion(tx, ctx, { scriptId: id, version: 1 }, prepared);
      change({ kind: "script", appId, rowId: id });
      audit({
        action: "script.create",
        target: id,
        appId,
        after: { name, version: 1, checksum: prepared.checksum },
      });
      return { script, version };
    });
  } catch (error) {
    throw violatedUnique(error) === "scripts_app_id_name" ? nameTaken() : error;
  }
}
