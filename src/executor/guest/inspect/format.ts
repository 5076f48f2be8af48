/** printf-like messages of console, and what of a log call is message and what data. */
import { inspect } from "./inspect.ts";

const SPECIFIER = /%[sdifjoOc%]/g;

const toNumber = (value: unknown, parse: (text: string) => number): string => {
  if (typeof value === "bigint") return `${value}`;
  if (typeof value === "symbol" || (typeof value === "object" && value !== null)) return "NaN";
  return String(parse(String(value)));
};

function formatOne(specifier: string, value: unknown): string {
  switch (specifier) {
    case "%s":
      if (typeof value === "string") return value;
      return typeof value === "object" && value !== null
        ? inspect(value, { depth: 1 })
        : inspect(value);
    case "%d":
    case "%i":
      return toNumber(value, (text) => Number.parseInt(text, 10));
    case "%f":
      return toNumber(value, Number.parseFloat);
    case "%j":
      return safeJson(value);
    case "%c":
      return "";
    default:
      return inspect(value);
  }
}

/** Text of a template with its arguments put in, and the number of arguments that were used. */
export function formatTemplate(
  template: string,
  args: readonly unknown[],
): [text: string, used: number] {
  let used = 0;
  const text = template.replace(SPECIFIER, (specifier) => {
    if (specifier === "%%") return "%";
    if (used >= args.length) return specifier;
    return formatOne(specifier, args[used++]);
  });
  return [text, used];
}

/** Everything as one text, as terminals show it. */
export function formatAll(args: readonly unknown[]): string {
  if (args.length === 0) return "";
  const [first, ...rest] = args;
  if (typeof first !== "string")
    return args.map((arg) => (typeof arg === "string" ? arg : inspect(arg))).join(" ");
  const [text, used] =
    first.includes("%") && rest.length > 0 ? formatTemplate(first, rest) : [first, 0];
  const others = rest.slice(used).map((arg) => (typeof arg === "string" ? arg : inspect(arg)));
  return [text, ...others].join(" ");
}

function jsonReplacer(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key];
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function" || typeof value === "symbol") return inspect(value);
  if (Error.isError(raw)) {
    const { name, message, stack, cause } = raw;
    // oxlint-disable-next-line typescript/no-misused-spread -- an error's own properties are what is wanted
    return { ...raw, name, message, stack, ...(cause === undefined ? {} : { cause }) };
  }
  if (raw instanceof Map) return [...raw];
  if (raw instanceof Set) return [...raw];
  if (raw instanceof RegExp) return String(raw);
  if (ArrayBuffer.isView(raw)) return inspect(raw);
  return value;
}

/** JSON of any value: what JSON cannot hold is written as text. */
export function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, jsonReplacer) ?? "null";
  } catch {
    return JSON.stringify(inspect(value));
  }
}

/** First argument to message, the rest to data: one value, or an array of several. */
export function describeArguments(
  args: readonly unknown[],
): [message: string, dataJson: string | null] {
  if (args.length === 0) return ["", null];
  const [first, ...rest] = args;
  let message: string;
  let used = 0;
  if (typeof first !== "string") message = inspect(first);
  else if (first.includes("%") && rest.length > 0) [message, used] = formatTemplate(first, rest);
  else message = first;
  const data = rest.slice(used);
  if (data.length === 0) return [message, null];
  return [message, safeJson(data.length === 1 ? data[0] : data)];
}
