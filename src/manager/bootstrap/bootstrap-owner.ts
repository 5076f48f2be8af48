/** The first owner, on an installation that has no user yet. */
import { randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { newId } from "../../shared/ids.ts";
import { users } from "../db/tables/identity.ts";
import type { ManagerDeps } from "../context.ts";
import { mutate } from "../publish/mutate.ts";
import { systemContext } from "./system-context.ts";

export interface BootstrapOptions {
  /** `PICLOUD_ADMIN_USERNAME`, or null. */
  username: string | null;
  /** `PICLOUD_ADMIN_PASSWORD`; null to have one made. */
  password: string | null;
  dataDir: string;
}

export interface FirstOwner {
  username: string;
  /** Where a generated password lies (0600); null when it was given. */
  passwordFile: string | null;
}

const DEFAULT_USERNAME = "admin";
export const FILE_NAME = "initial-owner-password";

/** @returns null when some user exists: the settings then have no effect */
export async function bootstrapOwner(
  deps: ManagerDeps,
  options: BootstrapOptions,
): Promise<FirstOwner | null> {
  if ((await deps.database.db.$count(users)) > 0) return null;
  const username = options.username ?? DEFAULT_USERNAME;
  const password = options.password ?? randomBytes(18).toString("base64url");
  const passwordHash = await deps.passwords.hash(password);
  const passwordFile = options.password === null ? join(options.dataDir, FILE_NAME) : null;
  const created = await mutate(systemContext(deps), async ({ tx, audit }) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('picloud.bootstrap'))`);
    if ((await tx.$count(users)) > 0) return false;
    const id = newId();
    const usernameKey = username.toLowerCase();
    await tx
      .insert(users)
      .values({ id, username, usernameKey, passwordHash, instanceRole: "owner" });
    // Inside the transaction: an owner whose password nobody can read would be worse than none.
    if (passwordFile !== null) await writeSecretly(passwordFile, `${password}\n`);
    audit({ action: "user.create", target: id, after: { username, instance_role: "owner" } });
    return true;
  });
  return created ? { username, passwordFile } : null;
}

async function writeSecretly(path: string, text: string): Promise<void> {
  // A file that is there already may have wider rights.
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
