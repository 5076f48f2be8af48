import * as v from "valibot";
import { inInstance } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { email, instanceRole, pageAnswer, password, username } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { createUser } from "./create-user.ts";
import { deleteUser } from "./delete-user.ts";
import { getUser, listUsers } from "./read-users.ts";
import { updateUser } from "./update-user.ts";
import { viewUser } from "./user-view.ts";

const newUserInput = v.strictObject({
  username,
  password,
  instance_role: v.optional(instanceRole, "member"),
  email: v.optional(email),
});
const changeInput = v.strictObject({
  password: v.optional(password),
  email: v.optional(email),
  instance_role: v.optional(instanceRole),
  is_active: v.optional(v.boolean()),
  /** Only their user sets one up; this takes it away from who lost it. */
  totp_enabled: v.optional(v.literal(false, "Must be false: only the user sets one up")),
});
const userView = v.object({
  id: v.string(),
  username: v.string(),
  email: v.nullable(v.string()),
  instance_role: instanceRole,
  is_active: v.boolean(),
  totp_enabled: v.boolean(),
  created_at: v.string(),
  last_login_at: v.nullable(v.string()),
});

export const userEndpoints = [
  endpoint({
    method: "get",
    path: "/users",
    summary: "The users of the instance",
    access: inInstance("InstanceManageUsers"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(userView),
    handle: async ({ ctx, query }) => await listUsers(ctx, readPage(query)),
  }),
  endpoint({
    method: "post",
    path: "/users",
    summary: "Create a user",
    access: inInstance("InstanceManageUsers"),
    body: newUserInput,
    status: 201,
    answer: userView,
    problems: ["username_taken", "email_taken", "cannot_escalate"],
    handle: async ({ ctx, body }) => viewUser(await createUser(ctx, body)),
  }),
  endpoint({
    method: "get",
    path: "/users/:id",
    summary: "One user",
    access: inInstance("InstanceManageUsers"),
    status: 200,
    answer: userView,
    handle: async ({ ctx, params }) => viewUser(await getUser(ctx, params["id"] ?? "")),
  }),
  endpoint({
    method: "patch",
    path: "/users/:id",
    summary: "Change a user; deactivation ends sessions and keys",
    access: inInstance("InstanceManageUsers"),
    body: changeInput,
    status: 200,
    answer: userView,
    problems: ["email_taken", "last_owner", "cannot_escalate", "session_required"],
    handle: async ({ ctx, params, body }) =>
      viewUser(await updateUser(ctx, params["id"] ?? "", body)),
  }),
  endpoint({
    method: "delete",
    path: "/users/:id",
    summary: "Delete a user",
    access: inInstance("InstanceManageUsers"),
    status: 204,
    problems: ["last_owner", "cannot_escalate"],
    handle: async ({ ctx, params }) => await deleteUser(ctx, params["id"] ?? ""),
  }),
];
