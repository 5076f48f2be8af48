/** From argv to a command's input, by node's own parser; every refusal is a usage error. */
import { parseArgs } from "node:util";
import { type Command, GLOBAL_OPTIONS, type OptionSpec, type OptionSpecs } from "./command.ts";
import { usageError } from "./errors.ts";

export interface Parsed {
  options: Record<string, string | boolean | string[] | undefined>;
  args: Record<string, string>;
}

export function parseCommandLine(command: Command, argv: string[]): Parsed {
  const specs: OptionSpecs = { ...GLOBAL_OPTIONS, ...command.options };
  const { values, positionals } = parseOrExplain(command, specs, argv);
  const options: Parsed["options"] = {};
  for (const [name, spec] of Object.entries(specs)) {
    options[name] = readOption(command, name, spec, values[name]);
  }
  return { options, args: values["help"] === true ? {} : readArguments(command, positionals) };
}

type RawValue = string | boolean | (string | boolean)[] | undefined;

function parseOrExplain(command: Command, specs: OptionSpecs, argv: string[]) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      {
        type: spec.type,
        multiple: spec.multiple ?? false,
        ...(spec.short ? { short: spec.short } : {}),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as Record<string, RawValue>, positionals };
  } catch (error) {
    const message = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    throw usageError(message.replaceAll("'", "`"), command.name);
  }
}

function readOption(command: Command, name: string, spec: OptionSpec, value: RawValue) {
  if (spec.type === "boolean") return value === true;
  if (spec.multiple) return Array.isArray(value) ? value.map(String) : [];
  if (value === undefined) return undefined;
  const text = String(value);
  if (spec.choices && !spec.choices.includes(text)) {
    throw usageError(
      `Option --${name} takes one of ${spec.choices.join(", ")}, not \`${text}\``,
      command.name,
    );
  }
  return text;
}

function readArguments(command: Command, positionals: string[]): Record<string, string> {
  const specs = command.args ?? [];
  const required = specs.filter((spec) => !spec.optional).length;
  if (positionals.length < required) {
    throw usageError(
      `Missing argument ${specs[positionals.length]?.name.toUpperCase()}`,
      command.name,
    );
  }
  if (positionals.length > specs.length) {
    throw usageError(`Unexpected argument \`${positionals[specs.length]}\``, command.name);
  }
  const args: Record<string, string> = {};
  positionals.forEach((value, index) => {
    const spec = specs[index];
    if (spec) args[spec.name] = value;
  });
  return args;
}
