/** Settings of the instance that change while it runs; what is known at the start is configuration. */
import * as v from "valibot";
import { egressInput, egressView } from "../egress/schemas.ts";

/** The database refuses to delete younger rows, too: who takes the platform over cannot hide it soon. */
const AUDIT_DAYS_MIN = 30;
const AUDIT_DAYS_MAX = 36_500;
const auditDays = v.pipe(
  v.number(),
  v.integer("Must be a whole number"),
  v.minValue(AUDIT_DAYS_MIN, `Must be at least ${AUDIT_DAYS_MIN}`),
  v.maxValue(AUDIT_DAYS_MAX, `Must be at most ${AUDIT_DAYS_MAX}`),
);

export const settingsInput = v.strictObject({
  /** What every app's egress stays within; private addresses need an allow here and in the app. */
  egress: v.optional(egressInput),
  /** Sessions without a second factor may then only set one up. */
  require_totp: v.optional(v.boolean()),
  /** Null keeps audit rows for ever. */
  audit_retention_days: v.optional(v.nullable(auditDays)),
});

export const settingsView = v.object({
  egress: egressView,
  require_totp: v.boolean(),
  audit_retention_days: v.nullable(v.number()),
});

export type Settings = v.InferOutput<typeof settingsView>;

export const DEFAULT_SETTINGS: Settings = {
  egress: { allow: [], deny: [] },
  require_totp: false,
  audit_retention_days: 365,
};
