import { bindHost } from "../bridge.ts";

/** Milliseconds since the epoch, with a fraction. */
const absolute = bindHost("performance.now") as () => number;

/** Kept in the image: a fork goes on from there, so that marks made at evaluation stay in the past. */
export const timeOrigin = absolute();

export const now = (): number => absolute() - timeOrigin;
