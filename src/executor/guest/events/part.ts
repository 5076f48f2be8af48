import { kernel } from "../bridge.ts";
import { definePart } from "../registry.ts";
import { now, timeOrigin } from "../performance/clock.ts";
import { AbortController, AbortSignal, newSignal, signalInternals } from "./abort-signal.ts";
import { domError, DOMException, isDOMException } from "./dom-exception.ts";
import { Event, eventInternals } from "./event.ts";
import {
  defineHandlers,
  EventTarget,
  fire,
  globalListeners,
  targetInternals,
} from "./event-target.ts";
import {
  CloseEvent,
  CustomEvent,
  ErrorEvent,
  MessageEvent,
  ProgressEvent,
  PromiseRejectionEvent,
} from "./event-types.ts";
import { QuotaExceededError } from "./quota-exceeded-error.ts";
import { reportException, setReporter } from "./report.ts";

/**
 * Reports an uncaught error to `globalThis`: true when a listener took it (preventDefault), so that
 * the platform shall not record it.
 */
function dispatchError(error: unknown): boolean {
  const message = error instanceof Error ? `Uncaught ${String(error)}` : `Uncaught ${typeof error}`;
  return !fire(globalThis, new ErrorEvent("error", { cancelable: true, message, error }));
}

/** As dispatchError, for `unhandledrejection` (and `rejectionhandled`, which nobody can cancel). */
function dispatchRejection(type: string, promise: Promise<unknown>, reason: unknown): boolean {
  const cancelable = type === "unhandledrejection";
  return !fire(globalThis, new PromiseRejectionEvent(type, { cancelable, promise, reason }));
}

// Host errors with the code "dom" are DOMExceptions.
const { raise } = kernel;
kernel.raise = (name, message, code) =>
  code === "dom" ? domError(name, message) : raise(name, message, code);

const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;
Object.setPrototypeOf(globalThis, EventTarget.prototype);

export const events = {
  Event,
  EventTarget,
  CustomEvent,
  ErrorEvent,
  MessageEvent,
  CloseEvent,
  ProgressEvent,
  PromiseRejectionEvent,
  AbortController,
  AbortSignal,
  DOMException,
  QuotaExceededError,
  addEventListener,
  removeEventListener,
  dispatchEvent,
  onerror: null,
  onunhandledrejection: null,
  onrejectionhandled: null,
  // For other parts.
  domError,
  isDOMException,
  isEvent: eventInternals.isEvent,
  fire,
  defineHandlers,
  hasListener: (target: object, type: string): boolean =>
    targetInternals.hasListener(target === globalThis ? globalListeners : target, type),
  newSignal,
  abortSignal: signalInternals.abort,
  isSignal: signalInternals.isSignal,
  onAbort: signalInternals.onAbort,
  dependentSignal: signalInternals.dependent,
  dispatchError,
  dispatchRejection,
  setReporter,
  reportException,
  now,
  timeOrigin,
};

export type Events = typeof events;

definePart("events", events);
