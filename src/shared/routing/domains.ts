import { getPublicSuffix } from "tldts";

/** The part that a wildcard host stands over: `*.example.com` gives `example.com`. Undefined for a strict host. */
export const wildcardSuffix = (host: string): string | undefined =>
  host.startsWith("*.") ? host.slice(2) : undefined;

/** What a wildcard captures of a host: `a.b` of `a.b.example.com` under `*.example.com`; undefined where it does not cover it. */
export function capturedBy(wildcard: string, host: string): string | undefined {
  const tail = wildcard.slice(1);
  return host.length > tail.length && host.endsWith(tail) ? host.slice(0, -tail.length) : undefined;
}

/** True when every host that `inner` names is one that `claim` names. Both in normal form. */
export function hostCovers(claim: string, inner: string): boolean {
  if (claim === inner) return true;
  if (!claim.startsWith("*.")) return false;
  return inner.endsWith(claim.slice(1)) && inner.length >= claim.length;
}

/** True when some host is named by both: equal, or one under the other's wildcard. */
export const domainsOverlap = (a: string, b: string): boolean =>
  hostCovers(a, b) || hostCovers(b, a);

/**
 * Why a host in normal form may not be claimed without an instance admin, or undefined: a wildcard
 * over a public suffix (ICANN and private part of the list, and any single label) would own the names
 * of strangers.
 */
export function publicSuffixProblem(host: string): string | undefined {
  const suffix = wildcardSuffix(host);
  if (suffix === undefined) return undefined;
  const publicSuffix = getPublicSuffix(suffix, {
    allowPrivateDomains: true,
    validateHostname: false,
  });
  if (suffix.includes(".") && publicSuffix !== suffix) return undefined;
  return "It is a wildcard over a public suffix, under which anyone can hold a name";
}
