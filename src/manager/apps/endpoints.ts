import * as v from "valibot";
import { anyCaller, inApp, inInstance } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { pageAnswer, slug } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { viewApp } from "./app-view.ts";
import { createApp } from "./create-app.ts";
import { deleteApp } from "./delete-app.ts";
import { slugRedirect } from "./find-app.ts";
import { listApps } from "./list-apps.ts";
import {
  appView,
  checkSlugInput,
  checkSlugView,
  createAppInput,
  deleteAppQuery,
  updateAppInput,
} from "./schemas.ts";
import { slugObstacle } from "./slugs.ts";
import { updateApp } from "./update-app.ts";

export const appEndpoints = [
  endpoint({
    method: "get",
    path: "/apps",
    summary: "The apps that the caller may read",
    access: anyCaller,
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(appView),
    handle: async ({ ctx, query }) => await listApps(ctx, readPage(query)),
  }),
  endpoint({
    method: "post",
    path: "/apps",
    summary: "Create an app",
    access: inInstance("InstanceCreateApp"),
    body: createAppInput,
    status: 201,
    answer: appView,
    problems: ["slug_taken", "slug_in_history"],
    handle: async ({ ctx, body }) => viewApp(await createApp(ctx, body), "app_admin"),
  }),
  endpoint({
    method: "post",
    path: "/apps/slug:check",
    summary: "Whether a slug is free",
    access: anyCaller,
    body: checkSlugInput,
    status: 200,
    answer: checkSlugView,
    handle: async ({ ctx, body }) => {
      if (!v.is(slug, body.slug)) return { available: false, reason: "invalid" };
      const reason = await slugObstacle(ctx.deps.database.db, body.slug, null);
      return reason === null ? { available: true } : { available: false, reason };
    },
  }),
  endpoint({
    method: "get",
    path: "/apps/:app",
    summary: "One app",
    access: inApp("AppRead"),
    status: 200,
    answer: appView,
    handle: async ({ target }) => viewApp(target.app, target.role),
  }),
  endpoint({
    method: "patch",
    path: "/apps/:app",
    summary: "Rename or describe an app",
    access: inApp("AppAdmin"),
    body: updateAppInput,
    status: 200,
    answer: appView,
    problems: ["slug_taken", "slug_in_history"],
    handle: async ({ ctx, target, body }) => {
      const app = await updateApp(ctx, target.app.id, body);
      return {
        ...viewApp(app, target.role),
        ...slugRedirect({ ...target, app }),
      };
    },
  }),
  endpoint({
    method: "delete",
    path: "/apps/:app",
    summary: "Delete an app with all that belongs to it",
    access: inApp("AppAdmin"),
    query: deleteAppQuery,
    status: 204,
    problems: ["has_scripts", "has_data"],
    handle: async ({ ctx, target, query }) =>
      await deleteApp(ctx, target.app.id, query.force === "true"),
  }),
];
