import * as v from "valibot";
import { instanceRole, password } from "../http/fields.ts";

/** No rule on form: what cannot be right is answered like what is wrong. */
export const loginInput = v.strictObject({
  username: v.string(),
  password: v.string(),
  /** The code of the second factor, where the user has one. */
  totp: v.optional(v.string()),
});
export const passwordInput = v.strictObject({
  current_password: v.string(),
  new_password: password,
});

export const meView = v.object({
  id: v.string(),
  username: v.string(),
  instance_role: instanceRole,
  email: v.nullable(v.string()),
});
export const loginView = v.object({ token: v.string(), expires_at: v.string(), user: meView });
export const sessionView = v.object({
  id: v.string(),
  created_at: v.string(),
  expires_at: v.string(),
  last_seen_at: v.string(),
  address: v.nullable(v.string()),
  user_agent: v.nullable(v.string()),
  current: v.boolean(),
});
