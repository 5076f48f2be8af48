/** Who calls the data plane. A slow or broken database costs a request little, once, and never an error. */
import type { Caller, CallerResolution, CallerResolver } from "../../shared/caller.ts";
import type { Clock } from "../../shared/clock.ts";
import type { ScriptPrincipal } from "../../shared/execution.ts";
import { databaseFault } from "../db/faults.ts";
import { problem } from "../problems.ts";
import type { CredentialCache } from "./credential-cache.ts";
import type { Bound } from "./credential-store.ts";
import { decide } from "./decide.ts";
import type { Principal } from "./principal.ts";
import { readCredential } from "./tokens.ts";

const BUDGET_MS = 50;
/** After a fault nobody waits again for so long. */
const COOL_DOWN_MS = 2000;

const NOBODY: CallerResolution = { caller: null, fault: false };
const UNKNOWN: CallerResolution = { caller: null, fault: true };

export function createCallerResolver(credentials: CredentialCache, clock: Clock): CallerResolver {
  let faultUntil = 0;
  const bound: Bound = async (read) => {
    const budgetMs = clock.now() < faultUntil ? 0 : BUDGET_MS;
    try {
      return await withinBudget(read, budgetMs);
    } catch (error) {
      if (budgetMs > 0) faultUntil = clock.now() + COOL_DOWN_MS;
      throw error;
    }
  };
  return {
    resolve(headers) {
      const found = readCredential(headers);
      if (found === null) return NOBODY;
      return credentials.resolve(found.credential, bound).then(
        (principal) =>
          principal === null || isHalfIn(principal)
            ? NOBODY
            : { caller: callerOf(principal, credentials), fault: false },
        () => UNKNOWN,
      );
    },
  };
}

/** Who still has to set up a second factor is nobody to scripts. */
const isHalfIn = (principal: Principal): boolean =>
  principal.kind === "user" && principal.lacksSecondFactor;

async function withinBudget<Value>(read: Promise<Value>, ms: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`The database did not answer within ${ms} ms`)),
    ms,
  );
  try {
    return await Promise.race([read, promise]);
  } finally {
    clearTimeout(timer);
    // The read may still fail, when nobody waits for it.
    read.catch(() => undefined);
  }
}

function callerOf(principal: Principal, credentials: CredentialCache): Caller {
  return {
    principal: scriptPrincipal(principal),
    mayInvoke: async (appId) => {
      try {
        const role =
          principal.instanceRole === "member"
            ? await credentials.roleIn(principal.userId, appId)
            : null;
        return decide(principal, { appId, role }, "AppInvoke").allow;
      } catch (error) {
        if (!databaseFault(error)) throw error;
        throw problem("database_unavailable", "The database cannot be reached; try again soon", {
          cause: error,
        });
      }
    },
  };
}

function scriptPrincipal(principal: Principal): ScriptPrincipal {
  return {
    kind: principal.kind,
    id: principal.kind === "user" ? principal.userId : principal.keyId,
    username: principal.username,
    role: principal.instanceRole,
  };
}
