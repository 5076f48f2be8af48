/** console.table. */
import { inspect } from "./inspect.ts";
import { textWidth } from "./layout.ts";

const ROWS_MAX = 1_000;

type Cells = Record<string, string>;

interface Row {
  index: string;
  /** By column; null for a value that has none. */
  cells: Cells | null;
  value: string;
}

function itemsOf(data: object): [index: string, value: unknown][] {
  if (data instanceof Map)
    return [...data].map(([key, value], i) => [`${i}`, { Key: key, Values: value }]);
  if (data instanceof Set) return [...data].map((value, i) => [`${i}`, value]);
  return Object.entries(data);
}

const cellText = (value: unknown): string => inspect(value, { depth: 1, breakLength: Infinity });

function rowOf(index: string, value: unknown, wanted: readonly string[] | undefined): Row {
  const isObject = (typeof value === "object" || typeof value === "function") && value !== null;
  if (!isObject && wanted === undefined) return { index, cells: null, value: cellText(value) };
  const cells: Cells = {};
  if (isObject) {
    for (const name of wanted ?? Object.keys(value))
      if (name in value) cells[name] = cellText((value as Record<string, unknown>)[name]);
  }
  return { index, cells, value: "" };
}

/** In the order of their first rows, whole numbers before: as an object keeps its keys. */
function columnsOf(rows: readonly Row[]): string[] {
  const names: Record<string, true> = {};
  for (const { cells } of rows) for (const name of Object.keys(cells ?? {})) names[name] = true;
  return Object.keys(names);
}

/** Null for what has no rows. */
export function writeTable(data: unknown, wanted?: readonly string[]): string | null {
  if (typeof data !== "object" || data === null) return null;
  const rows = itemsOf(data)
    .slice(0, ROWS_MAX)
    .map(([index, value]) => rowOf(index, value, wanted));
  const names = wanted ?? columnsOf(rows);
  const isIterated = data instanceof Map || data instanceof Set;
  const columns = [[isIterated ? "(iter idx)" : "(idx)", ...rows.map(({ index }) => index)]];
  for (const name of names) columns.push([name, ...rows.map(({ cells }) => cells?.[name] ?? "")]);
  if (rows.some(({ cells }) => cells === null))
    columns.push(["Values", ...rows.map(({ value }) => value)]);
  return draw(columns);
}

/** Numbers stand at the right; the first cell of a column is its title. */
function columnLines(cells: readonly string[]): { width: number; lines: string[] } {
  const widths = cells.map(textWidth);
  const width = Math.max(...widths);
  const isNumeric = cells.slice(1).every((cell) => Number.isInteger(Number(cell)));
  const lines = cells.map((cell, i) => {
    const padding = " ".repeat(width - (widths[i] ?? 0));
    return isNumeric && i > 0 ? padding + cell : cell + padding;
  });
  return { width, lines };
}

function draw(columns: readonly string[][]): string {
  const drawn = columns.map(columnLines);
  const line = (at: number): string =>
    `│ ${drawn.map(({ lines }) => lines[at] ?? "").join(" │ ")} │`;
  const rule = (left: string, middle: string, right: string): string =>
    left + drawn.map(({ width }) => "─".repeat(width + 2)).join(middle) + right;
  const body = columns[0]?.slice(1).map((_, row) => line(row + 1)) ?? [];
  return [rule("┌", "┬", "┐"), line(0), rule("├", "┼", "┤"), ...body, rule("└", "┴", "┘")].join(
    "\n",
  );
}
