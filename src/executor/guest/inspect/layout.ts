/** Puts written entries on one line or on many. */
import type { Inspection } from "./context.ts";

const SEPARATOR = 2;
const CHARACTER_HEIGHT = 2.5;
const COLUMNS_MAX = 15;
const SGR = /\u001B\[\d+m/g;
/** Characters that take two columns of a terminal, and those that take none. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u;
const NO_WIDTH = /\p{Mn}|\u200B/u;
const IS_ASCII = /^[\x00-\x7F]*$/;

export function textWidth(text: string): number {
  if (IS_ASCII.test(text)) return text.length;
  let width = 0;
  for (const char of text.normalize("NFC"))
    width += WIDE.test(char) ? 2 : NO_WIDTH.test(char) ? 0 : 1;
  return width;
}

const bare = (state: Inspection, text: string): string =>
  state.options.colors ? text.replaceAll(SGR, "") : text;

interface List {
  entries: string[];
  /** Numbers stand at the right of their columns. */
  numeric: boolean;
  /** The last entries that stand alone: what tells of more, and what is no item. */
  alone: number;
}

/** Arrays of more than six short entries go in columns. */
function columns(state: Inspection, { entries, numeric, alone }: List): string[] {
  const count = entries.length - alone;
  const widths = entries.slice(0, count).map((entry) => textWidth(bare(state, entry)));
  const longest = Math.max(0, ...widths);
  const total = widths.reduce((sum, width) => sum + width + SEPARATOR, 0);
  const cell = longest + SEPARATOR;
  const { breakLength } = state.options;
  if (cell * 3 + state.indent >= breakLength || (total / cell <= 5 && longest > 6)) return entries;
  const biased = Math.max(cell - 3 - Math.sqrt(cell - total / entries.length), 1);
  const perRow = Math.min(
    Math.round(Math.sqrt(CHARACTER_HEIGHT * biased * count) / biased),
    Math.floor((breakLength - state.indent) / cell),
    state.compact * 4,
    COLUMNS_MAX,
  );
  if (perRow <= 1) return entries;
  const cells = Array.from({ length: perRow }, (_, column) =>
    Math.max(0, ...widths.filter((_width, i) => i % perRow === column)),
  );
  const rows: string[] = [];
  for (let start = 0; start < count; start += perRow) {
    const end = Math.min(start + perRow, count);
    let row = "";
    for (let at = start; at < end; at++) {
      const entry = entries[at] ?? "";
      const padding = " ".repeat((cells[at - start] ?? 0) - (widths[at] ?? 0));
      const comma = at === end - 1 ? "" : ", ";
      if (numeric) row += padding + entry + comma;
      else row += comma === "" ? entry : entry + comma + padding;
    }
    rows.push(row);
  }
  return [...rows, ...entries.slice(count)];
}

export interface Frame {
  /** Stands before the opening brace. */
  base: string;
  open: string;
  close: string;
  /** Set for lists. */
  list: { numeric: boolean; alone: number } | null;
}

function fitsOneLine(state: Inspection, entries: readonly string[], frame: Frame): boolean {
  const { breakLength } = state.options;
  const { open, base } = frame;
  let total = entries.length * 2 + state.indent + open.length + base.length + 10;
  for (const entry of entries) {
    total += bare(state, entry).length;
    if (total > breakLength || entry.includes("\n")) return false;
  }
  return total <= breakLength && !base.includes("\n");
}

/** `depth`: of what is inside the braces. */
export function wrap(state: Inspection, entries: string[], frame: Frame, depth: number): string {
  const { base, open, close, list } = frame;
  const head = base === "" ? open : `${base} ${open}`;
  let rows = entries;
  if (state.compact > 0) {
    if (list !== null && entries.length > 6) rows = columns(state, { entries, ...list });
    if (
      state.currentDepth - depth < state.compact &&
      rows === entries &&
      fitsOneLine(state, rows, frame)
    )
      return `${head} ${rows.join(", ")} ${close}`;
  }
  const indent = " ".repeat(state.indent);
  const tail = state.options.trailingComma ? "," : "";
  return `${head}\n${indent}  ${rows.join(`,\n${indent}  `)}${tail}\n${indent}${close}`;
}
