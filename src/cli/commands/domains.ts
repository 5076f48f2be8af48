import type { Domain } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import type { Column } from "../output.ts";

const COLUMNS: readonly Column<Domain>[] = [
  { title: "host", value: (domain) => domain.host },
  { title: "kind", value: (domain) => domain.kind },
  { title: "created", value: (domain) => domain.created_at },
  { title: "id", value: (domain) => domain.id },
];

const APP = { name: "app", description: "The app's slug or id" } as const;
const path = (app: string): string => `/apps/${encodeURIComponent(app)}/domains`;

export const commands: readonly Command[] = [
  defineCommand({
    name: "domains list",
    summary: "List the hosts an app has claimed",
    args: [APP],
    async run(ctx, input) {
      ctx.list((await (await ctx.client()).page<Domain>(path(arg(input, "app")))).items, COLUMNS);
    },
  }),
  defineCommand({
    name: "domains add",
    summary: "Claim a host",
    args: [APP, { name: "host", description: "shop.example.com, or *.example.com" }],
    async run(ctx, input) {
      ctx.item(
        await (
          await ctx.client()
        ).post<Domain>(path(arg(input, "app")), { host: arg(input, "host") }),
        COLUMNS,
      );
    },
  }),
  defineCommand({
    name: "domains remove",
    summary: "Give a host up",
    args: [APP, { name: "host", description: "The host, or the claim's id" }],
    async run(ctx, input) {
      const client = await ctx.client();
      const [app, host] = [arg(input, "app"), arg(input, "host")];
      const claims = await client.page<Domain>(path(app));
      const claim = claims.items.find(
        (domain) => domain.id === host || domain.host === host.toLowerCase(),
      );
      if (!claim)
        throw new CliError(
          EXIT.notFound,
          `The app ${app} has not claimed ${host}`,
          `See \`pic domains list ${app}\``,
        );
      await ctx.confirm(`Give up ${claim.host}?`);
      await client.delete(`${path(app)}/${claim.id}`);
      ctx.note(`Gave up ${claim.host}`);
    },
  }),
];
