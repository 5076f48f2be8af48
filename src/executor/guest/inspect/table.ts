/** console.table. */
import { inspect } from "./inspect.ts";

const ROWS_MAX = 1_000;

function rowsOf(data: object): [key: string, value: unknown][] {
  if (data instanceof Map)
    return [...data]
      .slice(0, ROWS_MAX)
      .map(([key, value], i) => [`${i}`, { Key: key, Values: value }]);
  if (data instanceof Set) return [...data].slice(0, ROWS_MAX).map((value, i) => [`${i}`, value]);
  return Object.entries(data).slice(0, ROWS_MAX);
}

/** Null for what has no rows. */
export function writeTable(data: unknown, wanted?: readonly string[]): string | null {
  if (typeof data !== "object" || data === null) return null;
  const rows = rowsOf(data);
  const columns: string[] = wanted === undefined ? [] : [...wanted];
  let hasValues = false;
  for (const [, value] of rows) {
    if (typeof value !== "object" || value === null) hasValues = true;
    else if (wanted === undefined)
      for (const key of Object.keys(value)) if (!columns.includes(key)) columns.push(key);
  }
  const header = [data instanceof Map || data instanceof Set ? "(iter idx)" : "(idx)", ...columns];
  if (hasValues) header.push("Values");
  const cells = rows.map(([key, value]) => {
    const isObject = typeof value === "object" && value !== null;
    const row = [
      key,
      ...columns.map((column) =>
        isObject && Object.hasOwn(value, column)
          ? cell((value as Record<string, unknown>)[column])
          : "",
      ),
    ];
    if (hasValues) row.push(isObject ? "" : cell(value));
    return row;
  });
  return draw(header, cells);
}

const cell = (value: unknown): string => inspect(value, { depth: 1 });

function draw(header: readonly string[], rows: readonly string[][]): string {
  const widths = header.map(
    (title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)) + 2,
  );
  const line = (cells: readonly string[]): string =>
    `│${cells.map((text, i) => ` ${text}`.padEnd(widths[i] ?? 0)).join("│")}│`;
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  return [
    rule("┌", "┬", "┐"),
    line(header),
    rule("├", "┼", "┤"),
    ...rows.map(line),
    rule("└", "┴", "┘"),
  ].join("\n");
}
