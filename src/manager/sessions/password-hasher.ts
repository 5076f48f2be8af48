/** Argon2id off the event loop, a few at a time: each needs its whole memory. */
import { hash, verify } from "@node-rs/argon2";
import type { PasswordHashCost } from "../config.ts";
import { problem } from "../problems.ts";

const AT_ONCE = 2;
const WAITING_MAX = 64;

export interface PasswordHasher {
  hash(text: string): Promise<string>;
  /** With `stored` null it works as long as with a real one and says false. Runs `before` when its turn has come. */
  verify(stored: string | null, text: string, before?: () => Promise<void>): Promise<boolean>;
  /** True when `stored` was made at a lower cost than today's. */
  isOutdated(stored: string): boolean;
  /** For API keys: 256 random bits need no cost, and checking one must not queue behind logins. */
  hashKey(token: string): Promise<string>;
  verifyKey(stored: string, token: string): Promise<boolean>;
}

const KEY_COST = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/** @throws AppError 429 from its functions when too many wait already */
export async function createPasswordHasher(cost: PasswordHashCost): Promise<PasswordHasher> {
  // Argon2id is the library's default; its enum cannot be read under isolatedModules.
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 };
  const nobody = await hash(crypto.randomUUID(), options);
  const inTurn = limiter();
  return {
    hash: (text) => inTurn(() => hash(text, options)),
    verify: (stored, text, before) =>
      inTurn(async () => {
        await before?.();
        const matches = await verify(stored ?? nobody, text).catch(() => false);
        return stored !== null && matches;
      }),
    isOutdated: (stored) => {
      const found = /\$m=(\d+),t=(\d+),/.exec(stored);
      return Number(found?.[1]) < cost.memoryKib || Number(found?.[2]) < cost.passes;
    },
    hashKey: (token) => hash(token, KEY_COST),
    verifyKey: (stored, token) => verify(stored, token).catch(() => false),
  };
}

function limiter(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= WAITING_MAX) {
        throw problem(
          "too_many_attempts",
          "Too many passwords and keys are being checked; try again",
          { headers: { "retry-after": "1" } },
        );
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
