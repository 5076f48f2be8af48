/** Fields that several inputs share. Messages say what is wanted and never what was sent. */
import * as v from "valibot";
import { APP_ROLES, INSTANCE_ROLES } from "../authz/capabilities.ts";

const TEXT_MAX = 2000;

export const slug = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "Must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
  ),
);

export const username = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9._-]{3,64}$/,
    "Must be 3 to 64 letters, digits, dots, underscores and hyphens",
  ),
);

export const scriptName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9._-]{1,64}$/,
    "Must be 1 to 64 letters, digits, dots, underscores and hyphens",
  ),
);

export const envName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    "Must be 1 to 128 letters, digits and underscores, with no digit in front",
  ),
);

export const password = v.pipe(
  v.string(),
  v.minLength(12, "Must have at least 12 characters"),
  v.maxLength(1024, "Must have at most 1024 characters"),
);

/** Trimmed; blank is null. */
export const email = v.nullable(
  v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(254, "Must have at most 254 characters"),
    v.check((text) => text === "" || text.includes("@"), "Must hold an @"),
    v.transform((text) => (text === "" ? null : text)),
  ),
);

export const displayName = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "Must not be empty"),
  v.maxLength(200, "Must have at most 200 characters"),
  v.check(isStorable, "Must hold no NUL character"),
);

export const description = v.nullable(
  v.pipe(
    v.string(),
    v.maxLength(TEXT_MAX, `Must have at most ${TEXT_MAX} characters`),
    v.check(isStorable, "Must hold no NUL character"),
  ),
);

export const instanceRole = v.picklist(
  INSTANCE_ROLES,
  `Must be one of ${INSTANCE_ROLES.join(", ")}`,
);
export const appRole = v.picklist(APP_ROLES, `Must be one of ${APP_ROLES.join(", ")}`);

/** An id in a body: what is none is answered like an unknown one, by the lookup. */
export const reference = v.string();

export const instant = v.pipe(
  v.string(),
  v.isoTimestamp("Must be an RFC 3339 time"),
  v.transform((text) => new Date(text)),
  v.check((date) => !Number.isNaN(date.getTime()), "Must be an RFC 3339 time"),
);

/** PostgreSQL's text holds no NUL, and half a surrogate pair is no UTF-8. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

export const pageAnswer = <Item extends v.GenericSchema>(item: Item) =>
  v.object({ items: v.array(item), next_cursor: v.nullable(v.string()) });
