import { arg, type Command, defineCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import type { ApiClient } from "../../client/api-client.ts";
import type { Files, Script, ScriptVersion } from "../../client/types.ts";
import { CliError, EXIT } from "../errors.ts";
import { scriptId } from "../lookup.ts";
import type { Column } from "../output.ts";
import { diffFiles } from "../diff.ts";
import { readProject } from "../project/config.ts";
import { collectFiles, folderOf } from "../project/files.ts";
import { SCRIPT, SCRIPT_COLUMNS } from "./scripts.ts";

const COLUMNS: readonly Column<ScriptVersion & { live: boolean }>[] = [
  { title: "version", value: (row) => row.version },
  { title: "live", value: (row) => (row.live ? "live" : "") },
  { title: "created", value: (row) => row.created_at },
  { title: "by", value: (row) => row.created_by },
  { title: "bytes", value: (row) => row.size_bytes },
  { title: "checksum", value: (row) => row.checksum },
];

export const commands: readonly Command[] = [
  defineCommand({
    name: "versions",
    summary: "List the versions of a script",
    args: [SCRIPT],
    async run(ctx, input) {
      const client = await ctx.client();
      const id = await scriptId(client, arg(input, "script"));
      const [script, page] = await Promise.all([
        client.get<Script>(`/scripts/${id}`),
        client.page<ScriptVersion>(`/scripts/${id}/versions`),
      ]);
      ctx.list(
        page.items.map((row) => ({ ...row, live: row.version === script.version })),
        COLUMNS,
      );
    },
  }),
  defineCommand({
    name: "rollback",
    summary: "Make an earlier version live again",
    args: [
      SCRIPT,
      { name: "version", description: "The version (the one before the live one)", optional: true },
    ],
    async run(ctx, input) {
      const client = await ctx.client();
      const id = await scriptId(client, arg(input, "script"));
      const wanted =
        input.args["version"] ?? String((await client.get<Script>(`/scripts/${id}`)).version - 1);
      assertVersion(wanted);
      const script = await client.post<Script>(`/scripts/${id}/versions/${wanted}:activate`);
      ctx.item(script, SCRIPT_COLUMNS);
      ctx.note(`Version ${script.version} is live`);
    },
  }),
  defineCommand({
    name: "diff",
    summary: "Show what differs between two versions, or the live one and a folder",
    args: [
      SCRIPT,
      {
        name: "from",
        description: "A version (the one before the live one; with --folder the live one)",
        optional: true,
      },
      { name: "to", description: "A version (the live one)", optional: true },
    ],
    options: {
      folder: {
        type: "string",
        short: "f",
        value: "FOLDER",
        description: "Compare with what this project folder would deploy",
      },
    },
    examples: ["pic diff shop/cart 3 5", "pic diff shop/cart --folder ."],
    async run(ctx, input) {
      const client = await ctx.client();
      const reference = arg(input, "script");
      const id = await scriptId(client, reference);
      const script = await client.get<Script>(`/scripts/${id}`);
      const { folder } = input.options;
      if (folder !== undefined) {
        const from = input.args["from"] ?? String(script.version);
        const before = await filesOf(client, id, from);
        return printDiff(ctx, diffFiles(before, await filesOfFolder(ctx, folder, script.name)));
      }
      const from = input.args["from"] ?? String(script.version - 1);
      const to = input.args["to"] ?? String(script.version);
      const [before, after] = await Promise.all([
        filesOf(client, id, from),
        filesOf(client, id, to),
      ]);
      printDiff(ctx, diffFiles(before, after));
    },
  }),
];

function printDiff(ctx: CliContext, text: string): void {
  if (text === "") ctx.note("No difference");
  else ctx.io.stdout(text);
}

async function filesOfFolder(ctx: CliContext, given: string, name: string): Promise<Files> {
  const folder = folderOf(ctx.io.cwd, given);
  const script = (await readProject(folder)).scripts[name];
  if (script === undefined)
    throw new CliError(EXIT.notFound, `The project in ${folder} has no script ${name}`);
  return collectFiles(folder, script);
}

async function filesOf(client: ApiClient, id: string, version: string): Promise<Files> {
  assertVersion(version);
  const found = await client.get<ScriptVersion>(`/scripts/${id}/versions/${version}`);
  return found.files ?? { "main.ts": found.source ?? "" };
}

function assertVersion(text: string): void {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new CliError(EXIT.usage, `\`${text}\` is no version`, "Versions count 1, 2, 3 ...");
}
