import { domError } from "./dom-exception.ts";
import type { Event } from "./event.ts";
import { eventInternals } from "./event.ts";
import { defineInterface, requireArguments, toDictionary } from "./idl.ts";
import { reportException } from "./report.ts";

interface Listener {
  type: string;
  callback: object;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
}

/** What AbortSignal offers to those who react to it; given in by abort-signal.ts, which builds on this file. */
export interface SignalHooks {
  isSignal(value: unknown): boolean;
  aborted(signal: object): boolean;
  onAbort(signal: object, algorithm: () => void): () => void;
}
let signals: SignalHooks;
export function provideSignals(hooks: SignalHooks): void {
  signals = hooks;
}

type Handler = ((event: Event) => unknown) | object | null;

interface HandlerSlot extends Listener {
  value: object;
}

interface Internals {
  /** Fires at the target; true unless it was canceled. */
  dispatch(target: object, event: Event): boolean;
  handlerOf(target: object, type: string): Handler;
  setHandler(target: object, type: string, value: unknown): void;
  hasListener(target: object, type: string): boolean;
}
export let targetInternals: Internals;

const EMPTY: Listener[] = [];
const { apply } = Reflect;

function callListener(listener: Listener, event: Event, target: object): void {
  const { callback } = listener;
  try {
    if (typeof callback === "function") apply(callback, target, [event]);
    else {
      const { handleEvent } = callback as { handleEvent?: unknown };
      if (typeof handleEvent !== "function")
        throw new TypeError("The listener's handleEvent is not a function");
      apply(handleEvent, callback, [event]);
    }
  } catch (error) {
    reportException(error);
  }
}

const flattenCapture = (options: unknown): boolean =>
  typeof options === "object" && options !== null
    ? Boolean((options as { capture?: unknown }).capture)
    : Boolean(options);

export class EventTarget {
  #listeners: Listener[] = EMPTY;
  #handlers: Map<string, HandlerSlot> | undefined;

  addEventListener(type: string, callback: unknown, options: unknown = false): void {
    requireArguments(arguments.length, 2, "EventTarget.addEventListener");
    const self = receiver(this);
    // A foreign object is refused whatever the arguments are.
    void self.#listeners;
    const name = `${type}`;
    const capture = flattenCapture(options);
    const isObject = typeof options === "object" || typeof options === "function";
    const more = isObject ? toDictionary(options, "options") : {};
    const once = Boolean(more["once"]);
    const passive = Boolean(more["passive"]);
    const signal = more["signal"];
    if (signal !== undefined && !signals.isSignal(signal)) {
      throw new TypeError("The signal option is not an AbortSignal");
    }
    if (callback === null || callback === undefined) return;
    if (typeof callback !== "object" && typeof callback !== "function") {
      throw new TypeError("The event listener is neither a function nor an object");
    }
    if (signal !== undefined && signals.aborted(signal as object)) return;
    const listener = { type: name, callback, capture, once, passive, removed: false };
    if (!self.#add(listener)) return;
    if (signal !== undefined) signals.onAbort(signal as object, () => self.#remove(listener));
  }
  removeEventListener(type: string, callback: unknown, options: unknown = false): void {
    requireArguments(arguments.length, 2, "EventTarget.removeEventListener");
    const self = receiver(this);
    const name = `${type}`;
    const capture = flattenCapture(options);
    const found = self.#find(name, callback as object, capture);
    if (found !== undefined) self.#remove(found);
  }
  dispatchEvent(event: Event): boolean {
    requireArguments(arguments.length, 1, "EventTarget.dispatchEvent");
    const self = receiver(this);
    if (!eventInternals.isEvent(event))
      throw new TypeError("The argument of dispatchEvent is not an Event");
    return self.#dispatch(event);
  }

  #find(type: string, callback: object, capture: boolean): Listener | undefined {
    for (const listener of this.#listeners) {
      if (listener.type === type && listener.callback === callback && listener.capture === capture)
        return listener;
    }
    return undefined;
  }
  #add(listener: Listener): boolean {
    if (this.#find(listener.type, listener.callback, listener.capture) !== undefined) return false;
    if (this.#listeners === EMPTY) this.#listeners = [listener];
    else this.#listeners.push(listener);
    return true;
  }
  #remove(listener: Listener): void {
    listener.removed = true;
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }

  #dispatch(event: Event): boolean {
    const target = this === globalListeners ? globalThis : this;
    if (!eventInternals.begin(event, target)) {
      throw domError(
        "InvalidStateError",
        "The event is being dispatched already, or was never initialised",
      );
    }
    const { type } = event;
    const listeners = this.#listeners.filter((each) => each.type === type);
    if (target === globalThis) callGlobalHandler(event);
    this.#invoke(event, target, listeners, true);
    this.#invoke(event, target, listeners, false);
    const canceled = event.defaultPrevented;
    eventInternals.end(event);
    return !canceled;
  }
  #invoke(event: Event, target: object, listeners: Listener[], capture: boolean): void {
    if (eventInternals.stopped(event)) return;
    for (const listener of listeners) {
      if (listener.removed || listener.capture !== capture) continue;
      if (listener.once) this.#remove(listener);
      if (listener.passive) eventInternals.setPassive(event, true);
      callListener(listener, event, target);
      if (listener.passive) eventInternals.setPassive(event, false);
      if (eventInternals.stoppedNow(event)) return;
    }
  }

  static {
    targetInternals = {
      dispatch: (target, event) => (target as EventTarget).#dispatch(event),
      hasListener: (target, type) =>
        (target as EventTarget).#listeners.some((each) => each.type === type),
      handlerOf: (target, type) => (target as EventTarget).#handlers?.get(type)?.value ?? null,
      setHandler: (target, type, value) => {
        const self = target as EventTarget;
        // Asserts the brand even when there is nothing to do.
        self.#handlers ??= new Map();
        const slot = self.#handlers.get(type);
        const usable = (typeof value === "object" && value !== null) || typeof value === "function";
        if (!usable) {
          if (slot !== undefined) {
            self.#handlers.delete(type);
            self.#remove(slot);
          }
        } else if (slot === undefined) {
          const made = handlerListener(self, type, value);
          self.#handlers.set(type, made);
          self.#add(made);
        } else slot.value = value;
      },
    };
  }
}
defineInterface(EventTarget, "EventTarget");

