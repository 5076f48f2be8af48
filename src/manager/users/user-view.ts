import type { users } from "../db/tables/identity.ts";

export type StoredUser = typeof users.$inferSelect;

export function viewUser(user: StoredUser) {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    instance_role: user.instanceRole,
    is_active: user.isActive,
    totp_enabled: user.totpEnabledAt !== null,
    created_at: user.createdAt.toISOString(),
    last_login_at: user.lastLoginAt?.toISOString() ?? null,
  };
}

/** What an audit row keeps of a user: nothing that proves who one is. */
export const auditUser = ({
  username,
  email,
  instanceRole,
  isActive,
  totpEnabledAt,
}: StoredUser) => ({
  username,
  email,
  instance_role: instanceRole,
  is_active: isActive,
  totp_enabled: totpEnabledAt !== null,
});
