import type { PathKind } from "../routing.ts";
import { canonicalPath, isDotSegment } from "./path-text.ts";
import { isReservedPath } from "./reserved-paths.ts";

export type Segment = { literal: string } | { param: string };

export interface PathPattern {
  ok: true;
  kind: PathKind;
  /** In order; a prefix's `*` is not among them. Literals are in canonical form. */
  segments: Segment[];
  /** For an exact path: the whole of it in canonical form. */
  canonical: string;
  /** How many segments stand before the first parameter; all of them for exact and prefix. */
  leadingLiterals: number;
}

export type ParsedPath = PathPattern | { ok: false; reason: string };

export const PATH_MAX_LENGTH = 2048;
export const PATH_MAX_SEGMENTS = 64;

const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const VALID_ESCAPES = /^(?:[^%]|%[0-9a-f]{2})*$/i;

class PathProblem extends Error {}

/**
 * Parses a route's path: exact `/greet`, param `/users/:id`, prefix `/greet/*`. The reason of a
 * refusal completes "Cannot use the path: ..." and repeats at most one segment of it.
 */
export function parsePath(path: string): ParsedPath {
  try {
    checkText(path);
    return readSegments(path.slice(1).split("/"), path);
  } catch (error) {
    if (error instanceof PathProblem) return { ok: false, reason: error.message };
    throw error;
  }
}

function refuse(reason: string): never {
  throw new PathProblem(reason);
}

function checkText(path: string): void {
  if (path === "") refuse("it is empty; the shortest path is '/'");
  if (!path.startsWith("/")) refuse("it does not start with '/'");
  if (path.length > PATH_MAX_LENGTH) refuse(`it is longer than ${PATH_MAX_LENGTH} characters`);
  if (path.includes("?")) refuse("it holds a '?'; a route is chosen without the query");
  if (path.includes("#")) refuse("it holds a '#'; a fragment never reaches a server");
  if (path.includes("\\")) refuse("it holds a backslash; write '/' or %5C");
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(path))
    refuse("it holds a space or a control character; write it percent-encoded");
  if (!path.isWellFormed()) refuse("it holds half of a surrogate pair");
  if (path.includes("%") && !VALID_ESCAPES.test(path))
    refuse("it holds a '%' that two hexadecimal digits do not follow; write %25");
  if (isReservedPath(path)) refuse("it is reserved for the platform");
}

function readSegments(parts: string[], path: string): PathPattern {
  if (parts.length > PATH_MAX_SEGMENTS) refuse(`it has more than ${PATH_MAX_SEGMENTS} segments`);
  const isPrefix = parts.at(-1) === "*";
  if (isPrefix) parts.pop();
  const names = new Set<string>();
  const segments = parts.map((part, index) =>
    readSegment(part, index === parts.length - 1 && !isPrefix, names),
  );
  const [firstName] = names;
  if (isPrefix && firstName !== undefined) {
    refuse(`a prefix path takes no parameters, and ':${firstName}' stands before its '*'`);
  }
  const firstParam = segments.findIndex((segment) => "param" in segment);
  return {
    ok: true,
    kind: isPrefix ? "prefix" : firstParam === -1 ? "exact" : "param",
    segments,
    canonical: canonicalPath(path),
    leadingLiterals: firstParam === -1 ? segments.length : firstParam,
  };
}

function readSegment(part: string, last: boolean, names: Set<string>): Segment {
  if (part === "" && !last) refuse("it has an empty segment ('//')");
  if (part.includes("*"))
    refuse("'*' stands only alone, as the last segment; write %2A for a literal one");
  if (/[{}]/.test(part)) refuse("'{' and '}' are reserved; write ':name' for a parameter");
  if (isDotSegment(part)) refuse("it has a dot segment ('.' or '..'), which no request keeps");
  if (part.startsWith(":")) return { param: readName(part.slice(1), names) };
  if (part.includes(":"))
    refuse(
      "a ':' stands in the middle of a segment; a parameter is a whole segment, and %3A a literal colon",
    );
  return { literal: canonicalPath(part) };
}

function readName(name: string, names: Set<string>): string {
  if (name === "") refuse("a ':' has no parameter name after it");
  if (!PARAM_NAME.test(name) || name === "__proto__") {
    refuse("a parameter's name is 1-64 letters, digits and '_', and does not start with a digit");
  }
  if (names.has(name)) refuse(`the parameter name '${name}' is used twice`);
  names.add(name);
  return name;
}
