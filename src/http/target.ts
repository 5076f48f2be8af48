import type { Target } from "../shared/http.ts";

/** Paths and queries that the URL standard leaves as they are, but for dot segments. */
const PLAIN = /^\/(?!\/)[\w\-~!$&()*+,;=:@%/?.]*$/;
const DOT_SEGMENT = /\/(?:\.|%2e)/i;

/**
 * A request target in origin or absolute form, as the URL standard parses it. The authority of an absolute one
 * is dropped: the Host header chooses, as proxies before us go by it. Undefined for what is no path.
 */
export function readTarget(target: string): Target | undefined {
  if (PLAIN.test(target) && !DOT_SEGMENT.test(target)) return split(target);
  const text = /[\u0080-\u00ff]/.test(target)
    ? Buffer.from(target, "latin1").toString("utf8")
    : target;
  const absolute = text.startsWith("/") ? `http://h${text}` : text;
  if (!/^https?:\/\//i.test(absolute)) return undefined;
  const url = URL.parse(absolute);
  return url === null ? undefined : { path: url.pathname, query: url.search };
}

function split(target: string): Target {
  const question = target.indexOf("?");
  if (question === -1) return { path: target, query: "" };
  const query = target.slice(question);
  return { path: target.slice(0, question), query: query === "?" ? "" : query };
}
