import * as v from "valibot";
import { appRole, description, displayName, slug } from "../http/fields.ts";

export const createAppInput = v.strictObject({
  slug,
  name: displayName,
  description: v.optional(description),
});

export const updateAppInput = v.strictObject({
  name: v.optional(displayName),
  description: v.optional(description),
  slug: v.optional(slug),
  force: v.optional(v.boolean()),
});

/** Any text: that a slug is not even valid is an answer, too. */
export const checkSlugInput = v.strictObject({ slug: v.string() });
export const checkSlugView = v.object({
  available: v.boolean(),
  reason: v.optional(v.picklist(["invalid", "slug_taken", "slug_in_history"])),
});

export const deleteAppQuery = v.object({
  force: v.optional(v.picklist(["true", "false"], "Must be true or false")),
});

export const appView = v.object({
  id: v.string(),
  slug: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  created_at: v.string(),
  my_role: appRole,
  slug_redirect: v.optional(v.string()),
});
