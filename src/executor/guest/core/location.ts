/** Absolute URLs of inputs that may be relative. */
import { usePart } from "../registry.ts";
import type { UrlPart } from "./contracts.ts";

/**
 * Serialized URL, or null. There is no location here; where a script has defined `globalThis.location`,
 * relative URLs stand on it.
 */
export function absoluteHref(text: string): string | null {
  const { parseHref } = usePart<UrlPart>("url");
  const href = parseHref(text);
  if (href !== null) return href;
  const base = (globalThis as { location?: { href?: unknown } }).location?.href;
  return typeof base === "string" ? parseHref(text, base) : null;
}
