/** Serialized URL of an input: at once where nothing needs to change, by the host otherwise. */
import { bindHost, kernel } from "../bridge.ts";
import type { Core } from "../core/part.ts";
import { usePart } from "../registry.ts";

const hostParse = bindHost("url.parse") as (input: string, base: string | null) => string | null;

/**
 * A plain http(s) URL that is its own serialization: labels that start with a letter and are no
 * punycode, a port that is no default, segments that do not start with a dot, unreserved characters.
 */
const PLAIN =
  /^https?:\/\/(?:(?!xn--)[a-z][a-z0-9-]*\.)*(?!xn--)[a-z][a-z0-9-]*(?::(?!80\/|443\/)[1-9]\d{0,3})?\/(?:(?![.%])[\w\-.~!$&()*+,;=:@%]+(?:\/|(?=$|\?))|\/)*(?:\?[\w\-.~!$&()*+,;=:@%/?[\]|]*)?$/;

const { exchangeOf } = usePart<Core>("core");

/** Null when the input is no URL. */
export function parseHref(input: string, base?: string): string | null {
  // What handlers parse most is the request's own URL, which the server has normalized.
  if (exchangeOf(kernel.currentRequest)?.url === input || PLAIN.test(input)) return input;
  return hostParse(input, base === undefined ? null : base);
}

export function hasCredentials(href: string): boolean {
  const start = href.indexOf("://");
  if (start < 0) return false;
  const at = href.indexOf("@", start);
  if (at < 0) return false;
  const slash = href.indexOf("/", start + 3);
  const end = slash < 0 ? href.search(/[?#]/) : slash;
  return end < 0 || at < end;
}
