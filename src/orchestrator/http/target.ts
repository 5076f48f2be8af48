import type { Target } from "../../shared/http.ts";

/** The parts of a request's URL by slicing: it is one that was parsed. */
export function targetOf(url: string): Target | undefined {
  const authority = url.indexOf("://");
  if (authority === -1) return undefined;
  const start = url.indexOf("/", authority + 3);
  if (start === -1) return undefined;
  const hash = url.indexOf("#", start);
  const end = hash === -1 ? url.length : hash;
  const question = url.indexOf("?", start);
  if (question === -1 || question > end) return { path: url.slice(start, end), query: "" };
  return { path: url.slice(start, question), query: url.slice(question, end) };
}

export const EXECUTE_PREFIX = "/api/v1/execute/";

/** Script id and the path the script sees, of a path under the execute prefix. */
export function readExecutePath(path: string): { scriptId: string; path: string } {
  const slash = path.indexOf("/", EXECUTE_PREFIX.length);
  if (slash === -1) return { scriptId: path.slice(EXECUTE_PREFIX.length), path: "/" };
  return { scriptId: path.slice(EXECUTE_PREFIX.length, slash), path: path.slice(slash) };
}
