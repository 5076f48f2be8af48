import {
  defineInterface,
  illegalConstructor,
  requireArguments,
  toDictionary,
} from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import { definePart, usePart } from "../registry.ts";

const events = usePart<Events>("events");
const { now, timeOrigin, domError } = events;
const INTERNAL = Symbol("internal");

const clone = (value: unknown): unknown =>
  value === undefined || value === null
    ? null
    : usePart<{ structuredClone(value: unknown): unknown }>("messaging").structuredClone(value);

export class PerformanceEntry {
  #name: string;
  #type: string;
  #start: number;
  #duration: number;
  constructor(token?: symbol, name = "", type = "", start = 0, duration = 0) {
    if (token !== INTERNAL) illegalConstructor();
    this.#name = name;
    this.#type = type;
    this.#start = start;
    this.#duration = duration;
  }
  get name(): string {
    return this.#name;
  }
  get entryType(): string {
    return this.#type;
  }
  get startTime(): number {
    return this.#start;
  }
  get duration(): number {
    return this.#duration;
  }
  toJSON(): object {
    return {
      name: this.#name,
      entryType: this.#type,
      startTime: this.#start,
      duration: this.#duration,
    };
  }
}
defineInterface(PerformanceEntry, "PerformanceEntry", 0);

export class PerformanceMark extends PerformanceEntry {
  #detail: unknown;
  constructor(name: string, options: unknown = undefined) {
    requireArguments(arguments.length, 1, "PerformanceMark constructor");
    const text = `${name}`;
    const { detail, startTime } = toDictionary(options, "The mark's options");
    const start = startTime === undefined ? now() : finite(startTime);
    if (start < 0) throw new TypeError("The startTime of a mark cannot be negative");
    super(INTERNAL, text, "mark", start, 0);
    this.#detail = clone(detail);
  }
  get detail(): unknown {
    return this.#detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.#detail };
  }
}
defineInterface(PerformanceMark, "PerformanceMark", 1);

export class PerformanceMeasure extends PerformanceEntry {
  #detail: unknown;
  constructor(token?: symbol, name?: string, start = 0, duration = 0, detail: unknown = null) {
    super(token, name, "measure", start, duration);
    this.#detail = detail;
  }
  get detail(): unknown {
    return this.#detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.#detail };
  }
}
defineInterface(PerformanceMeasure, "PerformanceMeasure", 0);

function finite(value: unknown): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError("The value is not a finite number");
  return number;
}

let entries: PerformanceEntry[] = [];
/** Set by PerformanceObserver, which is a part of its own. */
let observe: ((entry: PerformanceEntry) => void) | undefined;

/** Those of a name and a type, where these are given. */
function select(from: PerformanceEntry[], name?: string, type?: unknown): PerformanceEntry[] {
  const kind = type === undefined ? undefined : `${type as string}`;
  return from.filter(
    (entry) =>
      (name === undefined || entry.name === name) &&
      (kind === undefined || entry.entryType === kind),
  );
}

/** In the order of their start; of two that start together, the one that was made first. */
function add<T extends PerformanceEntry>(entry: T): T {
  let at = entries.length;
  while (at > 0 && (entries[at - 1] as PerformanceEntry).startTime > entry.startTime) at--;
  entries.splice(at, 0, entry);
  observe?.(entry);
  return entry;
}

/** A mark's name, or a time. */
function toTime(mark: unknown): number {
  if (typeof mark === "number") {
    const time = finite(mark);
    if (time < 0) throw new TypeError("A time of a measure cannot be negative");
    return time;
  }
  const name = `${mark as string}`;
  const found = entries.findLast((entry) => entry.entryType === "mark" && entry.name === name);
  if (found === undefined) throw domError("SyntaxError", `The mark '${name}' does not exist`);
  return found.startTime;
}

interface MeasureOptions {
  start?: unknown;
  end?: unknown;
  duration?: unknown;
  detail?: unknown;
}

