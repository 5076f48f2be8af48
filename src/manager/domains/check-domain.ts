import { parseHost } from "../../shared/routing/host.ts";
import { AppError } from "../../shared/errors.ts";
import type { CallerContext } from "../context.ts";
import { needsProof, requireClaimable } from "./claim-domain.ts";
import { ownershipRecord, ownsName } from "./ownership.ts";

/** Whether a claim would be taken now, and the record that has to be placed for it. Changes nothing. */
export async function checkDomain(ctx: CallerContext, appId: string, text: string) {
  const parsed = parseHost(text);
  if (!parsed.ok) return { available: false, reason: "invalid_host" };
  const { host } = parsed;
  const record = needsProof(ctx) ? ownershipRecord(appId, parsed) : null;
  const shown = record === null ? { host } : { host, record };
  try {
    await requireClaimable(ctx, appId, parsed);
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    return { available: false, reason: error.code, ...shown };
  }
  if (!needsProof(ctx)) return { available: true, ...shown };
  const proven = await ownsName(ctx.deps.resolveTxt, appId, parsed);
  return proven
    ? { available: true, ...shown }
    : { available: false, reason: "domain_unverified", ...shown };
}
