/** Where a script may connect to: a decision on a host name and one address that it resolved to. */
import { contains, formatAddress, parseAddress, parseCidr, type Cidr } from "./address.ts";
import { specialPurpose } from "./special-purpose.ts";

/** Addresses, CIDRs, host names and `*.host`, lower-case. */
export interface EgressRules {
  allow: readonly string[];
  deny: readonly string[];
}

export const NO_RULES: EgressRules = { allow: [], deny: [] };

export interface EgressPolicy {
  /** What the owner of the instance set; an app stays within it. */
  instance: EgressRules;
  app: EgressRules;
}

export type Verdict = { ok: true } | { ok: false; reason: string };

const parsed = new Map<string, Cidr | null>();
const PARSED_MAX = 2_000;

function cidrOf(pattern: string): Cidr | null {
  let cidr = parsed.get(pattern);
  if (cidr === undefined) {
    cidr = parseCidr(pattern) ?? null;
    if (parsed.size >= PARSED_MAX) parsed.clear();
    parsed.set(pattern, cidr);
  }
  return cidr;
}

/** Names are always more specific than addresses; -1 is no match. */
const NAME = 1_000;

function specificity(pattern: string, host: string, address: Uint8Array): number {
  const cidr = cidrOf(pattern);
  if (cidr !== null) {
    if (!contains(cidr, address)) return -1;
    return address.length === 4 ? cidr.bits + 96 : cidr.bits;
  }
  if (pattern.startsWith("*.")) return host.endsWith(pattern.slice(1)) ? NAME + pattern.length : -1;
  return pattern === host ? NAME * 10 : -1;
}

function best(patterns: readonly string[], host: string, address: Uint8Array): number {
  let found = -1;
  for (const pattern of patterns) found = Math.max(found, specificity(pattern, host, address));
  return found;
}

/**
 * The most specific rule decides and deny wins a tie, so that `deny 0.0.0.0/0` with `allow
 * api.example.com` leaves one host. An address that is not public needs an allow of the instance and
 * one of the app. `local` says whether the address is one of this machine's own.
 */
export function decide(
  policy: EgressPolicy,
  host: string,
  address: Uint8Array,
  local: boolean,
): Verdict {
  const instanceAllow = best(policy.instance.allow, host, address);
  const instanceDeny = best(policy.instance.deny, host, address);
  const appAllow = best(policy.app.allow, host, address);
  const appDeny = best(policy.app.deny, host, address);
  if (instanceDeny >= 0 && instanceDeny >= instanceAllow) {
    return refuse(host, address, "the egress policy of the instance denies it");
  }
  if (appDeny >= 0 && appDeny >= appAllow) {
    return refuse(host, address, "the egress policy of the app denies it");
  }
  const special = specialPurpose(address) ?? (local ? "this machine's own" : undefined);
  if (special !== undefined && (instanceAllow < 0 || appAllow < 0)) {
    return refuse(
      host,
      address,
      `the egress policy allows public addresses only, and this one is ${special}`,
    );
  }
  return { ok: true };
}

function refuse(host: string, address: Uint8Array, reason: string): Verdict {
  const text = formatAddress(address);
  const where = parseAddress(host) === undefined ? `${host} (${text})` : host;
  return { ok: false, reason: `Connection to ${where} is refused: ${reason}` };
}
