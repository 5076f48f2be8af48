import type { HostOperations } from "./host-function.ts";

/** Wall-clock based, so that an image made in one process and forked in another agrees about the time. */
export const performanceOperations: HostOperations = {
  "performance.now": () => performance.timeOrigin + performance.now(),
};
