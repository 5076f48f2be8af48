/** Errors of a script with positions in the author's files. */
import type { ExecError, ExecutableScript } from "../../shared/execution.ts";
import { firstAuthorPosition, mapFrames, mapStack } from "../../shared/source-map.ts";

export function mapError(error: ExecError, script: ExecutableScript): ExecError {
  const mapped: ExecError = { name: error.name, message: error.message };
  if (error.stack !== undefined && error.stack !== "")
    mapped.stack = mapStack(error.stack, script.sourceMap);
  if (error.cause !== undefined) mapped.cause = mapError(error.cause, script);
  if (error.errors !== undefined)
    mapped.errors = error.errors.map((inner) => mapError(inner, script));
  return mapped;
}

/** A stack inside of any text, such as a line that was logged. */
export const mapText = (text: string, script: ExecutableScript): string =>
  mapFrames(text, script.sourceMap);

/** File, line and column (from 1) of the innermost frame in the author's code. */
export function positionOf(
  error: ExecError,
  script: ExecutableScript,
): { file?: string; line?: number; column?: number } {
  if (error.stack === undefined) return {};
  const found =
    script.sourceMap === null ? null : firstAuthorPosition(error.stack, script.sourceMap);
  if (found !== null) return { file: found.file, line: found.line, column: found.column };
  const match = /([^\s()]+):(\d+):(\d+)/.exec(error.stack);
  return match === null
    ? {}
    : { file: match[1] ?? "", line: Number(match[2]), column: Number(match[3]) };
}
