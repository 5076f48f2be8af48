import { and, eq } from "drizzle-orm";
import * as v from "valibot";
import { requireApp } from "../authz/require.ts";
import type { CallerContext } from "../context.ts";
import { scriptVersions } from "../db/tables/scripts.ts";
import { anyCaller, inNamedApp, ofScript } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { pageAnswer } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { notFound } from "../problems.ts";
import type { ProblemCode } from "../problems.ts";
import { activateVersion } from "./activate-version.ts";
import { createScript } from "./create-script.ts";
import { deleteScript } from "./delete-script.ts";
import { listScripts, listVersions } from "./list-scripts.ts";
import * as schemas from "./schemas.ts";
import { viewContents, viewScript, viewVersionSummary } from "./script-view.ts";
import { readLive, updateScript } from "./update-script.ts";

const SAVE_PROBLEMS: readonly ProblemCode[] = [
  "name_taken",
  "invalid_source",
  "evaluation_failed",
  "limit_above_ceiling",
  "unknown_limit",
  "listener_conflict",
  "cron_name_taken",
  "executor_unavailable",
];

export const scriptEndpoints = [
  endpoint({
    method: "get",
    path: "/scripts",
    summary: "The scripts that the caller may read, without their source",
    access: anyCaller,
    query: v.object({ ...pageQuery, app: v.optional(v.string()) }),
    status: 200,
    answer: pageAnswer(schemas.scriptSummaryView),
    handle: async ({ ctx, query }) => await listScripts(ctx, query.app, readPage(query)),
  }),
  endpoint({
    method: "post",
    path: "/scripts",
    summary: "Save a new script and make it live",
    access: inNamedApp("AppWriteScript"),
    body: schemas.createScriptInput,
    status: 201,
    answer: schemas.scriptView,
    problems: SAVE_PROBLEMS,
    handle: async ({ ctx, target, body }) => {
      const { app } = await requireApp(ctx, body.app_id, target);
      return view(ctx, await createScript(ctx, app.id, body));
    },
  }),
  endpoint({
    method: "get",
    path: "/scripts/:id",
    summary: "One script with its live version's code",
    access: ofScript("AppRead"),
    status: 200,
    answer: schemas.scriptView,
    handle: async ({ ctx, target }) => {
      const { script, live } = await readLive(ctx.deps.database.db, target.script.id);
      return view(ctx, { script, version: live });
    },
  }),
  endpoint({
    method: "put",
    path: "/scripts/:id",
    summary: "Save a new version and make it live",
    access: ofScript("AppWriteScript"),
    body: schemas.updateScriptInput,
    status: 200,
    answer: schemas.scriptView,
    problems: [...SAVE_PROBLEMS, "version_conflict"],
    handle: async ({ ctx, target, body }) =>
      view(ctx, await updateScript(ctx, target.script.id, body)),
  }),
  endpoint({
    method: "delete",
    path: "/scripts/:id",
    summary: "Delete a script with its versions and routes",
    access: ofScript("AppAdmin"),
    status: 204,
    handle: async ({ ctx, target }) => await deleteScript(ctx, target.script),
  }),
  endpoint({
    method: "get",
    path: "/scripts/:id/versions",
    summary: "The versions of a script, newest first",
    access: ofScript("AppRead"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(schemas.versionSummaryView),
    handle: async ({ ctx, target, query }) =>
      await listVersions(ctx, target.script, readPage(query)),
  }),
  endpoint({
    method: "get",
    path: "/scripts/:id/versions/:n",
    summary: "One version with its code",
    access: ofScript("AppRead"),
    status: 200,
    answer: schemas.versionView,
    handle: async ({ ctx, target, params }) => {
      const [row] = await ctx.deps.database.db
        .select()
        .from(scriptVersions)
        .where(
          and(
            eq(scriptVersions.scriptId, target.script.id),
            eq(scriptVersions.version, versionNumber(params["n"])),
          ),
        );
      if (row === undefined) throw notFound();
      return {
        ...viewVersionSummary(row, target.script.version, ctx.deps.config.ceilings),
        ...viewContents(row),
      };
    },
  }),
  endpoint({
    method: "post",
    path: "/scripts/:id/versions/:n{[^/]+:activate}",
    summary: "Make a stored version the one that runs",
    access: ofScript("AppWriteScript"),
    status: 200,
    answer: schemas.scriptView,
    problems: ["listener_conflict", "cron_name_taken"],
    handle: async ({ ctx, target, params }) => {
      const number = versionNumber(params["n"]?.replace(/:activate$/, ""));
      return view(ctx, await activateVersion(ctx, target.script, number));
    },
  }),
];

const view = (ctx: CallerContext, { script, version }: Awaited<ReturnType<typeof createScript>>) =>
  viewScript(script, version, ctx.deps.config.ceilings);

/** Anything that is no version number answers like a version that is not there. */
function versionNumber(text: string | undefined): number {
  if (text === undefined || !/^[1-9][0-9]{0,8}$/.test(text)) throw notFound();
  return Number(text);
}
