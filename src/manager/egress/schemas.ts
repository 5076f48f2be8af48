import * as v from "valibot";
import { isEgressPattern } from "./pattern.ts";

const PATTERNS_MAX = 200;

const pattern = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.check(isEgressPattern, "Must be an address, a CIDR, a host name or *.host"),
);
const patterns = v.pipe(
  v.array(pattern),
  v.maxLength(PATTERNS_MAX, `Must hold at most ${PATTERNS_MAX} patterns`),
);

export const egressInput = v.strictObject({ allow: patterns, deny: patterns });
export const egressView = v.object({ allow: v.array(v.string()), deny: v.array(v.string()) });