function checkOptions({ start, end, duration }: MeasureOptions, endMark: unknown): void {
  if (endMark !== undefined) throw new TypeError("A measure with options takes no end mark");
  if (start === undefined && end === undefined) {
    throw new TypeError("The options of a measure need a start or an end");
  }
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeError("The options of a measure cannot have start, end and duration");
  }
}

function measureOf(name: string, startOrOptions: unknown, endMark: unknown): PerformanceMeasure {
  const isOptions = typeof startOrOptions === "object";
  const options: MeasureOptions = isOptions ? (startOrOptions ?? {}) : { start: startOrOptions };
  const { detail, duration, end, start } = options;
  const given = isOptions && [detail, duration, end, start].some((member) => member !== undefined);
  if (given) checkOptions({ duration, end, start }, endMark);
  const last = endMark === undefined ? end : endMark;
  let endTime: number;
  if (last !== undefined) endTime = toTime(last);
  else if (given && start !== undefined && duration !== undefined)
    endTime = toTime(start) + finite(duration);
  else endTime = now();
  let startTime = 0;
  if (start !== undefined) startTime = toTime(start);
  else if (given && duration !== undefined) startTime = endTime - finite(duration);
  return new PerformanceMeasure(INTERNAL, name, startTime, endTime - startTime, clone(detail));
}

const clear = (type: string, name: unknown): void => {
  const only = name === undefined ? undefined : `${name as string}`;
  entries = entries.filter(
    (entry) => entry.entryType !== type || (only !== undefined && entry.name !== only),
  );
};

export class Performance extends events.EventTarget {
  #brand = true;
  constructor(token?: symbol) {
    if (token !== INTERNAL) illegalConstructor();
    super();
  }
  now(): number {
    void this.#brand;
    return now();
  }
  get timeOrigin(): number {
    void this.#brand;
    return timeOrigin;
  }
  mark(name: string, options: unknown = undefined): PerformanceMark {
    void this.#brand;
    requireArguments(arguments.length, 1, "Performance.mark");
    return add(new PerformanceMark(name, options));
  }
  measure(name: string, start: unknown = undefined, end: unknown = undefined): PerformanceMeasure {
    void this.#brand;
    requireArguments(arguments.length, 1, "Performance.measure");
    return add(measureOf(`${name}`, start, end));
  }
  clearMarks(name: unknown = undefined): void {
    void this.#brand;
    clear("mark", name);
  }
  clearMeasures(name: unknown = undefined): void {
    void this.#brand;
    clear("measure", name);
  }
  /** Nothing here times what is fetched. */
  clearResourceTimings(): void {
    void this.#brand;
  }
  setResourceTimingBufferSize(size: unknown): void {
    void this.#brand;
    requireArguments(arguments.length, 1, "Performance.setResourceTimingBufferSize");
    Number(size);
  }
  getEntries(): PerformanceEntry[] {
    void this.#brand;
    return [...entries];
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    void this.#brand;
    requireArguments(arguments.length, 1, "Performance.getEntriesByType");
    return select(entries, undefined, `${type}`);
  }
  getEntriesByName(name: string, type: unknown = undefined): PerformanceEntry[] {
    void this.#brand;
    requireArguments(arguments.length, 1, "Performance.getEntriesByName");
    return select(entries, `${name}`, type);
  }
  toJSON(): object {
    void this.#brand;
    return { timeOrigin };
  }
}
defineInterface(Performance, "Performance", 0);
Object.defineProperty(Performance.prototype.mark, "length", { value: 1, configurable: true });
Object.defineProperty(Performance.prototype.measure, "length", { value: 1, configurable: true });

export const performance = new Performance(INTERNAL);

const part = {
  performance,
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  // For PerformanceObserver.
  select,
  recorded: (): PerformanceEntry[] => entries,
  onEntry: (callback: typeof observe): void => {
    observe = callback;
  },
};

export type PerformancePart = typeof part;

definePart("performance", part);
