import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Script } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { fetchApp } from "../context.ts";
import { listScripts, scriptId } from "../lookup.ts";
import type { Column } from "../output.ts";

export const SCRIPT_COLUMNS: readonly Column<Script>[] = [
  { title: "name", value: (script) => script.name },
  { title: "version", value: (script) => script.version },
  { title: "latest", value: (script) => script.latest_version },
  { title: "access", value: (script) => script.access },
  { title: "instance", value: (script) => script.instance },
  { title: "updated", value: (script) => script.updated_at },
  { title: "id", value: (script) => script.id },
];

export const SCRIPT = { name: "script", description: "APP/SCRIPT, or the script's id" } as const;

export const commands: readonly Command[] = [
  defineCommand({
    name: "scripts list",
    summary: "List the scripts of an app",
    args: [{ name: "app", description: "The app's slug or id", optional: true }],
    async run(ctx, { args }) {
      const client = await ctx.client();
      const app = args["app"];
      const scripts = app
        ? await listScripts(client, app)
        : (await client.page<Script>("/scripts")).items;
      ctx.list(scripts, SCRIPT_COLUMNS);
    },
  }),
  defineCommand({
    name: "scripts get",
    summary: "Show one script",
    args: [SCRIPT],
    async run(ctx, input) {
      const client = await ctx.client();
      const id = await scriptId(client, arg(input, "script"));
      ctx.item(await client.get<Script>(`/scripts/${id}`), SCRIPT_COLUMNS);
    },
  }),
  defineCommand({
    name: "scripts source",
    summary: "Print the source of the live version",
    args: [SCRIPT],
    async run(ctx, input) {
      const client = await ctx.client();
      const script = await client.get<Script>(
        `/scripts/${await scriptId(client, arg(input, "script"))}`,
      );
      const files = script.files ?? {};
      if (script.source !== undefined) ctx.io.stdout(script.source);
      else
        for (const [name, text] of Object.entries(files))
          ctx.io.stdout(`// ${name}\n${typeof text === "string" ? text : "(binary)"}\n`);
    },
  }),
  defineCommand({
    name: "scripts put",
    summary: "Create a script from one file, or save its next version",
    args: [
      { name: "app", description: "The app's slug or id" },
      { name: "file", description: "The TypeScript or JavaScript file" },
    ],
    options: {
      name: { type: "string", value: "NAME", description: "Name of the script (the file's name)" },
    },
    async run(ctx, input) {
      const client = await ctx.client();
      const file = arg(input, "file");
      const source = await readFile(resolve(ctx.io.cwd, file), "utf8");
      const name = input.options.name ?? basename(file).replace(/\.[^.]+$/, "");
      const app = await fetchApp(ctx, client, arg(input, "app"));
      const existing = (await listScripts(client, app.id)).find((script) => script.name === name);
      const saved = existing
        ? await client.put<Script>(`/scripts/${existing.id}`, { source })
        : await client.post<Script>("/scripts", { app_id: app.id, name, source });
      ctx.item(saved, SCRIPT_COLUMNS);
    },
  }),
  defineCommand({
    name: "scripts delete",
    summary: "Delete a script with its versions and routes",
    args: [SCRIPT],
    async run(ctx, input) {
      const client = await ctx.client();
      const reference = arg(input, "script");
      const id = await scriptId(client, reference);
      await ctx.confirm(`Delete the script ${reference}?`);
      await client.delete(`/scripts/${id}`);
      ctx.note(`Deleted the script ${reference}`);
    },
  }),
];
