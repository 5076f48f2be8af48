import { LIMIT_NAMES } from "../../shared/limits.ts";
import type { LimitName, Limits } from "../../shared/limits.ts";
import { problem } from "../problems.ts";

/** These may be forbidden altogether. */
const MAY_BE_ZERO: readonly LimitName[] = ["subrequests", "log_lines"];

/** @throws AppError 422 `unknown_limit`, `limit_above_ceiling`, `invalid` */
export function readLimits(
  input: Readonly<Record<string, unknown>>,
  ceilings: Limits,
): Partial<Limits> {
  const limits: Partial<Limits> = {};
  for (const [field, value] of Object.entries(input)) {
    if (!isLimitName(field)) {
      throw problem("unknown_limit", `The limits are ${LIMIT_NAMES.join(", ")}`, {
        details: { field: field.slice(0, 128) },
      });
    }
    const least = MAY_BE_ZERO.includes(field) ? 0 : 1;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
      throw problem("invalid", `limits.${field}: Must be a whole number, ${least} or more`, {
        details: { field: `limits.${field}` },
      });
    }
    if (value > ceilings[field]) {
      throw problem("limit_above_ceiling", `Ask for ${field} of at most ${ceilings[field]}`, {
        details: { field, requested: value, ceiling: ceilings[field] },
      });
    }
    limits[field] = value;
  }
  return limits;
}

const isLimitName = (name: string): name is LimitName =>
  LIMIT_NAMES.some((known) => known === name);
