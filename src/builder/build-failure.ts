/** A fault in what the author wrote, with the place where it shows. Line and column count from 1. */
export class BuildFailure extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  constructor(message: string, position: { file: string; line?: number; column?: number }) {
    super(message);
    this.name = "BuildFailure";
    this.file = position.file;
    this.line = position.line ?? 1;
    this.column = position.column ?? 1;
  }
}

/** Where `specifier` stands as a string in `source`; the first place, for want of a better one. */
export function findSpecifier(source: string, specifier: string): { line: number; column: number } {
  for (const quote of ['"', "'", "`"]) {
    const at = source.indexOf(quote + specifier + quote);
    if (at >= 0) return positionAt(source, at);
  }
  return { line: 1, column: 1 };
}

export function positionAt(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
