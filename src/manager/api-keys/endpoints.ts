import * as v from "valibot";
import { SCOPES } from "../authz/capabilities.ts";
import { sessionOnly } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { displayName, instant, pageAnswer, reference } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { createKey, listKeys, revokeKey, viewKey } from "./api-keys.ts";

const scope = v.picklist(SCOPES, `Must be one of ${SCOPES.join(", ")}`);
export const keyFields = {
  id: v.string(),
  name: v.string(),
  prefix: v.string(),
  scopes: v.array(scope),
  app_id: v.nullable(v.string()),
  created_at: v.string(),
  expires_at: v.nullable(v.string()),
  last_used_at: v.nullable(v.string()),
};
export const newKeyInput = v.strictObject({
  name: displayName,
  scopes: v.pipe(
    v.array(scope),
    v.minLength(1, "Must name at least one scope"),
    v.maxLength(SCOPES.length, `Must name at most ${SCOPES.length} scopes`),
  ),
  app_id: v.optional(v.nullable(reference)),
  expires_at: v.optional(v.nullable(instant)),
});

export const apiKeyEndpoints = [
  endpoint({
    method: "get",
    path: "/api-keys",
    summary: "One's API keys",
    access: sessionOnly,
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(v.object(keyFields)),
    handle: async ({ ctx, query }) => await listKeys(ctx, readPage(query)),
  }),
  endpoint({
    method: "post",
    path: "/api-keys",
    summary: "Make an API key; its token is shown this once",
    access: sessionOnly,
    body: newKeyInput,
    status: 201,
    answer: v.object({ ...keyFields, raw_token: v.string() }),
    handle: async ({ ctx, body }) => {
      const { key, token } = await createKey(ctx, body);
      return { ...viewKey(key), raw_token: token };
    },
  }),
  endpoint({
    method: "delete",
    path: "/api-keys/:id",
    summary: "Revoke an API key",
    access: sessionOnly,
    status: 204,
    handle: async ({ ctx, params }) => await revokeKey(ctx, params["id"] ?? ""),
  }),
];
