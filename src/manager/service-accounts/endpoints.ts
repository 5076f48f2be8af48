import * as v from "valibot";
import { keyFields, newKeyInput } from "../api-keys/endpoints.ts";
import { createKey, listKeys, revokeKey, viewKey } from "../api-keys/api-keys.ts";
import { inInstance, inInstanceBySession } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { instanceRole, pageAnswer, username } from "../http/fields.ts";
import { pageOf, pageQuery, readPage } from "../http/pagination.ts";
import { getUser, listUserRows } from "../users/read-users.ts";
import {
  createServiceAccount,
  deleteServiceAccount,
  requireKeyHolder,
  updateServiceAccount,
  viewServiceAccount,
} from "./service-accounts.ts";

const accountView = v.object({
  id: v.string(),
  username: v.string(),
  instance_role: instanceRole,
  is_active: v.boolean(),
  created_at: v.string(),
});
const newAccountInput = v.strictObject({
  username,
  instance_role: v.optional(instanceRole, "member"),
});
const changeInput = v.strictObject({
  instance_role: v.optional(instanceRole),
  is_active: v.optional(v.boolean()),
});

const accountEndpoints = [
  endpoint({
    method: "get",
    path: "/service-accounts",
    summary: "The service accounts of the instance",
    access: inInstance("InstanceManageUsers"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(accountView),
    handle: async ({ ctx, query }) => {
      const page = readPage(query);
      const rows = await listUserRows(ctx, page, "service");
      return pageOf(rows, page.limit, ({ id }) => id, viewServiceAccount);
    },
  }),
  endpoint({
    method: "post",
    path: "/service-accounts",
    summary: "Make a service account: it holds keys that belong to no person",
    access: inInstance("InstanceManageUsers"),
    body: newAccountInput,
    status: 201,
    answer: accountView,
    problems: ["username_taken", "cannot_escalate"],
    handle: async ({ ctx, body }) => viewServiceAccount(await createServiceAccount(ctx, body)),
  }),
  endpoint({
    method: "get",
    path: "/service-accounts/:id",
    summary: "One service account",
    access: inInstance("InstanceManageUsers"),
    status: 200,
    answer: accountView,
    handle: async ({ ctx, params }) =>
      viewServiceAccount(await getUser(ctx, params["id"] ?? "", "service")),
  }),
  endpoint({
    method: "patch",
    path: "/service-accounts/:id",
    summary: "Change a service account; deactivation ends its keys",
    access: inInstance("InstanceManageUsers"),
    body: changeInput,
    status: 200,
    answer: accountView,
    problems: ["cannot_escalate"],
    handle: async ({ ctx, params, body }) =>
      viewServiceAccount(await updateServiceAccount(ctx, params["id"] ?? "", body)),
  }),
  endpoint({
    method: "delete",
    path: "/service-accounts/:id",
    summary: "Delete a service account with its keys and memberships",
    access: inInstance("InstanceManageUsers"),
    status: 204,
    problems: ["cannot_escalate"],
    handle: async ({ ctx, params }) => await deleteServiceAccount(ctx, params["id"] ?? ""),
  }),
];

const keyEndpoints = [
  endpoint({
    method: "get",
    path: "/service-accounts/:id/keys",
    summary: "The keys of a service account",
    access: inInstanceBySession("InstanceManageUsers"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(v.object(keyFields)),
    problems: ["session_required"],
    handle: async ({ ctx, params, query }) => {
      const { id } = await getUser(ctx, params["id"] ?? "", "service");
      return await listKeys(ctx, readPage(query), id);
    },
  }),
  endpoint({
    method: "post",
    path: "/service-accounts/:id/keys",
    summary: "Make a key of a service account; its token is shown this once",
    access: inInstanceBySession("InstanceManageUsers"),
    body: newKeyInput,
    status: 201,
    answer: v.object({ ...keyFields, raw_token: v.string() }),
    problems: ["session_required", "cannot_escalate"],
    handle: async ({ ctx, params, body }) => {
      const holder = await requireKeyHolder(ctx, params["id"] ?? "");
      const { key, token } = await createKey(ctx, body, holder);
      return { ...viewKey(key), raw_token: token };
    },
  }),
  endpoint({
    method: "delete",
    path: "/service-accounts/:id/keys/:key_id",
    summary: "Revoke a key of a service account",
    access: inInstanceBySession("InstanceManageUsers"),
    status: 204,
    problems: ["session_required", "cannot_escalate"],
    handle: async ({ ctx, params }) => {
      const holder = await requireKeyHolder(ctx, params["id"] ?? "");
      await revokeKey(ctx, params["key_id"] ?? "", holder);
    },
  }),
];

export const serviceAccountEndpoints = [...accountEndpoints, ...keyEndpoints];
