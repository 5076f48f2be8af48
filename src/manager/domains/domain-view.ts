import type { domains } from "../db/tables/apps.ts";

export type StoredDomain = typeof domains.$inferSelect;

export function viewDomain({ id, host, kind, createdAt }: StoredDomain) {
  return { id, host, kind, created_at: createdAt.toISOString() };
}
