/** The packed PostgreSQL inside the executable. */
export interface PostgresArchive {
  /** Of a zstd-compressed tar, readable with Bun.file. */
  path: string;
  sha256: string;
  version: string;
}

/** Null when running from source; the build puts another module in the place of this one. */
export const postgresArchive: PostgresArchive | null = null;
