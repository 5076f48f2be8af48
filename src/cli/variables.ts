/** `pic env` and `pic secrets` differ in one flag; their commands are made here. */
import type { EnvVariable } from "../client/types.ts";
import { arg, type Command, defineCommand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { CliError, EXIT } from "./errors.ts";
import type { Column } from "./output.ts";

const COLUMNS: readonly Column<EnvVariable>[] = [
  { title: "name", value: (variable) => variable.name },
  { title: "value", value: (variable) => (variable.secret ? "(secret)" : variable.value) },
  { title: "updated", value: (variable) => variable.updated_at },
];

const APP = { name: "app", description: "The app's slug or id" } as const;

const path = (app: string, name?: string): string =>
  `/apps/${encodeURIComponent(app)}/env${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;

export function variableCommands(noun: "env" | "secrets"): readonly Command[] {
  const secret = noun === "secrets";
  const what = secret ? "secret" : "variable";
  return [
    defineCommand({
      name: `${noun} list`,
      summary: `List the ${what}s of an app`,
      args: [APP],
      async run(ctx, input) {
        const page = await (await ctx.client()).page<EnvVariable>(path(arg(input, "app")));
        ctx.list(
          page.items.filter((variable) => variable.secret === secret),
          COLUMNS,
        );
      },
    }),
    defineCommand({
      name: `${noun} set`,
      summary: `Set a ${what}; it is in force with the next request`,
      args: [
        APP,
        { name: "name", description: `Name of the ${what}` },
        {
          name: "value",
          description: "Its value; without one it is asked for, or read from stdin",
          optional: true,
        },
      ],
      async run(ctx, input) {
        const name = arg(input, "name");
        const value = input.args["value"] ?? (await askValue(ctx, name, secret));
        const saved = await (
          await ctx.client()
        ).put<EnvVariable>(path(arg(input, "app"), name), { value, secret });
        ctx.item(saved, COLUMNS);
      },
    }),
    defineCommand({
      name: `${noun} unset`,
      summary: `Remove a ${what}`,
      args: [APP, { name: "name", description: `Name of the ${what}` }],
      async run(ctx, input) {
        const name = arg(input, "name");
        await ctx.confirm(`Remove the ${what} ${name}?`);
        await (await ctx.client()).delete(path(arg(input, "app"), name));
        ctx.note(`Removed the ${what} ${name}`);
      },
    }),
  ];
}

async function askValue(ctx: CliContext, name: string, hidden: boolean): Promise<string> {
  const asked = await ctx.io.ask(`${name}: `, { hidden });
  if (asked !== null) return asked;
  const text = new TextDecoder().decode(await ctx.io.readStdin());
  if (text === "")
    throw new CliError(
      EXIT.usage,
      `No value for ${name}`,
      "Give it as an argument or on standard input",
    );
  return text.replace(/\r?\n$/, "");
}
