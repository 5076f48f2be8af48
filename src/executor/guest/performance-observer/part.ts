/** PerformanceObserver of Performance Timeline, for the types of entries that there are: marks and measures. */
import {
  defineInterface,
  illegalConstructor,
  requireArguments,
  toDictionary,
} from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import type { PerformanceEntry, PerformancePart } from "../performance/part.ts";
import { definePart, usePart } from "../registry.ts";

const { domError, reportException } = usePart<Events>("events");
const { onEntry, recorded, select } = usePart<PerformancePart>("performance");
const { setTimeout } = globalThis as unknown as { setTimeout(run: () => void): unknown };
const { apply } = Reflect;
const INTERNAL = Symbol("internal");

const supported: readonly string[] = Object.freeze(["mark", "measure"]);

const byStart = (one: PerformanceEntry, other: PerformanceEntry): number =>
  one.startTime - other.startTime;

export class PerformanceObserverEntryList {
  #entries: PerformanceEntry[];
  constructor(token?: symbol, entries: PerformanceEntry[] = []) {
    if (token !== INTERNAL) illegalConstructor();
    this.#entries = entries.toSorted(byStart);
  }
  getEntries(): PerformanceEntry[] {
    return [...this.#entries];
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, "PerformanceObserverEntryList.getEntriesByType");
    return select(entries, undefined, type);
  }
  getEntriesByName(name: string, type: unknown = undefined): PerformanceEntry[] {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, "PerformanceObserverEntryList.getEntriesByName");
    return select(entries, `${name}`, type);
  }
}
defineInterface(PerformanceObserverEntryList, "PerformanceObserverEntryList", 0);

let registered: PerformanceObserver[] = [];
let notifying = false;

/** All observers hear of what came in one task of its own. */
function notifyLater(): void {
  if (notifying) return;
  notifying = true;
  setTimeout(() => {
    notifying = false;
    for (const observer of registered) notify(observer);
  });
}

let notify: (observer: PerformanceObserver) => void;
let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => void;

function toTypes(value: unknown): string[] {
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value))
    throw new TypeError("The entryTypes of a PerformanceObserver are not a sequence");
  return Array.from(value as Iterable<unknown>, (type) => `${type as string}`);
}

type Mode = "type" | "entryTypes";

export class PerformanceObserver {
  #callback: (...args: unknown[]) => unknown;
  #types: string[] = [];
  #buffer: PerformanceEntry[] = [];
  #mode: Mode | undefined;
  /** The first call after `observe` tells how many entries were dropped: none ever is. */
  #tellsDropped = false;

  constructor(callback: (...args: unknown[]) => unknown) {
    requireArguments(arguments.length, 1, "PerformanceObserver constructor");
    if (typeof callback !== "function")
      throw new TypeError("The callback of a PerformanceObserver is not a function");
    this.#callback = callback;
  }
  observe(options: unknown = undefined): void {
    void this.#callback;
    const { buffered, entryTypes, type } = toDictionary(options, "The options of observe");
    const types = entryTypes === undefined ? undefined : toTypes(entryTypes);
    const single = type === undefined ? undefined : `${type as string}`;
    if ((types === undefined) === (single === undefined))
      throw new TypeError("The options of observe need either a type or entryTypes");
    this.#enter(types === undefined ? "type" : "entryTypes");
    this.#tellsDropped = true;
    if (types !== undefined) this.#observeAll(types);
    else if (single !== undefined) this.#observeOne(single, Boolean(buffered));
  }
  disconnect(): void {
    this.#types = [];
    this.#buffer = [];
    registered = registered.filter((each) => each !== this);
    if (registered.length === 0) onEntry(undefined);
  }
  takeRecords(): PerformanceEntry[] {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }
  static get supportedEntryTypes(): readonly string[] {
    return supported;
  }

  #enter(mode: Mode): void {
    this.#mode ??= mode;
    if (this.#mode === mode) return;
    throw domError(
      "InvalidModificationError",
      `The observer was told what to observe by ${this.#mode} before, and cannot be by ${mode}`,
    );
  }
  /** Takes the place of all that was observed before. */
  #observeAll(types: string[]): void {
    const known = types.filter((type) => supported.includes(type));
    if (known.length === 0) return;
    this.#types = known;
    this.#register();
  }
  #observeOne(type: string, buffered: boolean): void {
    if (!supported.includes(type)) return;
    if (!this.#types.includes(type)) this.#types.push(type);
    this.#register();
    if (!buffered) return;
    this.#buffer.push(...select(recorded(), undefined, type));
    notifyLater();
  }
  #register(): void {
    if (registered.includes(this)) return;
    registered.push(this);
    onEntry((entry) => {
      for (const observer of registered) offer(observer, entry);
    });
  }

  static {
    offer = (observer, entry) => {
      if (!observer.#types.includes(entry.entryType)) return;
      observer.#buffer.push(entry);
      notifyLater();
    };
    notify = (observer) => {
      const records = observer.takeRecords();
      if (records.length === 0) return;
      const list = new PerformanceObserverEntryList(INTERNAL, records);
      const options = observer.#tellsDropped ? { droppedEntriesCount: 0 } : {};
      observer.#tellsDropped = false;
      try {
        apply(observer.#callback, observer, [list, observer, options]);
      } catch (error) {
        reportException(error);
      }
    };
  }
}
defineInterface(PerformanceObserver, "PerformanceObserver", 1);

definePart("performance-observer", { PerformanceObserver, PerformanceObserverEntryList });
