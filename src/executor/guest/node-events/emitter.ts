/** Node's EventEmitter. A constructor function, because old packages call it without `new` and inherit by prototype. */
import { invalidType, nodeError, outOfRange } from "../node-buffer/errors.ts";

export type Listener = (...args: never[]) => unknown;
type EventName = string | symbol;
type Entry = Listener & { listener?: Listener };

export interface Emitter {
  _events: Record<EventName, Entry | Entry[]> | undefined;
  _eventsCount: number;
  _maxListeners: number | undefined;
  emit(name: EventName, ...args: unknown[]): boolean;
  on(name: EventName, listener: Listener): this;
  addListener(name: EventName, listener: Listener): this;
  prependListener(name: EventName, listener: Listener): this;
  once(name: EventName, listener: Listener): this;
  prependOnceListener(name: EventName, listener: Listener): this;
  off(name: EventName, listener: Listener): this;
  removeListener(name: EventName, listener: Listener): this;
  removeAllListeners(name?: EventName): this;
  setMaxListeners(count: number): this;
  getMaxListeners(): number;
  listeners(name: EventName): Listener[];
  rawListeners(name: EventName): Entry[];
  listenerCount(name: EventName, listener?: Listener): number;
  eventNames(): EventName[];
}

export interface EmitterConstructor {
  new (options?: { captureRejections?: boolean }): Emitter;
  (): void;
  prototype: Emitter;
  init(this: Emitter, options?: object): void;
  defaultMaxListeners: number;
  captureRejections: boolean;
  [name: string]: unknown;
}

export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejectionSymbol = Symbol.for("nodejs.rejection");
const capture = Symbol("kCapture");

export const EventEmitter = function EventEmitter(
  this: Emitter,
  options?: { captureRejections?: boolean },
): void {
  init.call(this, options);
} as unknown as EmitterConstructor;

let defaultMaxListeners = 10;
Object.defineProperty(EventEmitter, "defaultMaxListeners", {
  enumerable: true,
  get: () => defaultMaxListeners,
  set(count: unknown) {
    if (typeof count !== "number" || !(count >= 0))
      throw outOfRange("defaultMaxListeners", "a non-negative number", count);
    defaultMaxListeners = count;
  },
});
EventEmitter.captureRejections = false;
function init(this: Emitter, options?: { captureRejections?: boolean }): void {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null) as Emitter["_events"];
    this._eventsCount = 0;
  }
  this._maxListeners ??= undefined;
  if (options?.captureRejections === true)
    (this as unknown as Record<symbol, boolean>)[capture] = true;
}
EventEmitter.init = init;

const entriesOf = (emitter: Emitter, name: EventName): Entry[] => {
  const found = emitter._events?.[name];
  return found === undefined ? [] : typeof found === "function" ? [found] : found;
};

function checkListener(listener: unknown): asserts listener is Listener {
  if (typeof listener !== "function") throw invalidType("listener", "of type function", listener);
}

function add(emitter: Emitter, name: EventName, listener: unknown, first: boolean): Emitter {
  checkListener(listener);
  if (emitter._events === undefined) EventEmitter.init.call(emitter);
  const events = emitter._events as Record<EventName, Entry | Entry[]>;
  if (events["newListener"] !== undefined)
    emitter.emit("newListener", name, (listener as Entry).listener ?? listener);
  const found = events[name];
  if (found === undefined) {
    events[name] = listener;
    emitter._eventsCount++;
  } else if (typeof found === "function")
    events[name] = first ? [listener, found] : [found, listener];
  else if (first) found.unshift(listener);
  else found.push(listener);
  return emitter;
}

