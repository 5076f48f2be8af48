/** util.parseArgs: options and positionals of a command line. */
import { nodeError } from "../node-buffer/errors.ts";

interface Option {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  default?: unknown;
}
interface Config {
  args?: string[];
  options?: Record<string, Option>;
  strict?: boolean;
  allowPositionals?: boolean;
  allowNegative?: boolean;
  tokens?: boolean;
}
type Token = Record<string, unknown>;

const unknownOption = (name: string): Error =>
  nodeError(TypeError, "ERR_PARSE_ARGS_UNKNOWN_OPTION", `Unknown option '${name}'`);
const invalidOption = (message: string): Error =>
  nodeError(TypeError, "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", message);

export function parseArgs(config: Config = {}): {
  values: Record<string, unknown>;
  positionals: string[];
  tokens?: Token[];
} {
  const { options = {}, strict = true, allowPositionals = !strict } = config;
  const values = Object.create(null) as Record<string, unknown>;
  const positionals: string[] = [];
  const tokens = tokenize(config.args ?? [], options, config.allowNegative === true);
  for (const token of tokens) {
    if (token["kind"] === "positional") {
      if (!allowPositionals)
        throw nodeError(
          TypeError,
          "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL",
          `Unexpected argument '${String(token["value"])}'. This command does not take positional arguments`,
        );
      positionals.push(String(token["value"]));
    } else if (token["kind"] === "option") store(values, token, options, strict);
  }
  for (const [name, option] of Object.entries(options))
    if (option.default !== undefined && values[name] === undefined) values[name] = option.default;
  return config.tokens === true ? { values, positionals, tokens } : { values, positionals };
}

function tokenize(
  args: string[],
  options: Record<string, Option>,
  allowNegative: boolean,
): Token[] {
  const tokens: Token[] = [];
  const byShort = (letter: string): string =>
    Object.keys(options).find((name) => options[name]?.short === letter) ?? letter;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === "--") {
      tokens.push({ kind: "option-terminator", index });
      for (index++; index < args.length; index++)
        tokens.push({ kind: "positional", index, value: args[index] });
    } else if (arg.startsWith("--")) {
      const at = arg.indexOf("=");
      const raw = at < 0 ? arg.slice(2) : arg.slice(2, at);
      const negative =
        allowNegative && raw.startsWith("no-") && options[raw.slice(3)]?.type === "boolean";
      const token: Token = {
        kind: "option",
        name: raw,
        rawName: `--${raw}`,
        index,
        value: at < 0 ? undefined : arg.slice(at + 1),
        inlineValue: at < 0 ? undefined : true,
      };
      if (negative) Object.assign(token, { name: raw.slice(3), negative });
      if (at < 0 && options[raw]?.type === "string" && args[index + 1] !== undefined)
        Object.assign(token, { value: args[++index], inlineValue: false });
      tokens.push(token);
    } else if (arg.startsWith("-") && arg.length > 1) {
      for (let at = 1; at < arg.length; at++) {
        const name = byShort(arg[at] as string);
        const token: Token = {
          kind: "option",
          name,
          rawName: `-${arg[at]}`,
          index,
          value: undefined,
          inlineValue: undefined,
        };
        tokens.push(token);
        if (options[name]?.type !== "string") continue;
        if (at + 1 < arg.length)
          Object.assign(token, { value: arg.slice(at + 1), inlineValue: true });
        else if (args[index + 1] !== undefined)
          Object.assign(token, { value: args[++index], inlineValue: false });
        break;
      }
    } else tokens.push({ kind: "positional", index, value: arg });
  }
  return tokens;
}

function store(
  values: Record<string, unknown>,
  token: Token,
  options: Record<string, Option>,
  strict: boolean,
): void {
  const name = String(token["name"]);
  const option = options[name];
  const raw = String(token["rawName"]);
  if (strict && option === undefined) throw unknownOption(raw);
  if (strict && option?.type === "string" && typeof token["value"] !== "string")
    throw invalidOption(`Option '${raw} <value>' argument missing`);
  if (strict && option?.type === "boolean" && token["value"] !== undefined)
    throw invalidOption(`Option '${raw}' does not take an argument`);
  const value = token["value"] ?? token["negative"] !== true;
  if (option?.multiple === true)
    values[name] = [...((values[name] as unknown[] | undefined) ?? []), value];
  else values[name] = value;
}
