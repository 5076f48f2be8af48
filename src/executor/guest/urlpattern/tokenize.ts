/** Splits a pattern into tokens, as the URL Pattern standard does. Positions count code points. */
export type TokenType =
  | "open"
  | "close"
  | "regexp"
  | "name"
  | "char"
  | "escaped"
  | "modifier"
  | "asterisk"
  | "end"
  | "invalid";

export interface Token {
  type: TokenType;
  index: number;
  value: string;
}

const NAME_START = /[\p{ID_Start}$_]/u;
const NAME_PART = /[\p{ID_Continue}$\u200c\u200d]/u;
const NOT_ASCII = /[^\x00-\x7f]/;

const SIMPLE: Readonly<Record<string, TokenType>> = {
  "*": "asterisk",
  "+": "modifier",
  "?": "modifier",
  "{": "open",
  "}": "close",
};

export const isNamePart = (point: string, first: boolean): boolean =>
  (first ? NAME_START : NAME_PART).test(point);

/** In lenient mode, what is no pattern becomes an "invalid" token instead of a TypeError. */
export function tokenize(points: readonly string[], lenient: boolean): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const invalid = (message: string): void => {
    if (!lenient) throw new TypeError(`Invalid pattern '${points.join("")}': ${message} at ${at}`);
    tokens.push({ type: "invalid", index: at, value: points[at] as string });
    at++;
  };
  while (at < points.length) {
    const point = points[at] as string;
    const simple = SIMPLE[point];
    if (simple !== undefined) {
      tokens.push({ type: simple, index: at, value: point });
      at++;
    } else if (point === "\\") {
      const next = points[at + 1];
      if (next === undefined) invalid("a backslash stands at its end");
      else {
        tokens.push({ type: "escaped", index: at, value: next });
        at += 2;
      }
    } else if (point === ":") {
      let end = at + 1;
      while (end < points.length && isNamePart(points[end] as string, end === at + 1)) end++;
      if (end === at + 1) invalid("a colon without a name stands");
      else {
        tokens.push({ type: "name", index: at, value: points.slice(at + 1, end).join("") });
        at = end;
      }
    } else if (point === "(") {
      const end = regexpEnd(points, at + 1);
      if (end < 0) invalid("a group that is no regular expression stands");
      else {
        tokens.push({ type: "regexp", index: at, value: points.slice(at + 1, end).join("") });
        at = end + 1;
      }
    } else {
      tokens.push({ type: "char", index: at, value: point });
      at++;
    }
  }
  tokens.push({ type: "end", index: at, value: "" });
  return tokens;
}

/** Where the group that starts at `start` closes; -1 when it is no valid one. */
function regexpEnd(points: readonly string[], start: number): number {
  if (points[start] === "?") return -1;
  let depth = 1;
  for (let at = start; at < points.length; at++) {
    const point = points[at] as string;
    if (NOT_ASCII.test(point)) return -1;
    if (point === "\\") {
      at++;
      if (at >= points.length || NOT_ASCII.test(points[at] as string)) return -1;
    } else if (point === ")") {
      depth--;
      if (depth === 0) return at === start ? -1 : at;
    } else if (point === "(") {
      depth++;
      // Only non-capturing groups may stand inside.
      if (points[at + 1] !== "?") return -1;
    }
  }
  return -1;
}
