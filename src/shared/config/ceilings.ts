/** `PICLOUD_MAX_<LIMIT>`: what scripts' limits may not pass on this instance. */
import { DEFAULT_CEILINGS, LIMIT_NAMES } from "../limits.ts";
import type { LimitName } from "../limits.ts";
import { integer } from "./parsers.ts";
import type { Setting } from "./settings.ts";

/** What the machinery itself allows: timers take 31 bits, and a WebAssembly memory 4 GiB. */
const HIGHEST: Partial<Record<LimitName, number>> = { memory_mb: 4_096, stack_kb: 16_384 };
const HIGHEST_OTHERWISE = 2_147_483_647;

export const CEILING_SETTINGS: readonly (Setting<number> & { limit: LimitName })[] =
  LIMIT_NAMES.map((limit) => {
    const highest = HIGHEST[limit] ?? HIGHEST_OTHERWISE;
    return {
      limit,
      name: `PICLOUD_MAX_${limit.toUpperCase()}`,
      schema: integer(1, highest),
      default: String(DEFAULT_CEILINGS[limit]),
      allowed: `a whole number from 1 to ${highest}`,
      description: `The highest ${limit} that a script may ask for`,
      secret: false,
    };
  });
