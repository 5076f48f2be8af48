/** Puts written entries on one line or on many. */
import type { Inspection } from "./context.ts";

const SEPARATOR = 2;
const CHARACTER_HEIGHT = 2.5;
/** Levels of nesting that fit one line. */
const COMPACT = 3;

/** Arrays of more than six short entries go in columns; a last entry that tells of more stands alone. */
export function columns(
  state: Inspection,
  entries: string[],
  numeric: boolean,
  more: boolean,
): string[] {
  const count = more ? entries.length - 1 : entries.length;
  const lengths = entries.slice(0, count).map((entry) => entry.length);
  const longest = Math.max(...lengths);
  const total = lengths.reduce((sum, length) => sum + length + SEPARATOR, 0);
  const cell = longest + SEPARATOR;
  const { breakLength } = state.options;
  if (cell * 3 + state.indent >= breakLength || (total / cell <= 5 && longest > 6)) return entries;
  const biased = Math.max(cell - 3 - Math.sqrt(cell - total / entries.length), 1);
  const perRow = Math.min(
    Math.round(Math.sqrt(CHARACTER_HEIGHT * biased * count) / biased),
    Math.floor((breakLength - state.indent) / cell),
    COMPACT * 4,
    15,
  );
  if (perRow <= 1) return entries;
  const rows: string[] = [];
  for (let start = 0; start < count; start += perRow)
    rows.push(row(entries, lengths, start, perRow, numeric));
  if (more) rows.push(entries[count] as string);
  return rows;
}

function row(
  entries: string[],
  lengths: number[],
  start: number,
  perRow: number,
  numeric: boolean,
): string {
  const end = Math.min(start + perRow, lengths.length);
  let text = "";
  for (let at = start; at < end; at++) {
    let width = 0;
    for (let i = at - start; i < lengths.length; i += perRow)
      width = Math.max(width, lengths[i] as number);
    const entry = entries[at] as string;
    if (at === end - 1) text += numeric ? entry.padStart(width) : entry;
    else
      text += numeric
        ? `${entry}, `.padStart(width + SEPARATOR)
        : `${entry}, `.padEnd(width + SEPARATOR);
  }
  return text;
}

export function wrap(
  state: Inspection,
  entries: string[],
  prefix: string,
  open: string,
  close: string,
  grouped = false,
): string {
  const { options } = state;
  const head = prefix === "" ? open : `${prefix} ${open}`;
  if (entries.length === 0) return `${head}${close}`;
  if (options.compact && !grouped && state.deepest - state.depth < COMPACT) {
    const start = entries.length + state.indent + head.length + 10;
    const total = entries.reduce((sum, entry) => sum + entry.length, start) + entries.length;
    const shallow = !entries.some((entry) => entry.includes("\n"));
    if (shallow && total <= options.breakLength) return `${head} ${entries.join(", ")} ${close}`;
  }
  const pad = `\n${" ".repeat(state.indent + 2)}`;
  const tail = options.trailingComma ? "," : "";
  return `${head}${pad}${entries.join(`,${pad}`)}${tail}\n${" ".repeat(state.indent)}${close}`;
}
