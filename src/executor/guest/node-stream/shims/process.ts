/** Packages look here for nextTick, and for a platform to special-case. */
import { usePart } from "../../registry.ts";
import type { NodeProcess } from "../../node-process/part.ts";

export const nextTick: NodeProcess["nextTick"] = (callback, ...args) =>
  usePart<NodeProcess>("node-process").nextTick(callback, ...args);
export const env = {};
export const platform = "linux";
