import { notAvailable } from "./not-available.ts";

/** Scripts run in sandboxes of their own, so that there is nobody to talk to yet. */
export const BroadcastChannel = notAvailable(
  "BroadcastChannel",
  'tell the other script with fetch, or keep what is shared in one script with instance "reuse"',
);
