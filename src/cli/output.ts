/** Data on stdout in one of three forms: a table for people, TSV for pipes, JSON for programs. */
export type OutputFormat = "table" | "tsv" | "json";

export interface Column<T> {
  title: string;
  value(row: T): string | number | boolean | null | undefined;
}

export function renderList<T>(
  format: OutputFormat,
  rows: readonly T[],
  columns: readonly Column<T>[],
): string {
  if (format === "json") return `${JSON.stringify(rows, null, 2)}\n`;
  const cells = rows.map((row) => columns.map((column) => cell(column.value(row))));
  if (format === "tsv") return cells.map((line) => `${line.map(escapeTsv).join("\t")}\n`).join("");
  return renderTable([columns.map((column) => column.title), ...cells]);
}

/** One resource: JSON as it is, else a line a column. */
export function renderItem<T>(
  format: OutputFormat,
  item: T,
  columns: readonly Column<T>[],
): string {
  if (format === "json") return `${JSON.stringify(item, null, 2)}\n`;
  const rows = columns.map((column) => [column.title, cell(column.value(item))]);
  if (format === "tsv") return rows.map((line) => `${line.map(escapeTsv).join("\t")}\n`).join("");
  return renderTable(rows);
}

const cell = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined || value === "" ? "-" : String(value);

/** Tabs and line ends would break a row apart; escape them as PostgreSQL's COPY does. */
const escapeTsv = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");

function renderTable(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const line of lines) {
    line.forEach((text, index) => {
      widths[index] = Math.max(widths[index] ?? 0, Bun.stringWidth(printable(text)));
    });
  }
  const pad = (text: string, index: number): string =>
    text + " ".repeat((widths[index] ?? 0) - Bun.stringWidth(text));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, index) => pad(printable(text), index))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** What a server or a script named could hold terminal escapes: show them, never run them. */
export const printable = (text: string): string =>
  text.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
