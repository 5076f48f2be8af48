/** Settings of the instance that change while it runs; what is known at the start is configuration. */
import * as v from "valibot";
import { egressInput, egressView } from "../egress/schemas.ts";

export const settingsInput = v.strictObject({
  /** What every app's egress stays within; private addresses need an allow here and in the app. */
  egress: v.optional(egressInput),
});

export const settingsView = v.object({ egress: egressView });

export type Settings = v.InferOutput<typeof settingsView>;

export const DEFAULT_SETTINGS: Settings = { egress: { allow: [], deny: [] } };
