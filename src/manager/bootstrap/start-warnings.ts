/** What the operator should hear at each start about who may do everything. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import type { ManagerDeps } from "../context.ts";
import { users } from "../db/tables/identity.ts";
import type { StoredUser } from "../users/user-view.ts";
import { FILE_NAME } from "./bootstrap-owner.ts";
import type { BootstrapOptions, FirstOwner } from "./bootstrap-owner.ts";

const PASSWORD_MIN = 12;

/** @param firstOwner of this very start, which has said where the password lies */
export async function startWarnings(
  deps: ManagerDeps,
  { dataDir, password }: BootstrapOptions,
  firstOwner: FirstOwner | null,
): Promise<string[]> {
  const owners = await deps.database.db
    .select()
    .from(users)
    .where(and(eq(users.instanceRole, "owner"), eq(users.isActive, true)));
  const warnings: string[] = [];
  if (owners.length > 1) {
    const names = owners.map(({ username }) => username).join(", ");
    warnings.push(
      `${owners.length} active owners may do everything here: ${names}; make those who need less admins or members`,
    );
  }
  if (firstOwner === null && (await usesGeneratedPassword(deps, owners, dataDir)))
    warnings.push(
      `The password that was generated at the first start is still in use; change it, and ${FILE_NAME} in the data directory goes with the next start`,
    );
  if (password !== null && password.length < PASSWORD_MIN && (await anyHas(deps, owners, password)))
    warnings.push(
      `An owner's password is that of PICLOUD_ADMIN_PASSWORD, and shorter than ${PASSWORD_MIN} characters; change it`,
    );
  return warnings;
}

/** The file goes when its password is good for nothing any more. */
async function usesGeneratedPassword(
  deps: ManagerDeps,
  owners: readonly StoredUser[],
  dataDir: string,
): Promise<boolean> {
  const path = join(dataDir, FILE_NAME);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return false;
  if (await anyHas(deps, owners, text.trim())) return true;
  await rm(path, { force: true });
  return false;
}

async function anyHas(
  { passwords }: ManagerDeps,
  owners: readonly StoredUser[],
  password: string,
): Promise<boolean> {
  for (const { passwordHash } of owners) {
    if (passwordHash !== null && (await passwords.verify(passwordHash, password))) return true;
  }
  return false;
}
