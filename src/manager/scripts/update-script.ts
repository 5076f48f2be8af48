import { and, eq } from "drizzle-orm";
import { isDeepStrictEqual } from "node:util";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { violatedUnique } from "../db/faults.ts";
import { scripts, scriptVersions } from "../db/tables/scripts.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import { nameTaken } from "./create-script.ts";
import type { ScriptRow } from "./find-script.ts";
import { readLimits } from "./limits.ts";
import { prepareVersion, readCode } from "./prepare-version.ts";
import type { PreparedVersion, VersionDraft } from "./prepare-version.ts";
import { insertVersion, lockApp, requireFreeTriggers } from "./save-version.ts";
import type { UpdateScriptInput } from "./schemas.ts";

/** Tries again when another save came first, as long as the caller named no version. */
const TRIES = 3;

/** @throws AppError 409 `version_conflict`, `name_taken`, `listener_conflict`, `cron_name_taken`; 422 as prepareVersion and readLimits */
export async function updateScript(ctx: CallerContext, scriptId: string, input: UpdateScriptInput) {
  for (let attempt = 1; ; attempt++) {
    const saved = await tryUpdate(ctx, scriptId, input, attempt === TRIES);
    if (saved !== undefined) return saved;
  }
}

/** Undefined when the live version changed meanwhile and this was not the last try. */
async function tryUpdate(
  ctx: CallerContext,
  scriptId: string,
  input: UpdateScriptInput,
  last: boolean,
) {
  const { script, live } = await readLive(ctx.deps.database.db, scriptId);
  requireVersion(script, input.expected_version);
  const draft = draftOf(ctx, live, input);
  const identity = {
    id: script.id,
    appId: script.appId,
    name: input.name ?? script.name,
    version: script.latestVersion + 1,
  };
  const prepared =
    draft === undefined ? undefined : await prepareVersion(ctx, identity, draft, live.lock);
  try {
    return await mutate(ctx, async ({ tx, change, audit }) => {
      await lockApp(tx, script.appId);
      const [locked] = await tx
        .select()
        .from(scripts)
        .where(eq(scripts.id, scriptId))
        .for("update");
      if (locked === undefined) throw notFound();
      requireVersion(locked, input.expected_version);
      if (prepared !== undefined && locked.version !== script.version && !last) return undefined;
      const saved = await save(tx, ctx, { script: locked, live, prepared, input });
      change({ kind: "script", appId: script.appId, rowId: scriptId });
      audit({
        action: "script.update",
        target: scriptId,
        appId: script.appId,
        before: { name: locked.name, version: locked.version },
        after: {
          name: saved.script.name,
          version: saved.script.version,
          checksum: saved.version.checksum,
        },
      });
      return saved;
    });
  } catch (error) {
    throw violatedUnique(error) === "scripts_app_id_name" ? nameTaken() : error;
  }
}

interface Save {
  script: ScriptRow;
  live: typeof scriptVersions.$inferSelect;
  prepared: PreparedVersion | undefined;
  input: UpdateScriptInput;
}

async function save(tx: Queryable, ctx: CallerContext, { script, live, prepared, input }: Save) {
  const number = script.latestVersion + 1;
  let version = live;
  if (prepared !== undefined) {
    await requireFreeTriggers(tx, script, prepared);
    version = await insertVersion(tx, ctx, { scriptId: script.id, version: number }, prepared);
  }
  const [updated] = await tx
    .update(scripts)
    .set({
      name: input.name ?? script.name,
      description: input.description === undefined ? script.description : input.description,
      ...(prepared === undefined ? {} : { version: number, latestVersion: number }),
      updatedAt: new Date(ctx.deps.clock.now()),
    })
    .where(eq(scripts.id, script.id))
    .returning();
  if (updated === undefined) throw notFound();
  return { script: updated, version };
}

export async function readLive(db: Queryable, scriptId: string) {
  const [row] = await db
    .select({ script: scripts, live: scriptVersions })
    .from(scripts)
    .innerJoin(
      scriptVersions,
      and(eq(scriptVersions.scriptId, scripts.id), eq(scriptVersions.version, scripts.version)),
    )
    .where(eq(scripts.id, scriptId));
  if (row === undefined) throw notFound();
  return row;
}

function requireVersion(script: ScriptRow, expected: number | undefined): void {
  if (expected === undefined || expected === script.version) return;
  throw problem(
    "version_conflict",
    "Another version is live than the one expected; read it and try again",
    {
      details: { version: script.version },
    },
  );
}

/** What the new version is made of, or undefined when nothing that runs would change. */
function draftOf(
  ctx: CallerContext,
  live: typeof scriptVersions.$inferSelect,
  input: UpdateScriptInput,
): VersionDraft | undefined {
  const code = readCode(input) ?? {
    files: live.files,
    assets: live.assets,
    entry: live.entry,
  };
  const draft: VersionDraft = {
    ...code,
    static: input.static === undefined ? live.static : input.static,
    limits:
      input.limits === undefined ? live.limits : readLimits(input.limits, ctx.deps.config.ceilings),
    instance: input.instance ?? live.instance,
    access: input.access ?? live.access,
  };
  const { files, assets, static: mounts, entry, limits, instance, access } = live;
  const present = { files, assets, static: mounts, entry, limits, instance, access };
  return isDeepStrictEqual(draft, present) ? undefined : draft;
}
