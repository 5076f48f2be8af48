import type { App } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { fetchApp } from "../context.ts";
import type { Column } from "../output.ts";

const COLUMNS: readonly Column<App>[] = [
  { title: "slug", value: (app) => app.slug },
  { title: "name", value: (app) => app.name },
  { title: "role", value: (app) => app.my_role },
  { title: "created", value: (app) => app.created_at },
  { title: "id", value: (app) => app.id },
];

const APP = { name: "app", description: "The app's slug or id" } as const;
const path = (app: string): string => `/apps/${encodeURIComponent(app)}`;

export const commands: readonly Command[] = [
  defineCommand({
    name: "apps list",
    summary: "List the apps you may read",
    async run(ctx) {
      const page = await (await ctx.client()).page<App>("/apps");
      ctx.list(page.items, COLUMNS);
      if (page.next_cursor) ctx.note("note: there are more than 200 apps; the newest are shown");
    },
  }),
  defineCommand({
    name: "apps get",
    summary: "Show one app",
    args: [APP],
    async run(ctx, input) {
      ctx.item(await fetchApp(ctx, await ctx.client(), arg(input, "app")), COLUMNS);
    },
  }),
  defineCommand({
    name: "apps create",
    summary: "Create an app",
    args: [{ name: "slug", description: "Lower-case letters, digits and dashes" }],
    options: {
      name: { type: "string", value: "NAME", description: "Display name (the slug)" },
      description: { type: "string", value: "TEXT", description: "Description" },
    },
    async run(ctx, input) {
      const slug = arg(input, "slug");
      const { name, description } = input.options;
      const body = {
        slug,
        name: name ?? slug,
        ...(description === undefined ? {} : { description }),
      };
      ctx.item(await (await ctx.client()).post<App>("/apps", body), COLUMNS);
    },
  }),
  defineCommand({
    name: "apps rename",
    summary: "Give an app another slug; the old one keeps answering",
    args: [APP, { name: "slug", description: "The new slug" }],
    options: { force: { type: "boolean", description: "Take over a former slug of another app" } },
    async run(ctx, input) {
      const body = { slug: arg(input, "slug"), ...(input.options.force ? { force: true } : {}) };
      ctx.item(await (await ctx.client()).patch<App>(path(arg(input, "app")), body), COLUMNS);
    },
  }),
  defineCommand({
    name: "apps delete",
    summary: "Delete an app",
    args: [APP],
    options: { force: { type: "boolean", description: "With its scripts, routes and data" } },
    async run(ctx, input) {
      const app = arg(input, "app");
      await ctx.confirm(`Delete the app ${app}?`);
      await (
        await ctx.client()
      ).delete(path(app), input.options.force ? { force: true } : undefined);
      ctx.note(`Deleted the app ${app}`);
    },
  }),
];
