/** util.format and what belongs to it. Inspection itself is in part `inspect`. */
import { usePart } from "../registry.ts";

interface InspectPart {
  inspectAsNode(value: unknown, options?: object): string;
}
export const inspectValue = (value: unknown, options?: object): string =>
  usePart<InspectPart>("inspect").inspectAsNode(value, options);

/** Whether an object's toString is someone's, and not the language's. */
function hasOwnText(value: object): boolean {
  if (typeof value.toString !== "function") return false;
  let holder: object | null = value;
  while (holder !== null && !Object.hasOwn(holder, "toString"))
    holder = Object.getPrototypeOf(holder) as object | null;
  const { constructor } = holder ?? {};
  return (
    holder === value ||
    typeof constructor !== "function" ||
    !Function.prototype.toString.call(constructor).includes("[native code]")
  );
}

function integerText(text: string): string {
  const number = Number.parseInt(text, 10);
  return Object.is(number, -0) ? "-0" : `${number}`;
}

const CONVERSIONS: Readonly<Record<string, (value: unknown, options?: object) => string>> = {
  s: (value, options) => {
    if (typeof value === "bigint") return `${value}n`;
    if (Object.is(value, -0)) return "-0";
    if (typeof value !== "object" || value === null) return String(value);
    return hasOwnText(value)
      ? String(value)
      : inspectValue(value, { ...options, depth: 0, colors: false, compact: 3 });
  },
  d: (value) =>
    typeof value === "bigint"
      ? `${value}n`
      : typeof value === "symbol" || typeof value === "object"
        ? "NaN"
        : `${Number(value)}`,
  i: (value) =>
    typeof value === "bigint"
      ? `${value}n`
      : typeof value === "symbol" || typeof value === "object"
        ? "NaN"
        : integerText(String(value)),
  f: (value) => (typeof value === "symbol" ? "NaN" : `${Number.parseFloat(String(value))}`),
  j: (value) => {
    try {
      return JSON.stringify(value);
    } catch (error) {
      if (error instanceof TypeError && /circular/i.test(error.message)) return "[Circular]";
      throw error;
    }
  },
  o: (value, options) =>
    inspectValue(value, { ...options, showHidden: true, showProxy: true, depth: 4 }),
  O: (value, options) => inspectValue(value, options),
  c: () => "",
};

export function formatWithOptions(options: object | undefined, ...args: unknown[]): string {
  const [first] = args;
  let used = 0;
  let text = "";
  if (typeof first === "string") {
    used = 1;
    text =
      args.length === 1
        ? first
        : first.replaceAll(/%[sdifjoOc%]/g, (token) => {
            const convert = CONVERSIONS[token.slice(1)];
            if (token === "%%") return "%";
            return convert === undefined || used >= args.length
              ? token
              : convert(args[used++], options);
          });
  }
  const rest = args
    .slice(used)
    .map((value) => (typeof value === "string" ? value : inspectValue(value, options)));
  return typeof first === "string" ? [text, ...rest].join(" ") : rest.join(" ");
}

export const format = (...args: unknown[]): string => formatWithOptions(undefined, ...args);
