/**
 * Proof by DNS that whoever claims a host also runs its name: a TXT record at `_picloud.<name>` that
 * holds `picloud-app=<app id>`. Public and stateless; only who edits the zone can place it, and it
 * speaks for one app. Asked once, with the claim.
 */
import { resolveTxt } from "node:dns/promises";
import { getDomain } from "tldts";
import { wildcardSuffix } from "../../shared/routing/domains.ts";
import type { ParsedHost } from "../../shared/routing/host.ts";
import { problem } from "../problems.ts";

/** The TXT records of a name, the strings of each joined; none when there is no such name. Rejects when DNS cannot tell. */
export type TxtResolver = (name: string) => Promise<string[]>;

export interface OwnershipRecord {
  name: string;
  type: "TXT";
  value: string;
}

const LOOKUP_MS_MAX = 5_000;
const NOTHING_THERE = new Set(["ENOTFOUND", "ENODATA", "ENONAME"]);

export const systemTxtResolver: TxtResolver = async (name) => {
  try {
    return (await resolveTxt(name)).map((strings) => strings.join(""));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (NOTHING_THERE.has(code) || NOTHING_THERE.has(code.replace(/^DNS_/, ""))) return [];
    throw error;
  }
};

type Claim = ParsedHost & { ok: true };

/** The record to place for a claim, at the name itself. Null for what no zone holds: addresses, localhost. */
export function ownershipRecord(appId: string, { host, literal }: Claim): OwnershipRecord | null {
  if (literal !== "name") return null;
  const name = `_picloud.${wildcardSuffix(host) ?? host}`;
  return { name, type: "TXT", value: `picloud-app=${appId}` };
}

/** True when the record stands at the name, or at one over it up to the registered domain. Rejects with AppError 503 when DNS cannot tell. */
export async function ownsName(
  resolve: TxtResolver,
  appId: string,
  claim: Claim,
): Promise<boolean> {
  const record = ownershipRecord(appId, claim);
  if (record === null) return false;
  const lookups = namesOver(record.name).map(async (name) => (await resolve(name)).map(trimmed));
  const found = await withinBound(Promise.allSettled(lookups));
  if (found.some((one) => one.status === "fulfilled" && one.value.includes(record.value)))
    return true;
  const failed = found.find((one) => one.status === "rejected");
  if (failed === undefined) return false;
  throw dnsProblem(failed.reason);
}

const trimmed = (text: string): string => text.trim();

/** `_picloud.a.b.example.com` to `_picloud.example.com`, the nearest first. */
function namesOver(name: string): string[] {
  const labels = name.split(".").slice(1);
  const registered = getDomain(labels.join("."), { allowPrivateDomains: true });
  const least = registered === null ? labels.length : registered.split(".").length;
  const names: string[] = [];
  for (let from = 0; labels.length - from >= least; from++)
    names.push(`_picloud.${labels.slice(from).join(".")}`);
  return names;
}

async function withinBound<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(dnsProblem(new Error("No answer in time"))), LOOKUP_MS_MAX);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const dnsProblem = (cause: unknown) =>
  problem("dns_unavailable", "DNS does not say who owns the host; try again soon", {
    cause,
    headers: { "retry-after": "5" },
  });
