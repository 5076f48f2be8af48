import type { Route } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { fetchApp } from "../context.ts";
import { scriptId } from "../lookup.ts";
import type { Column } from "../output.ts";
import { SCRIPT } from "./scripts.ts";

const COLUMNS: readonly Column<Route>[] = [
  { title: "method", value: (route) => route.method },
  { title: "host", value: (route) => route.host },
  { title: "path", value: (route) => route.path },
  { title: "kind", value: (route) => route.path_kind },
  { title: "id", value: (route) => route.id },
];

const METHOD = {
  type: "string",
  short: "m",
  value: "METHOD",
  description: "HTTP method (every one)",
} as const;
const HOST = { type: "string", value: "HOST", description: "Only this host, or *.suffix" } as const;

interface CheckAnswer {
  ok: boolean;
  conflicting_route?: Route;
}

interface MatchAnswer {
  matched: boolean;
  app: { slug: string } | null;
  route: Route | null;
  script: { id: string; name: string } | null;
  params: Record<string, string> | null;
  rest: string | null;
}

export const commands: readonly Command[] = [
  defineCommand({
    name: "routes list",
    summary: "List the routes of a script",
    args: [SCRIPT],
    async run(ctx, input) {
      const client = await ctx.client();
      const id = await scriptId(client, arg(input, "script"));
      ctx.list((await client.page<Route>(`/scripts/${id}/routes`)).items, COLUMNS);
    },
  }),
  defineCommand({
    name: "routes add",
    summary: "Send requests of a path to a script",
    args: [SCRIPT, { name: "path", description: "/exact, /users/:id or /prefix/*" }],
    options: {
      method: METHOD,
      host: HOST,
      "host-param": {
        type: "string",
        value: "NAME",
        description: "Name for what a wildcard host captured",
      },
    },
    examples: ["pic routes add shop/cart /cart/:id --method GET"],
    async run(ctx, input) {
      const client = await ctx.client();
      const { method, host, "host-param": hostParam } = input.options;
      const body = {
        path: arg(input, "path"),
        ...(method ? { method } : {}),
        ...(host ? { host } : {}),
        ...(hostParam ? { host_param_name: hostParam } : {}),
      };
      const id = await scriptId(client, arg(input, "script"));
      ctx.item(await client.post<Route>(`/scripts/${id}/routes`, body), COLUMNS);
    },
  }),
  defineCommand({
    name: "routes remove",
    summary: "Remove a route",
    args: [{ name: "id", description: "The route's id" }],
    async run(ctx, input) {
      const id = arg(input, "id");
      await ctx.confirm(`Remove the route ${id}?`);
      await (await ctx.client()).delete(`/routes/${encodeURIComponent(id)}`);
      ctx.note(`Removed the route ${id}`);
    },
  }),
  defineCommand({
    name: "routes check",
    summary: "Tell whether a route would conflict",
    args: [
      { name: "app", description: "The app's slug or id" },
      { name: "path", description: "The path" },
    ],
    options: { method: METHOD, host: HOST },
    async run(ctx, input) {
      const client = await ctx.client();
      const app = await fetchApp(ctx, client, arg(input, "app"));
      const { method, host } = input.options;
      const body = {
        app_id: app.id,
        method: method ?? "*",
        path: arg(input, "path"),
        ...(host ? { host } : {}),
      };
      ctx.item(await client.post<CheckAnswer>("/routes:check", body), [
        { title: "ok", value: (answer) => answer.ok },
        { title: "conflicts with", value: (answer) => answer.conflicting_route?.path },
      ]);
    },
  }),
  defineCommand({
    name: "routes match",
    summary: "Show which route would answer a URL",
    args: [{ name: "url", description: "The whole URL" }],
    options: { method: METHOD },
    async run(ctx, input) {
      const body = { method: input.options.method ?? "GET", url: arg(input, "url") };
      ctx.item(await (await ctx.client()).post<MatchAnswer>("/routes:match", body), [
        { title: "matched", value: (answer) => answer.matched },
        { title: "app", value: (answer) => answer.app?.slug },
        { title: "script", value: (answer) => answer.script?.name },
        { title: "path", value: (answer) => answer.route?.path },
        {
          title: "params",
          value: (answer) => (answer.params ? JSON.stringify(answer.params) : null),
        },
        { title: "rest", value: (answer) => answer.rest },
      ]);
    },
  }),
];
