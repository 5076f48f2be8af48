/** Mistakes that the bundler lets through and the engine refuses without a place, such as a regular expression. */
import { parse } from "acorn";
import { mapPosition } from "../shared/source-map.ts";
import { BuildFailure } from "./build-failure.ts";

interface ParserError {
  message: string;
  loc: { line: number; column: number };
}

const isParserError = (error: unknown): error is ParserError =>
  error instanceof SyntaxError && "loc" in error;

/** @throws BuildFailure at the author's position. What this parser does not know either, passes. */
export function checkStrictly(code: string, sourceMap: string | null, entry: string): void {
  try {
    parse(code, { ecmaVersion: "latest", sourceType: "module" });
  } catch (error) {
    if (!isParserError(error)) return;
    const { line, column } = error.loc;
    const at = sourceMap === null ? null : mapPosition(sourceMap, line, column + 1);
    const message = error.message.replace(/ \(\d+:\d+\)$/, "");
    throw new BuildFailure(message, at ?? { file: entry });
  }
}
