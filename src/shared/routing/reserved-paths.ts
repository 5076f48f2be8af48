import { decodeSegment, resolveDotSegments } from "./path-text.ts";

/** Paths that the platform answers on every host. */
const EXACT = new Set(["/api", "/admin", "/healthz", "/readyz", "/version", "/metrics"]);
const TREES = ["/api/", "/admin/", "/.well-known/acme-challenge/"];

const isPlain = (path: string): boolean =>
  !path.includes("%") && !path.includes("//") && !path.includes("/.") && !path.includes("\\");

/**
 * True for a path of the platform's own, however it is spelled: compared after decoding (once),
 * resolving dot segments and joining repeated slashes. Takes request paths and patterns.
 */
export function isReservedPath(path: string): boolean {
  let plain = path;
  if (!isPlain(path)) {
    const decoded = decodeSegment(path)
      .replaceAll("\\", "/")
      .replace(/\/{2,}/g, "/");
    plain = resolveDotSegments(decoded);
  }
  if (EXACT.has(plain)) return true;
  return TREES.some((tree) => plain.startsWith(tree));
}
