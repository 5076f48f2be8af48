/** Positions in a script's bundle back to the author's files. */
import type { ExecError, ExecutableScript } from "../../shared/execution.ts";

interface SourceMapV3 {
  sources: string[];
  mappings: string;
}

/** [generated column, source, line, column], all zero-based, by generated line. */
type Segments = (readonly [number, number, number, number])[][];

export interface Position {
  file: string;
  line: number;
  column: number;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGITS = new Map([...ALPHABET].map((character, value) => [character, value]));

function decodeNumbers(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = DIGITS.get(character) ?? 0;
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function decodeMappings(mappings: string): Segments {
  let source = 0;
  let line = 0;
  let column = 0;
  return mappings.split(";").map((text) => {
    let generated = 0;
    const segments: (readonly [number, number, number, number])[] = [];
    for (const segment of text.split(",")) {
      const [skip, sources, lines, columns] = decodeNumbers(segment);
      if (skip === undefined) continue;
      generated += skip;
      if (sources === undefined || lines === undefined || columns === undefined) continue;
      source += sources;
      line += lines;
      column += columns;
      segments.push([generated, source, line, column]);
    }
    return segments;
  });
}

const decoded = new WeakMap<ExecutableScript, { map: SourceMapV3; segments: Segments } | null>();

function mapOf(script: ExecutableScript): { map: SourceMapV3; segments: Segments } | null {
  const known = decoded.get(script);
  if (known !== undefined) return known;
  let result: { map: SourceMapV3; segments: Segments } | null = null;
  try {
    const map = script.sourceMap === null ? null : (JSON.parse(script.sourceMap) as SourceMapV3);
    if (map !== null) result = { map, segments: decodeMappings(map.mappings) };
  } catch {
    // A broken map only costs the mapping.
  }
  decoded.set(script, result);
  return result;
}

/** One-based position in the bundle to the author's file; undefined where the map has nothing. */
export function originalPosition(
  script: ExecutableScript,
  line: number,
  column: number,
): Position | undefined {
  const found = mapOf(script);
  const segments = found?.segments[line - 1];
  if (found === null || segments === undefined) return undefined;
  let best: readonly [number, number, number, number] | undefined = segments[0];
  for (const segment of segments) {
    if (segment[0] > column - 1) break;
    best = segment;
  }
  const file = best === undefined ? undefined : found.map.sources[best[1]];
  if (best === undefined || file === undefined) return undefined;
  return { file, line: best[2] + 1, column: best[3] + 1 };
}

const FRAME_POSITION = /main\.js:(\d+)(?::(\d+))?/g;
const INTERNAL_FRAME = /^.*\((?:picloud:|native).*$|^.*\bpicloud:.*$/;

/** The stack with the author's positions, without the frames of the guest runtime. */
export function mapStack(stack: string, script: ExecutableScript): string {
  const lines = stack.split("\n").filter((line) => line !== "" && !INTERNAL_FRAME.test(line));
  return lines
    .map((text) =>
      text.replace(FRAME_POSITION, (whole, line: string, column: string | undefined) => {
        const found = originalPosition(script, Number(line), Number(column ?? 1));
        return found === undefined ? whole : `${found.file}:${found.line}:${found.column}`;
      }),
    )
    .join("\n");
}

export function mapError(error: ExecError, script: ExecutableScript): ExecError {
  const mapped: ExecError = { name: error.name, message: error.message };
  if (error.stack !== undefined) mapped.stack = mapStack(error.stack, script);
  if (error.cause !== undefined) mapped.cause = mapError(error.cause, script);
  return mapped;
}

/** File, line and column of the innermost frame of a mapped error. */
export function positionOf(error: ExecError): Partial<Position> {
  const match = /([^\s()]+):(\d+):(\d+)/.exec(error.stack ?? "");
  if (match === null) return {};
  return { file: match[1] ?? "", line: Number(match[2]), column: Number(match[3]) };
}