/** An event handler attribute is a listener of its own, placed where it was first set. */
function handlerListener(target: EventTarget, type: string, value: object): HandlerSlot {
  const callback = (event: Event): void => {
    const handler = targetInternals.handlerOf(target, type);
    if (typeof handler === "function" && apply(handler, target, [event]) === false)
      event.preventDefault();
  };
  return { type, callback, capture: false, once: false, passive: false, removed: false, value };
}

/** `on<type>` accessors of an interface. */
export function defineHandlers(cls: { prototype: object }, ...types: string[]): void {
  for (const type of types) {
    const name = `on${type}`;
    const { get, set } = Object.getOwnPropertyDescriptor(
      {
        get [name](): unknown {
          return targetInternals.handlerOf(this, type);
        },
        set [name](value: unknown) {
          targetInternals.setHandler(this, type, value);
        },
      },
      name,
    ) as PropertyDescriptor;
    Object.defineProperty(cls.prototype, name, {
      get,
      set,
      enumerable: true,
      configurable: true,
    } as PropertyDescriptor);
  }
}

/** Holds what was added to globalThis, which no constructor of ours made. */
export const globalListeners = new EventTarget();

function receiver(self: EventTarget | undefined | null): EventTarget {
  return self === undefined || self === null || (self as unknown) === globalThis
    ? globalListeners
    : self;
}

/** `globalThis.onerror` takes (message, file, line, column, error) and cancels by returning true. */
function callGlobalHandler(event: Event): void {
  const name = `on${event.type}`;
  const handler = (globalThis as Record<string, unknown>)[name];
  if (typeof handler !== "function") return;
  try {
    if (name === "onerror" && "error" in event) {
      const { message, filename, lineno, colno, error } = event as unknown as Record<
        string,
        unknown
      >;
      if (apply(handler, globalThis, [message, filename, lineno, colno, error]) === true)
        event.preventDefault();
    } else if (apply(handler, globalThis, [event]) === false) event.preventDefault();
  } catch (error) {
    reportException(error);
  }
}

/** Fires a trusted event of the platform's own. */
export function fire(target: object, event: Event): boolean {
  eventInternals.trust(event);
  return targetInternals.dispatch(target === globalThis ? globalListeners : target, event);
}
