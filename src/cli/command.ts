/** Commands are data: what they take is declared, and help, parsing and completions come from it. */
import type { CliContext } from "./context.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly description: string;
  readonly short?: string;
  readonly multiple?: boolean;
  /** Placeholder of the value in the help, such as `SLUG`. */
  readonly value?: string;
  readonly choices?: readonly string[];
}

export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type OptionValues<O extends OptionSpecs> = {
  [K in keyof O]: O[K]["type"] extends "boolean"
    ? boolean
    : O[K] extends { readonly multiple: true }
      ? string[]
      : string | undefined;
};

export interface CommandInput<O extends OptionSpecs> {
  options: OptionValues<O>;
  /** Positional arguments by name; a missing optional one is absent. */
  args: Record<string, string>;
}

export interface CommandSpec<O extends OptionSpecs> {
  /** Words after `pic`: `apps create`. */
  name: string;
  summary: string;
  description?: string;
  args?: readonly ArgumentSpec[];
  options?: O;
  examples?: readonly string[];
  /** Returns an exit code only where success has shades, as `invoke` has. */
  run(ctx: CliContext, input: CommandInput<O>): Promise<number | void>;
}

/** A command with its option types erased, as the registry holds it. */
export type Command = CommandSpec<OptionSpecs>;

export function defineCommand<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  return spec;
}

/** The argument by its declared name; the parser has made sure that required ones are there. */
export function arg(input: { args: Record<string, string> }, name: string): string {
  const value = input.args[name];
  if (value === undefined) throw new Error(`Argument ${name} was not declared as required`);
  return value;
}

export const GLOBAL_OPTIONS = {
  output: {
    type: "string",
    short: "o",
    value: "FORMAT",
    choices: ["table", "tsv", "json"],
    description: "How data is printed (table on a terminal, tsv in a pipe)",
  },
  url: {
    type: "string",
    value: "URL",
    description: "The server, in place of PICLOUD_URL or the profile's",
  },
  profile: {
    type: "string",
    value: "NAME",
    description: "The profile, in place of PICLOUD_PROFILE",
  },
  yes: { type: "boolean", short: "y", description: "Do not ask before something is destroyed" },
  help: { type: "boolean", short: "h", description: "Show this help" },
} as const satisfies OptionSpecs;
