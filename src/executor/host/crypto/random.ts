/** Randomness straight into the sandbox's memory. */
import type { HostOperations } from "../host-function.ts";
import { bytesOf } from "./parameters.ts";

export const randomOperations: HostOperations = {
  "crypto.fill": (_context, view) => {
    crypto.getRandomValues(bytesOf(view));
    return undefined;
  },
  "crypto.uuid": () => crypto.randomUUID(),
};
