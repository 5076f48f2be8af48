/** Strings, numbers, symbols and property names as the language writes them. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "\v": "\\v",
  "\\": "\\\\",
};
const NEEDS_ESCAPE = /[\x00-\x1f\x7f-\x9f\\]/g;
const IDENTIFIER = /^[a-zA-Z_]\w*$/;

let marks = ['"', "'", "`"];

/** Deno prefers double quotes, Node single ones. */
export function preferQuotes(mark: '"' | "'"): void {
  marks = [mark, mark === '"' ? "'" : '"', "`"];
}

/** In the preferred quotes, or in those that need no escape. */
export function quote(text: string): string {
  const first = marks[0] as string;
  const mark = marks.find((candidate) => !text.includes(candidate)) ?? first;
  const escaped = text
    .toWellFormed()
    .replace(
      NEEDS_ESCAPE,
      (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
  return mark + (mark === first ? escaped.replaceAll(mark, `\\${mark}`) : escaped) + mark;
}

export function writePrimitive(value: unknown, limit: number): string {
  switch (typeof value) {
    case "string":
      if (value.length <= limit) return quote(value);
      return `${quote(value.slice(0, limit))}... ${value.length - limit} more characters`;
    case "number":
      return Object.is(value, -0) ? "-0" : `${value}`;
    case "bigint":
      return `${value}n`;
    case "symbol":
      return writeSymbol(value);
    default:
      return String(value);
  }
}

export function writeSymbol(symbol: symbol): string {
  const { description } = symbol;
  if (description === undefined) return "Symbol()";
  return `Symbol(${description === "" || IDENTIFIER.test(description) || !/[\s"'\\]/.test(description) ? description : quote(description)})`;
}

export const writeKey = (key: string | symbol): string =>
  typeof key === "symbol" ? writeSymbol(key) : IDENTIFIER.test(key) ? key : quote(key);
