/** What an operator at the machine may do without an account: `picloud admin`. */
import { and, asc, eq } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import type { Database } from "../db/connect.ts";
import { users } from "../db/tables/identity.ts";
import { mutate, type WriteContext } from "../publish/mutate.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { forgetAccount } from "../sessions/login-throttle.ts";
import type { PasswordHasher } from "../sessions/password-hasher.ts";
import { NO_SECOND_FACTOR } from "../totp/second-factor.ts";
import { withUniqueNames } from "../users/unique-names.ts";
import { auditUser, type StoredUser } from "../users/user-view.ts";

export interface RescueTools {
  database: Database;
  passwords: PasswordHasher;
}

/** No process's memory hangs on this one: running servers hear of the change by its event. */
const contextOf = ({ database }: RescueTools): WriteContext => ({
  deps: { database, publisher: { catchUp: async () => {} } },
  requestId: newId(),
  address: null,
  principal: null,
  actor: { kind: "system", id: null, name: "command line" },
});

/** Ends the user's sessions and lifts what failed logins left. False when there is no such user. */
export async function resetPassword(
  tools: RescueTools,
  username: string,
  password: string,
): Promise<boolean> {
  const passwordHash = await tools.passwords.hash(password);
  const usernameKey = username.toLowerCase();
  return await mutate(contextOf(tools), async (write) => {
    const [user] = await write.tx
      .update(users)
      .set({
        passwordHash,
        isActive: true,
        ...NO_SECOND_FACTOR,
        updatedAt: new Date(),
      })
      .where(and(eq(users.usernameKey, usernameKey), eq(users.kind, "person")))
      .returning();
    if (user === undefined) return false;
    await endSessionsOf(write, user.id);
    await forgetAccount(write.tx, username);
    write.audit({ action: "user.reset_password", target: user.id });
    return true;
  });
}

/** @throws AppError 409 `username_taken` */
export async function createOwner(
  tools: RescueTools,
  username: string,
  password: string,
): Promise<StoredUser> {
  const passwordHash = await tools.passwords.hash(password);
  return await withUniqueNames(() =>
    mutate(contextOf(tools), async ({ tx, audit }) => {
      const [user] = await tx
        .insert(users)
        .values({
          id: newId(),
          username,
          usernameKey: username.toLowerCase(),
          passwordHash,
          instanceRole: "owner",
        })
        .returning();
      if (user === undefined) throw new Error("Cannot create the owner: the insert gave no row");
      audit({ action: "user.create", target: user.id, after: auditUser(user) });
      return user;
    }),
  );
}

export async function listEveryUser({ database }: RescueTools): Promise<StoredUser[]> {
  return await database.db.select().from(users).orderBy(asc(users.usernameKey));
}
