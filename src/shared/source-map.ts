/** From positions in a script's bundled module back to the author's files (Source Map v3). */

export interface SourcePosition {
  file: string;
  /** Both count from 1. */
  line: number;
  column: number;
}

interface Segment {
  column: number;
  source: number;
  line: number;
  sourceColumn: number;
}

interface ParsedMap {
  sources: string[];
  /** By generated line; each sorted by column. */
  lines: Segment[][];
}

const DIGITS = new Map(
  Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", (char, i) => [
    char,
    i,
  ]),
);
/** Name of the bundled module in the stacks of a sandbox. */
export const MODULE_FILE = "script.js";
const FRAME = new RegExp(`${RegExp.escape(MODULE_FILE)}:(\\d+)(?::(\\d+))?`, "g");
/** The place of a frame, in the bundle or mapped already. */
const PLACE = /^\s*at .*?([^\s()]+?):(\d+)(?::(\d+))?\)?$/gm;
const PLATFORM_FRAME = /\((?:picloud:\w|builtin|native)/;
const CACHED_MAPS_MAX = 16;
const parsed = new Map<string, ParsedMap | null>();

/**
 * Rewrites every `script.js:line:column` of a stack, as QuickJS writes it, to the author's files. Frames of
 * the platform's own guest code are left out. What the map does not know stays as it is.
 */
export function mapStack(stack: string, sourceMapJson: string | null): string {
  return stack
    .split("\n")
    .filter((line) => !PLATFORM_FRAME.test(line))
    .map((line) => mapLine(line, sourceMapJson))
    .join("\n");
}

export const hasFrames = (text: string): boolean =>
  text.includes(MODULE_FILE) || text.includes("(native)");

/** As mapStack, for text that may hold a stack among other lines. */
export function mapFrames(text: string, sourceMapJson: string | null): string {
  if (!hasFrames(text)) return text;
  const isFrame = (line: string): boolean => /^\s*at /.test(line);
  return text
    .split("\n")
    .filter((line) => !isFrame(line) || !PLATFORM_FRAME.test(line))
    .map((line) => (isFrame(line) ? mapLine(line, sourceMapJson) : line))
    .join("\n");
}

const mapLine = (line: string, sourceMapJson: string | null): string =>
  sourceMapJson === null ? line : mapPlaces(line, sourceMapJson);

/** Rewrites each place in the bundle, and nothing else. */
export function mapPlaces(text: string, sourceMapJson: string): string {
  const map = parseMap(sourceMapJson);
  return text.replaceAll(FRAME, (place, row: string, column: string | undefined) => {
    const found = map === null ? null : lookUp(map, Number(row), Number(column ?? 1));
    return found === null ? place : `${found.file}:${found.line}:${found.column}`;
  });
}

/** Where a position (from 1) of the bundled module comes from; null where the map does not say. */
export function mapPosition(
  sourceMapJson: string,
  line: number,
  column: number,
): SourcePosition | null {
  const map = parseMap(sourceMapJson);
  return map === null ? null : lookUp(map, line, column);
}

/** The first place of a stack that is in one of the author's own files. */
export function firstAuthorPosition(stack: string, sourceMapJson: string): SourcePosition | null {
  for (const [, file = "", line, column] of stack.matchAll(PLACE)) {
    const at = { file, line: Number(line), column: Number(column ?? 1) };
    const found = file === MODULE_FILE ? mapPosition(sourceMapJson, at.line, at.column) : at;
    if (found !== null && !/^(?:(?:npm|picloud):|<)/.test(found.file)) return found;
  }
  return null;
}

function lookUp(map: ParsedMap, line: number, column: number): SourcePosition | null {
  const segments = map.lines[line - 1] ?? [];
  const segment = segments[Math.max(lastUpTo(segments, column - 1), 0)];
  const file = segment === undefined ? undefined : map.sources[segment.source];
  if (segment === undefined || file === undefined) return null;
  return { file, line: segment.line + 1, column: segment.sourceColumn + 1 };
}

/** Index of the last segment that begins at or before the column; -1 where none does. */
function lastUpTo(segments: readonly Segment[], column: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.column ?? 0) <= column) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Null for text that is no source map. Kept for the maps used last, by their text. */
function parseMap(json: string): ParsedMap | null {
  const known = parsed.get(json);
  if (known !== undefined) return known;
  const map = decodeMap(json);
  const [oldest] = parsed.keys();
  if (parsed.size >= CACHED_MAPS_MAX && oldest !== undefined) parsed.delete(oldest);
  parsed.set(json, map);
  return map;
}

function decodeMap(json: string): ParsedMap | null {
  try {
    const { sources, mappings } = JSON.parse(json) as { sources: string[]; mappings: string };
    const at: Segment = { column: 0, source: 0, line: 0, sourceColumn: 0 };
    const lines = mappings.split(";").map((line) => {
      at.column = 0;
      return line === "" ? [] : line.split(",").flatMap((text) => decodeSegment(text, at));
    });
    return { sources, lines };
  } catch {
    return null;
  }
}

function decodeSegment(text: string, at: Segment): Segment[] {
  const [column = 0, source, line, sourceColumn] = decodeNumbers(text);
  at.column += column;
  if (source === undefined || line === undefined || sourceColumn === undefined) return [];
  at.source += source;
  at.line += line;
  at.sourceColumn += sourceColumn;
  return [{ ...at }];
}

function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const char of text) {
    const digit = DIGITS.get(char) ?? 0;
    value += (digit & 31) * 2 ** shift;
    shift += 5;
    if (digit >= 32) continue;
    numbers.push(value % 2 === 1 ? -Math.floor(value / 2) : value / 2);
    value = 0;
    shift = 0;
  }
  return numbers;
}
