import { type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import type { ApiClient } from "../../client/api-client.ts";
import type { VersionInfo } from "../../client/types.ts";
import { describeFailure } from "../errors.ts";
import { frameOf } from "../project/code-frame.ts";
import { readProject, routesOf, type Project } from "../project/config.ts";
import { deployProject, type DeployResult } from "../project/deploy.ts";
import { folderOf } from "../project/files.ts";
import { watchFolder } from "../project/watch.ts";

export const commands: readonly Command[] = [
  defineCommand({
    name: "deploy",
    summary: "Upload a folder: scripts, routes, domains",
    description:
      "The folder's picloud.json (or the picloud key of its deno.json) names the app, its scripts with their\n" +
      "routes and limits, its domains, and the variables it needs. What is right already is left alone.",
    args: [{ name: "folder", description: "The project folder (.)", optional: true }],
    options: {
      "dry-run": { type: "boolean", description: "Only tell what would change" },
      watch: { type: "boolean", short: "w", description: "Deploy again after every save" },
      prune: { type: "boolean", description: "Remove routes that the project does not name" },
    },
    async run(ctx, { options, args }) {
      const folder = folderOf(ctx.io.cwd, args["folder"]);
      const client = await ctx.client();
      const deployOnce = async (): Promise<void> => {
        const project = await readProject(folder);
        const work = deployProject(client, {
          folder,
          project,
          dryRun: options["dry-run"],
          prune: options.prune,
        });
        await report(ctx, client, project, await ctx.progress(`Deploying ${project.app}`, work));
      };
      if (!options.watch) return withFrame(ctx, folder, deployOnce);
      const stop = new AbortController();
      process.once("SIGINT", () => stop.abort());
      const tolerant = async (): Promise<void> => {
        await withFrame(ctx, folder, deployOnce).catch((error: unknown) => {
          ctx.note(describeFailure(error).lines.join("\n"));
        });
      };
      await tolerant();
      await watchFolder(folder, stop.signal, tolerant);
    },
  }),
];

async function withFrame(
  ctx: CliContext,
  folder: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const frame = await frameOf(folder, error);
    if (frame) ctx.note(frame);
    throw error;
  }
}

async function report(
  ctx: CliContext,
  client: ApiClient,
  project: Project,
  result: DeployResult,
): Promise<void> {
  ctx.list(result.changes, [
    { title: "kind", value: (row) => row.kind },
    { title: "name", value: (row) => row.name },
    { title: "change", value: (row) => row.change },
  ]);
  for (const url of await addresses(client, project, result)) ctx.note(url);
}

async function addresses(
  client: ApiClient,
  project: Project,
  result: DeployResult,
): Promise<string[]> {
  const host = result.domains.find((domain) => !domain.startsWith("*."));
  if (!host) return [];
  const version = (await (await client.send("GET", "/version")).json()) as VersionInfo;
  const base = new URL(version.public_base_url ?? client.baseUrl);
  const origin = `${base.protocol}//${host}${base.port ? `:${base.port}` : ""}`;
  return Object.values(project.scripts).flatMap((script) =>
    routesOf(script).map(
      (route) =>
        `${route.host && !route.host.startsWith("*.") ? origin.replace(host, route.host) : origin}${route.path}`,
    ),
  );
}
