/** Errors that no code of the script caught. */
import { bindHost, kernel } from "../bridge.ts";
import { hasPart, usePart } from "../registry.ts";
import type { EventsPart } from "./contracts.ts";
import { requireArguments } from "./webidl.ts";

const record = bindHost("unhandled");
const stringify = JSON.stringify;
let reporting = false;

interface GlobalHandlers {
  onerror?: unknown;
  onunhandledrejection?: unknown;
}

const handlers = globalThis as GlobalHandlers;

/** Records an error at level error of the current request. */
export function recordError(prefix: string, error: unknown): void {
  record(kernel.currentRequest, stringify(kernel.describe(error)), prefix);
}

/** Gives an error to `onerror` and listeners; what none of them takes is recorded. */
export function reportException(error: unknown): void {
  const listening = hasPart("events") || typeof handlers.onerror === "function";
  if (listening && !reporting) {
    reporting = true;
    try {
      if (usePart<EventsPart>("events").dispatchError(error)) return;
    } finally {
      reporting = false;
    }
  }
  recordError("Uncaught ", error);
}

/** A promise was rejected and nobody handles it; `handled` when that was only so for a while. */
export function reportRejection(
  promise: Promise<unknown>,
  reason: unknown,
  handled: boolean,
): void {
  const listening = hasPart("events") || typeof handlers.onunhandledrejection === "function";
  const type = handled ? "rejectionhandled" : "unhandledrejection";
  if (listening && usePart<EventsPart>("events").dispatchRejection(type, promise, reason)) return;
  if (!handled) recordError("Unhandled rejection: ", reason);
}

export function reportError(error: unknown): void {
  requireArguments(arguments.length, 1, "Failed to execute 'reportError'");
  reportException(error);
}
