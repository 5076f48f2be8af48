/** `?limit=&cursor=` and `{items, next_cursor}`. Lists are newest first; ids are time-ordered, so a cursor is the last id. */
import * as v from "valibot";
import { isId } from "../../shared/ids.ts";
import { problem } from "../problems.ts";

const LIMIT_MAX = 200;
export const LIMIT_DEFAULT = 50;

export const pageQuery = {
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9]{1,4}$/, `Must be a whole number from 1 to ${LIMIT_MAX}`),
      v.transform(Number),
      v.minValue(1, `Must be at least 1`),
      v.maxValue(LIMIT_MAX, `Must be at most ${LIMIT_MAX}`),
    ),
  ),
  cursor: v.optional(v.string()),
};

export interface Page {
  limit: number;
  /** Only rows with a lower id. */
  before: string | undefined;
}

export interface PageOf<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** @throws AppError 422 `invalid_cursor` */
export function readPage(query: { limit?: number | undefined; cursor?: string | undefined }): Page {
  return {
    limit: query.limit ?? LIMIT_DEFAULT,
    before: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
  };
}

const encodeCursor = (id: string): string =>
  Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");

function decodeCursor(cursor: string): string {
  const hex = /^[A-Za-z0-9_-]{22}$/.test(cursor)
    ? Buffer.from(cursor, "base64url").toString("hex")
    : "";
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  if (!isId(id))
    throw problem("invalid_cursor", "Take the cursor from next_cursor of the page before");
  return id;
}

/** From up to `limit + 1` rows: the page, and a cursor when there is more. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  idOf: (row: Row) => string,
  view: (row: Row) => Item,
): PageOf<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(view),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(idOf(last)) : null,
  };
}
