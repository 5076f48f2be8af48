import { defineConstants, defineInterface, requireArguments, toDictionary } from "./idl.ts";
import { now } from "../performance/clock.ts";

const { defineProperty } = Object;

/** Bits of Event's state. */
const BUBBLES = 1;
const CANCELABLE = 2;
const COMPOSED = 4;
const STOP = 8;
const STOP_NOW = 16;
const CANCELED = 32;
const PASSIVE = 64;
const DISPATCHING = 128;
const INITIALIZED = 256;
const TRUSTED = 512;

const PHASES = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };

interface Internals {
  trust(event: Event): void;
  /** Starts a dispatch at `target`; throws InvalidStateError's text when one is under way. */
  begin(event: Event, target: object): boolean;
  end(event: Event): void;
  setPassive(event: Event, passive: boolean): void;
  stopped(event: Event): boolean;
  stoppedNow(event: Event): boolean;
  isEvent(value: unknown): value is Event;
  /** The members that an interface of event-types.ts adds. */
  data(event: object): Record<string, unknown>;
}
export let eventInternals: Internals;

// One getter for all instances: `isTrusted` is [LegacyUnforgeable], an own property of each event.
let isTrustedDescriptor: PropertyDescriptor;

export class Event {
  #type: string;
  #flags = INITIALIZED;
  #target: object | null = null;
  #current: object | null = null;
  #time: number;
  #data: Record<string, unknown> | undefined;

  constructor(type: string, init: unknown = {}) {
    requireArguments(arguments.length, 1, "Event constructor");
    this.#type = `${type}`;
    if (init !== undefined) {
      const options = toDictionary(init, "Event init");
      if (options["bubbles"]) this.#flags |= BUBBLES;
      if (options["cancelable"]) this.#flags |= CANCELABLE;
      if (options["composed"]) this.#flags |= COMPOSED;
    }
    this.#time = now();
    defineProperty(this, "isTrusted", isTrustedDescriptor);
  }
  get type(): string {
    return this.#type;
  }
  get target(): object | null {
    return this.#target;
  }
  get srcElement(): object | null {
    return this.#target;
  }
  get currentTarget(): object | null {
    return this.#current;
  }
  composedPath(): object[] {
    return this.#current === null ? [] : [this.#current];
  }
  get eventPhase(): number {
    return this.#current === null ? 0 : PHASES.AT_TARGET;
  }
  stopPropagation(): void {
    this.#flags |= STOP;
  }
  get cancelBubble(): boolean {
    return (this.#flags & STOP) !== 0;
  }
  set cancelBubble(value: unknown) {
    if (value) this.#flags |= STOP;
  }
  stopImmediatePropagation(): void {
    this.#flags |= STOP | STOP_NOW;
  }
  get bubbles(): boolean {
    return (this.#flags & BUBBLES) !== 0;
  }
  get cancelable(): boolean {
    return (this.#flags & CANCELABLE) !== 0;
  }
  get returnValue(): boolean {
    return (this.#flags & CANCELED) === 0;
  }
  set returnValue(value: unknown) {
    if (!value) this.#cancel();
  }
  preventDefault(): void {
    this.#cancel();
  }
  get defaultPrevented(): boolean {
    return (this.#flags & CANCELED) !== 0;
  }
  get composed(): boolean {
    return (this.#flags & COMPOSED) !== 0;
  }
  get timeStamp(): number {
    return this.#time;
  }
  initEvent(type: string, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, "Event.initEvent");
    const name = `${type}`;
    if ((this.#flags & DISPATCHING) !== 0) return;
    this.#flags =
      INITIALIZED |
      (bubbles ? BUBBLES : 0) |
      (cancelable ? CANCELABLE : 0) |
      (this.#flags & COMPOSED);
    this.#target = null;
    this.#type = name;
  }

  #cancel(): void {
    if ((this.#flags & (CANCELABLE | PASSIVE)) === CANCELABLE) this.#flags |= CANCELED;
  }

  static {
    const holder = {
      get isTrusted(): boolean {
        return ((this as unknown as Event).#flags & TRUSTED) !== 0;
      },
    };
    isTrustedDescriptor = {
      ...Object.getOwnPropertyDescriptor(holder, "isTrusted"),
      enumerable: true,
      configurable: false,
    };
    eventInternals = {
      trust: (event) => {
        event.#flags |= TRUSTED;
      },
      begin: (event, target) => {
        if ((event.#flags & (DISPATCHING | INITIALIZED)) !== INITIALIZED) return false;
        event.#flags |= DISPATCHING;
        event.#target = target;
        event.#current = target;
        return true;
      },
      end: (event) => {
        event.#flags &= ~(DISPATCHING | STOP | STOP_NOW);
        event.#current = null;
      },
      setPassive: (event, passive) => {
        if (passive) event.#flags |= PASSIVE;
        else event.#flags &= ~PASSIVE;
      },
      stopped: (event) => (event.#flags & STOP) !== 0,
      stoppedNow: (event) => (event.#flags & STOP_NOW) !== 0,
      data: (event) => ((event as Event).#data ??= {}),
      isEvent: (value): value is Event =>
        typeof value === "object" && value !== null && #flags in value,
    };
  }
}
defineInterface(Event, "Event", 1);
defineConstants(Event, PHASES);
