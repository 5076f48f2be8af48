import type { AppRole } from "../authz/capabilities.ts";
import type { AppRow } from "./find-app.ts";

/** An app as it is answered. */
export function viewApp(app: AppRow, role: AppRole) {
  return {
    id: app.id,
    slug: app.slug,
    name: app.name,
    description: app.description,
    created_at: app.createdAt.toISOString(),
    my_role: role,
  };
}
