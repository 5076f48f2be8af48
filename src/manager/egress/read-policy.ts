import { eq } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { egressPolicies } from "../db/tables/apps.ts";

export interface EgressPolicy {
  /** CIDRs, addresses and host patterns, lower-case. */
  allow: string[];
  deny: string[];
}

/** For the service that connects on behalf of scripts. */
export async function readEgressPolicy(db: Queryable, appId: string): Promise<EgressPolicy> {
  const [row] = await db
    .select({ allow: egressPolicies.allow, deny: egressPolicies.deny })
    .from(egressPolicies)
    .where(eq(egressPolicies.appId, appId));
  return row ?? { allow: [], deny: [] };
}
