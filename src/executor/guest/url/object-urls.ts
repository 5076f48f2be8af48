/** blob: URLs of this sandbox. */
import { hasPart, usePart } from "../registry.ts";
import type { BlobLike, FilesPart } from "../core/contracts.ts";

const store = new Map<string, BlobLike>();

interface Globals {
  /** There is none here, unless a script defines it. */
  location?: { origin?: string };
  crypto: { randomUUID(): string };
}

export function createObjectURL(object: unknown): string {
  if (!hasPart("files") || !usePart<FilesPart>("files").isBlob(object)) {
    throw new TypeError("Failed to execute 'createObjectURL' on 'URL': parameter 1 is not a Blob");
  }
  const { crypto, location } = globalThis as unknown as Globals;
  const url = `blob:${location?.origin ?? "null"}/${crypto.randomUUID()}`;
  store.set(url, object);
  return url;
}

/** Only the URL itself is revoked, not one with a fragment. */
export function revokeObjectURL(url: string): void {
  store.delete(url);
}

/** The blob behind a blob: URL, for `fetch`. */
export const resolveObjectURL = (url: string): BlobLike | undefined =>
  store.get(url.split("#", 1)[0] as string);
