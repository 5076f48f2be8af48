import type { ApiKey } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { fetchApp } from "../context.ts";
import { CliError, EXIT } from "../errors.ts";
import type { Column } from "../output.ts";

const COLUMNS: readonly Column<ApiKey>[] = [
  { title: "name", value: (key) => key.name },
  { title: "prefix", value: (key) => key.prefix },
  { title: "scopes", value: (key) => key.scopes.join(",") },
  { title: "app", value: (key) => key.app_id },
  { title: "expires", value: (key) => key.expires_at },
  { title: "last used", value: (key) => key.last_used_at },
  { title: "id", value: (key) => key.id },
];

export const commands: readonly Command[] = [
  defineCommand({
    name: "api-keys list",
    summary: "List your API keys",
    async run(ctx) {
      ctx.list((await (await ctx.client()).page<ApiKey>("/api-keys")).items, COLUMNS);
    },
  }),
  defineCommand({
    name: "api-keys create",
    summary: "Create an API key; its token is printed this once",
    args: [{ name: "name", description: "What the key is for" }],
    options: {
      scope: {
        type: "string",
        short: "s",
        value: "SCOPE",
        multiple: true,
        description: "What it may do",
      },
      app: { type: "string", value: "APP", description: "Bind the key to one app" },
      expires: { type: "string", value: "TIME", description: "RFC 3339 time of its end" },
    },
    examples: ["pic api-keys create ci --app shop -s script:write -s route:write"],
    async run(ctx, input) {
      const { scope, app, expires } = input.options;
      if (scope.length === 0)
        throw new CliError(
          EXIT.usage,
          "A key needs at least one --scope",
          "Example: --scope script:read",
        );
      const client = await ctx.client();
      const body = {
        name: arg(input, "name"),
        scopes: scope,
        ...(app ? { app_id: (await fetchApp(ctx, client, app)).id } : {}),
        ...(expires ? { expires_at: expires } : {}),
      };
      const key = await client.post<ApiKey>("/api-keys", body);
      ctx.item(key, [...COLUMNS, { title: "token", value: (row) => row.raw_token }]);
      ctx.note("Keep the token now: it is not shown again");
    },
  }),
  defineCommand({
    name: "api-keys revoke",
    summary: "Revoke a key; it is dead at once",
    args: [{ name: "id", description: "The key's id" }],
    async run(ctx, input) {
      const id = arg(input, "id");
      await ctx.confirm(`Revoke the key ${id}?`);
      await (await ctx.client()).delete(`/api-keys/${encodeURIComponent(id)}`);
      ctx.note(`Revoked the key ${id}`);
    },
  }),
];
