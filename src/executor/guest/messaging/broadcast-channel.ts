import { notAvailable } from "./not-available.ts";

/** Scripts run in sandboxes of their own, so that there is nobody to talk to yet. */
export const BroadcastChannel = notAvailable(
  "BroadcastChannel",
  "write to Deno.openKv() and watch its keys, or keep state in one script",
);
