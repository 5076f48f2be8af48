/**
 * Slows guessing of passwords, per account and per address. Kept in the database, so that a restart
 * forgives nothing. An account's block is short: whoever attacks a name must not keep its owner out.
 */
import { eq, inArray, lt, sql } from "drizzle-orm";
import type { Queryable } from "../db/connect.ts";
import { loginThrottle } from "../db/tables/identity.ts";
import { problem } from "../problems.ts";

interface Rule {
  failuresFree: number;
  blockMs: number;
  blockMaxMs: number;
}

const RULES: Record<"account" | "address", Rule> = {
  account: { failuresFree: 5, blockMs: 5_000, blockMaxMs: 60_000 },
  address: { failuresFree: 30, blockMs: 10_000, blockMaxMs: 15 * 60_000 },
};
/** Failures this far back are forgotten. */
const WINDOW_MS = 60 * 60_000;
const ADDRESS_MAX_LENGTH = 64;

export interface Attempt {
  username: string;
  address: string | null;
  now: Date;
}

function keysOf({ username, address }: Attempt): { key: string; rule: Rule }[] {
  const account = { key: `account:${username.toLowerCase().slice(0, 64)}`, rule: RULES.account };
  if (address === null) return [account];
  return [account, { key: `address:${address.slice(0, ADDRESS_MAX_LENGTH)}`, rule: RULES.address }];
}

/** @throws AppError 429 with Retry-After while account or address are blocked */
export async function requireNotThrottled(db: Queryable, attempt: Attempt): Promise<void> {
  const keys = keysOf(attempt).map(({ key }) => key);
  const rows = await db.select().from(loginThrottle).where(inArray(loginThrottle.key, keys));
  const until = Math.max(...rows.map(({ blockedUntil }) => blockedUntil?.getTime() ?? 0), 0);
  const waitMs = until - attempt.now.getTime();
  if (waitMs <= 0) return;
  throw problem("too_many_attempts", "Too many failed logins; wait before the next", {
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
  });
}

export async function recordFailure(db: Queryable, attempt: Attempt): Promise<void> {
  const stale = new Date(attempt.now.getTime() - WINDOW_MS);
  await db.delete(loginThrottle).where(lt(loginThrottle.updatedAt, stale));
  for (const { key, rule } of keysOf(attempt)) {
    const [row] = await db
      .insert(loginThrottle)
      .values({ key, failures: 1, firstFailureAt: attempt.now, updatedAt: attempt.now })
      .onConflictDoUpdate({
        target: loginThrottle.key,
        set: { failures: sql`${loginThrottle.failures} + 1`, updatedAt: attempt.now },
      })
      .returning({ failures: loginThrottle.failures });
    const over = (row?.failures ?? 0) - rule.failuresFree;
    if (over < 0) continue;
    const blockMs = Math.min(rule.blockMs * 2 ** over, rule.blockMaxMs);
    await db
      .update(loginThrottle)
      .set({ blockedUntil: new Date(attempt.now.getTime() + blockMs) })
      .where(eq(loginThrottle.key, key));
  }
}

/** A right password clears the account; the address keeps its count, or one account of its own would buy guesses at others. */
export async function forgetFailures(db: Queryable, username: string): Promise<void> {
  await db.delete(loginThrottle).where(eq(loginThrottle.key, `account:${username.toLowerCase()}`));
}
