/** Help pages, rendered from the command data. */
import { type Command, GLOBAL_OPTIONS, type OptionSpec } from "./command.ts";
import { GROUPS, type GroupEntry } from "./registry.ts";

export function renderTopHelp(): string {
  const section = (title: string, entries: readonly GroupEntry[]): string[] => [
    `${title}:`,
    ...columns(entries.map((entry) => [entry.name, entry.summary])),
    "",
  ];
  return [
    "pic drives a PiCloud server: upload a TypeScript script, get an HTTP endpoint.",
    "",
    "Usage: pic <command> [arguments] [options]",
    "",
    ...GROUPS.flatMap((group) => section(group.title, group.entries)),
    ...optionSection("Options of every command", GLOBAL_OPTIONS),
    "Environment:",
    ...columns([
      ["PICLOUD_URL", "The server (http://127.0.0.1:8080)"],
      ["PICLOUD_TOKEN", "A session token or an API key"],
      ["PICLOUD_PROFILE", "The profile of the credentials file"],
      ["NO_COLOR", "No colour"],
    ]),
    "",
    "Exit codes: 0 ok, 1 failure, 2 usage, 3 not signed in, 4 not found, 5 conflict, 6 unavailable",
    "",
  ].join("\n");
}

/** The page of a noun: its verbs. */
export function renderNounHelp(noun: string, commands: readonly Command[]): string {
  return [
    `Usage: pic ${noun} <verb> [arguments] [options]`,
    "",
    "Verbs:",
    ...columns(
      commands.map((command) => [usageOf(command).slice(noun.length + 1), command.summary]),
    ),
    "",
    `Run \`pic ${noun} <verb> --help\` for one of them.`,
    "",
  ].join("\n");
}

export function renderCommandHelp(command: Command): string {
  const args = command.args ?? [];
  return [
    command.summary + ".",
    "",
    `Usage: pic ${usageOf(command)} [options]`,
    "",
    ...(command.description ? [command.description, ""] : []),
    ...(args.length > 0
      ? [
          "Arguments:",
          ...columns(args.map((spec) => [spec.name.toUpperCase(), spec.description])),
          "",
        ]
      : []),
    ...(command.options ? optionSection("Options", command.options) : []),
    ...optionSection("Options of every command", GLOBAL_OPTIONS),
    ...(command.examples ? ["Examples:", ...command.examples.map((line) => `  ${line}`), ""] : []),
  ].join("\n");
}

function usageOf(command: Command): string {
  const args = (command.args ?? []).map((spec) =>
    spec.optional ? `[${spec.name.toUpperCase()}]` : spec.name.toUpperCase(),
  );
  return [command.name, ...args].join(" ");
}

function optionSection(title: string, specs: Readonly<Record<string, OptionSpec>>): string[] {
  const rows = Object.entries(specs).map(([name, spec]): [string, string] => {
    const flag = `${spec.short ? `-${spec.short}, ` : "    "}--${name}`;
    const value = spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : "";
    const notes = [
      ...(spec.choices ? [`one of ${spec.choices.join(", ")}`] : []),
      ...(spec.multiple ? ["may be repeated"] : []),
    ];
    return [flag + value, spec.description + (notes.length > 0 ? ` (${notes.join("; ")})` : "")];
  });
  return [`${title}:`, ...columns(rows), ""];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
