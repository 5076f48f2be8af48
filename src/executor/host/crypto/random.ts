/** Randomness straight into the sandbox's memory. */
import type { HostOperations } from "../host-function.ts";
import { bytesOf } from "./parameters.ts";

export const randomOperations: HostOperations = {
  "crypto.fill": (context, view) => {
    const bytes = bytesOf(view);
    crypto.getRandomValues(bytes);
    context.wrote(bytes);
    return undefined;
  },
  "crypto.uuid": () => crypto.randomUUID(),
};
