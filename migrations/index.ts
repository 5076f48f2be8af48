/** Every migration, oldest first, as text inside the executable. A test holds this list to meta/_journal.json. */
import initial from "./0000_initial.sql" with { type: "text" };
import revisionRow from "./0001_revision_row.sql" with { type: "text" };
import auditRetention from "./0002_audit_retention.sql" with { type: "text" };
import packageLock from "./0003_package_lock.sql" with { type: "text" };
import staticFiles from "./0004_static_files.sql" with { type: "text" };

export interface Migration {
  tag: string;
  sql: string;
}

export const migrations: readonly Migration[] = [
  { tag: "0000_initial", sql: initial },
  { tag: "0001_revision_row", sql: revisionRow },
  { tag: "0002_audit_retention", sql: auditRetention },
  { tag: "0003_package_lock", sql: packageLock },
  { tag: "0004_static_files", sql: staticFiles },
];
