/**
 * Slows guessing of passwords and codes, per account and per address. Kept in the database, so that a
 * restart forgives nothing. Whoever attacks a name must not keep its owner out: blocks of an account
 * are short, and an address from which its user logged in before is counted apart from all others.
 */
import { and, eq, inArray, like, lt, notLike, sql } from "drizzle-orm";
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
const KNOWN_MS = 90 * 86_400_000;
const USERNAME_MAX_LENGTH = 64;
const ADDRESS_MAX_LENGTH = 64;

export interface Attempt {
  username: string;
  address: string | null;
  now: Date;
}

export const accountKey = (username: string): string =>
  `account:${username.toLowerCase().slice(0, USERNAME_MAX_LENGTH).replaceAll("\0", "")}`;

/** A user name holds no space, so these never meet an account's own key. */
const fromAddress = (kind: "known" | "familiar", { username }: Attempt, address: string): string =>
  `${kind} ${accountKey(username)} ${address.slice(0, ADDRESS_MAX_LENGTH)}`;

async function keysOf(db: Queryable, attempt: Attempt): Promise<{ key: string; rule: Rule }[]> {
  const { username, address } = attempt;
  const account = { key: accountKey(username), rule: RULES.account };
  if (address === null) return [account];
  const known = fromAddress("known", attempt, address);
  const [row] = await db.select().from(loginThrottle).where(eq(loginThrottle.key, known));
  const ofAccount =
    row === undefined
      ? account
      : { key: fromAddress("familiar", attempt, address), rule: RULES.account };
  const ofAddress = {
    key: `address:${address.slice(0, ADDRESS_MAX_LENGTH)}`,
    rule: RULES.address,
  };
  return [ofAccount, ofAddress];
}

/** @throws AppError 429 with Retry-After while account or address are blocked */
export async function requireNotThrottled(db: Queryable, attempt: Attempt): Promise<void> {
  const keys = (await keysOf(db, attempt)).map(({ key }) => key);
  const rows = await db.select().from(loginThrottle).where(inArray(loginThrottle.key, keys));
  const until = Math.max(...rows.map(({ blockedUntil }) => blockedUntil?.getTime() ?? 0), 0);
  const waitMs = until - attempt.now.getTime();
  if (waitMs <= 0) return;
  throw problem("too_many_attempts", "Too many failed logins; wait before the next", {
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
  });
}

export async function recordFailure(db: Queryable, attempt: Attempt): Promise<void> {
  await purge(db, attempt.now);
  for (const { key, rule } of await keysOf(db, attempt)) {
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

async function purge(db: Queryable, now: Date): Promise<void> {
  const before = (ms: number) => lt(loginThrottle.updatedAt, new Date(now.getTime() - ms));
  await db
    .delete(loginThrottle)
    .where(and(before(WINDOW_MS), notLike(loginThrottle.key, "known %")));
  await db.delete(loginThrottle).where(and(before(KNOWN_MS), like(loginThrottle.key, "known %")));
}

/**
 * After a right password and code. Clears what this attempt would have been counted under, so that a
 * user's own logins forgive nobody elsewhere; and makes the address known. The count of the address
 * stays, or one account would buy guesses at others.
 */
export async function forgetFailures(db: Queryable, attempt: Attempt): Promise<void> {
  const { address, now } = attempt;
  const [ofAccount] = await keysOf(db, attempt);
  if (ofAccount !== undefined)
    await db.delete(loginThrottle).where(eq(loginThrottle.key, ofAccount.key));
  if (address === null) return;
  await db
    .insert(loginThrottle)
    .values({
      key: fromAddress("known", attempt, address),
      failures: 0,
      firstFailureAt: now,
      updatedAt: now,
    })
    .onConflictDoUpdate({ target: loginThrottle.key, set: { updatedAt: now } });
}

/** All that is held against an account, and the addresses that it is known by. */
export async function forgetAccount(db: Queryable, username: string): Promise<void> {
  const key = accountKey(username);
  const anyAddress = sql`split_part(${loginThrottle.key}, ' ', 2) = ${key}`;
  await db.delete(loginThrottle).where(sql`${eq(loginThrottle.key, key)} or ${anyAddress}`);
}
