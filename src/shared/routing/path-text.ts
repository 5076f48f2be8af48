/**
 * Request paths and patterns as text. A path is split at its written slashes first and decoded after,
 * so an encoded slash is data inside one segment and never a separator.
 */

const ESCAPE_RUN = /(?:%[0-9a-f]{2})+/gi;

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    // Not UTF-8: the escapes stay as they are, in one spelling, so that two spellings still compare equal.
    return run.toUpperCase();
  }
}

/** Decodes percent-encoding once. What is no valid escape, or no UTF-8, stays as written. */
export function decodeSegment(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ESCAPE_RUN, decodeRun);
  }
}

/**
 * The form that literals are compared in: decoded, except `%2F` and `%25`, which would otherwise
 * make two different paths equal. It has exactly the slashes of the given path.
 */
export function canonicalPath(path: string): string {
  if (!path.includes("%")) return path;
  return decodeSegment(
    path.replace(/%(2f|25)/gi, (escape) => `%25${escape.slice(1).toUpperCase()}`),
  );
}

const DOT = /^(?:\.|%2e)$/i;
const DOUBLE_DOT = /^(?:\.|%2e){2}$/i;
const MAY_HAVE_DOTS = /\/(?:\.|%2e)/i;

export const isDotSegment = (segment: string): boolean =>
  segment.length <= "%2e%2e".length && (DOT.test(segment) || DOUBLE_DOT.test(segment));

/**
 * Resolves `.` and `..` segments (also `%2e`) as a WHATWG URL does; everything else stays. Requests
 * come resolved from Bun; this is for paths that come from elsewhere.
 */
export function resolveDotSegments(path: string): string {
  if (!MAY_HAVE_DOTS.test(path)) return path;
  const segments = path.split("/").slice(1);
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (DOUBLE_DOT.test(segment)) kept.pop();
    else if (!DOT.test(segment)) {
      kept.push(segment);
      continue;
    }
    if (last) kept.push("");
  }
  return `/${kept.join("/")}`;
}
