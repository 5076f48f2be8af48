import { spawn } from "node:child_process";
import type { Domain, VersionInfo } from "../../client/types.ts";
import { arg, type Command, defineCommand } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";

export const commands: readonly Command[] = [
  defineCommand({
    name: "open",
    summary: "Print or open the address of an app",
    args: [{ name: "app", description: "The app's slug or id" }],
    options: { browser: { type: "boolean", description: "Open it in the browser" } },
    async run(ctx, input) {
      const client = await ctx.client();
      const app = arg(input, "app");
      const { items } = await client.page<Domain>(`/apps/${encodeURIComponent(app)}/domains`);
      const claim = items.find((domain) => domain.kind === "strict");
      if (!claim)
        throw new CliError(
          EXIT.notFound,
          `The app ${app} has no host of its own`,
          `Claim one: \`pic domains add ${app} HOST\``,
        );
      const response = await client.send("GET", "/version");
      const { public_base_url } = (await response.json()) as VersionInfo;
      const base = new URL(public_base_url ?? client.baseUrl);
      const url = `${base.protocol}//${claim.host}${base.port ? `:${base.port}` : ""}/`;
      ctx.io.stdout(`${url}\n`);
      if (input.options.browser) openBrowser(url);
    },
  }),
];

function openBrowser(url: string): void {
  const command = process.platform === "darwin" ? "open" : "xdg-open";
  spawn(command, [url], { detached: true, stdio: "ignore" }).unref();
}
