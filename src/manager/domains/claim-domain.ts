import { eq, sql } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import { domainsOverlap, publicSuffixProblem } from "../../shared/routing/domains.ts";
import { parseHost, type ParsedHost } from "../../shared/routing/host.ts";
import { hasAppCapability } from "../authz/require.ts";
import type { CallerContext } from "../context.ts";
import type { Queryable } from "../db/connect.ts";
import { apps, domains } from "../db/tables/apps.ts";
import { notFound, problem } from "../problems.ts";
import { mutate } from "../publish/mutate.ts";
import type { WriteContext } from "../publish/mutate.ts";
import type { StoredDomain } from "./domain-view.ts";
import { ownershipRecord, ownsName } from "./ownership.ts";

type ParsedClaim = ParsedHost & { ok: true };

interface Claim {
  host: string;
  kind: "strict" | "wildcard";
}

/** @throws AppError 422 `invalid_host`, `host_reserved`, `domain_unverified`; 409 `domain_taken`, `domain_overlaps` */
export async function claimDomain(
  ctx: CallerContext,
  appId: string,
  text: string,
): Promise<StoredDomain> {
  const parsed = parseHost(text);
  if (!parsed.ok) throw problem("invalid_host", `Cannot claim the host: ${parsed.reason}`);
  if (needsProof(ctx)) await requireOwned(ctx, appId, parsed);
  else if (ctx.principal.instanceRole === "member") requireUnreserved(ctx, parsed);
  return await insertClaim(ctx, appId, parsed, mayOverlapFor(ctx));
}

/** Instance admins answer for the whole machine, so they prove nothing. */
export const needsProof = (ctx: CallerContext): boolean =>
  ctx.deps.config.domainOwnership === "dns" && ctx.principal.instanceRole === "member";

/** What a claim is refused for, but for the proof. @throws AppError as `claimDomain` */
export async function requireClaimable(
  ctx: CallerContext,
  appId: string,
  claim: ParsedClaim,
): Promise<void> {
  if (ctx.principal.instanceRole === "member") requireUnreserved(ctx, claim);
  await requireFree(ctx.deps.database.db, appId, claim.host, mayOverlapFor(ctx));
}

/** Before the transaction: DNS may be slow, and others wait for the lock. */
async function requireOwned(ctx: CallerContext, appId: string, claim: ParsedClaim): Promise<void> {
  await requireClaimable(ctx, appId, claim);
  if (await ownsName(ctx.deps.resolveTxt, appId, claim)) return;
  const record = ownershipRecord(appId, claim);
  if (record === null)
    throw problem("host_reserved", "No DNS zone holds this host; an instance admin may claim it");
  throw problem("domain_unverified", "Place the TXT record, then claim the host again", {
    details: { record },
  });
}

type MayOverlap = (otherAppId: string, tx: Queryable) => Promise<boolean>;

const mayOverlapFor =
  (ctx: CallerContext): MayOverlap =>
  (other, tx) =>
    hasAppCapability(ctx, other, "AppManageDomains", tx);

/** @param mayOverlap whether the caller also answers for the other app */
export async function insertClaim(
  ctx: WriteContext,
  appId: string,
  claim: Claim,
  mayOverlap: MayOverlap,
): Promise<StoredDomain> {
  return await mutate(ctx, async ({ tx, change, audit }) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('picloud.domains'))`);
    const [app] = await tx
      .select({ id: apps.id })
      .from(apps)
      .where(eq(apps.id, appId))
      .for("share");
    if (app === undefined) throw notFound();
    await requireFree(tx, appId, claim.host, mayOverlap);
    const [row] = await tx
      .insert(domains)
      .values({ id: newId(), appId, host: claim.host, kind: claim.kind })
      .returning();
    if (row === undefined) throw new Error("Cannot claim the host: the insert gave no row");
    change({ kind: "routing", appId });
    audit({ action: "domain.claim", target: row.id, appId, after: { host: row.host } });
    return row;
  });
}

function requireUnreserved(ctx: CallerContext, claim: ParsedClaim): void {
  if (claim.literal === "ipv4" || claim.literal === "ipv6") {
    throw problem("host_reserved", "An IP address is claimed by an instance admin only");
  }
  const suffixProblem = publicSuffixProblem(claim.host);
  if (suffixProblem !== undefined) throw problem("host_reserved", suffixProblem);
  const { publicBaseUrl } = ctx.deps.config;
  const own = publicBaseUrl === null ? undefined : parseHost(new URL(publicBaseUrl).host);
  if (own?.ok === true && domainsOverlap(own.host, claim.host)) {
    throw problem("host_reserved", "The platform itself answers on this host");
  }
}

async function requireFree(
  tx: Queryable,
  appId: string,
  host: string,
  mayOverlap: MayOverlap,
): Promise<void> {
  const near = (await tx.select().from(domains).where(mayOverlapWith(host))).filter((row) =>
    domainsOverlap(row.host, host),
  );
  if (near.some((row) => row.host === host))
    throw problem("domain_taken", "An app owns this host already");
  for (const row of near) {
    if (row.appId === appId || (await mayOverlap(row.appId, tx))) continue;
    throw problem(
      "domain_overlaps",
      "Another app owns hosts that this claim would take from it, or the reverse",
    );
  }
}

/** Wildcards over the host, and for a wildcard what stands under it. Wider than the rule, which is then asked. */
function mayOverlapWith(host: string) {
  const base = host.startsWith("*.") ? host.slice(2) : host;
  const labels = base.split(".");
  const over = labels.map((_, index) => `*.${labels.slice(index).join(".")}`);
  const names = sql.join(
    [...over, host].map((name) => sql`${name}`),
    sql`, `,
  );
  return sql`${domains.host} in (${names}) or right(${domains.host}, ${base.length + 1}) = ${`.${base}`}`;
}
