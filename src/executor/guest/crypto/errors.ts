/** DOMExceptions of this part. Their class is loaded when the first one is needed. */
import { kernel } from "../bridge.ts";
import type { Events } from "../events/part.ts";
import { usePart } from "../registry.ts";

export const domError = (name: string, message: string): unknown =>
  usePart<Events>("events").domError(name, message);

export function quotaError(message: string, quota: number, requested: number): unknown {
  const { QuotaExceededError } = usePart<Events>("events");
  return new QuotaExceededError(message, { quota, requested });
}

/** Host errors with the code "dom" are DOMExceptions: a "SyntaxError" is ambiguous without it. */
export function raiseDomErrors(): void {
  const { raise } = kernel;
  kernel.raise = (name, message, code) =>
    code === "dom" ? domError(name, message) : raise(name, message, code);
}