function onceWrapper(emitter: Emitter, name: EventName, listener: unknown): Entry {
  checkListener(listener);
  const wrapper: Entry = (...args) => {
    emitter.removeListener(name, wrapper);
    return Reflect.apply(listener, emitter, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

function remove(emitter: Emitter, name: EventName, listener: unknown): Emitter {
  checkListener(listener);
  const entries = entriesOf(emitter, name);
  const index = entries.findLastIndex((entry) => entry === listener || entry.listener === listener);
  if (index < 0 || emitter._events === undefined) return emitter;
  const removed = entries[index] as Entry;
  store(emitter, name, entries.toSpliced(index, 1));
  if (emitter._events["removeListener"] !== undefined)
    emitter.emit("removeListener", name, removed.listener ?? removed);
  return emitter;
}

function store(emitter: Emitter, name: EventName, entries: Entry[]): void {
  const events = emitter._events as Record<EventName, Entry | Entry[]>;
  if (entries.length > 0) {
    events[name] = entries.length === 1 ? (entries[0] as Entry) : entries;
    return;
  }
  delete events[name];
  emitter._eventsCount--;
}

function unhandled(emitter: Emitter, args: unknown[]): never {
  const [error] = args;
  if (error instanceof Error) throw error;
  const wrapped = nodeError(
    Error,
    "ERR_UNHANDLED_ERROR",
    `Unhandled error. (${typeof error === "string" ? `'${error}'` : String(error)})`,
  );
  throw Object.assign(wrapped, { context: error, emitter: undefined });
}

function captured(emitter: Emitter, result: unknown, name: EventName, args: unknown[]): void {
  if (
    (emitter as unknown as Record<symbol, boolean>)[capture] !== true &&
    !EventEmitter.captureRejections
  )
    return;
  const { then } = (result ?? {}) as PromiseLike<unknown>;
  if (typeof then !== "function") return;
  then.call(result, undefined, (error: unknown) => {
    const handler = (emitter as unknown as Record<symbol, unknown>)[captureRejectionSymbol];
    if (typeof handler === "function") Reflect.apply(handler, emitter, [error, name, ...args]);
    else emitter.emit("error", error);
  });
}

const methods: Record<string, (this: Emitter, ...args: never[]) => unknown> = {
  emit(name: EventName, ...args: unknown[]) {
    if (name === "error" && this._events?.[errorMonitor] !== undefined)
      this.emit(errorMonitor, ...args);
    const found = this._events?.[name];
    if (found === undefined) return name === "error" ? unhandled(this, args) : false;
    const entries = typeof found === "function" ? [found] : found.slice();
    for (const entry of entries) {
      const result: unknown = Reflect.apply(entry, this, args);
      if (typeof result === "object" && result !== null) captured(this, result, name, args);
    }
    return true;
  },
  on(name: EventName, listener: unknown) {
    return add(this, name, listener, false);
  },
  prependListener(name: EventName, listener: unknown) {
    return add(this, name, listener, true);
  },
  once(name: EventName, listener: unknown) {
    return this.on(name, onceWrapper(this, name, listener));
  },
  prependOnceListener(name: EventName, listener: unknown) {
    return this.prependListener(name, onceWrapper(this, name, listener));
  },
  removeListener(name: EventName, listener: unknown) {
    return remove(this, name, listener);
  },
  removeAllListeners(...names: EventName[]) {
    if (this._events === undefined) return this;
    const all = names.length === 0 ? Reflect.ownKeys(this._events) : names;
    for (const name of all) {
      if (this._events["removeListener"] === undefined || name === "removeListener") {
        if (entriesOf(this, name).length > 0) store(this, name, []);
      } else for (const entry of entriesOf(this, name).toReversed()) remove(this, name, entry);
    }
    if (names.length === 0 && this._events["removeListener"] !== undefined)
      store(this, "removeListener", []);
    return this;
  },
  setMaxListeners(count: number) {
    if (typeof count !== "number" || !(count >= 0))
      throw outOfRange("n", "a non-negative number", count);
    this._maxListeners = count;
    return this;
  },
  getMaxListeners() {
    return this._maxListeners ?? defaultMaxListeners;
  },
  listeners(name: EventName) {
    return entriesOf(this, name).map((entry) => entry.listener ?? entry);
  },
  rawListeners(name: EventName) {
    return entriesOf(this, name).slice();
  },
  listenerCount(name: EventName, listener?: Listener) {
    const entries = entriesOf(this, name);
    return listener === undefined
      ? entries.length
      : entries.filter((entry) => entry === listener || entry.listener === listener).length;
  },
  eventNames() {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events ?? {}) : [];
  },
};

for (const name of Object.keys(methods))
  (EventEmitter.prototype as unknown as Record<string, unknown>)[name] = methods[name];
Object.assign(EventEmitter.prototype, {
  _events: undefined,
  _eventsCount: 0,
  _maxListeners: undefined,
  addListener: EventEmitter.prototype.on,
  off: EventEmitter.prototype.removeListener,
});
