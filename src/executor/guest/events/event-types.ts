/** The Event interfaces that only carry data: one table instead of one class body each. */
import { Event, eventInternals } from "./event.ts";
import { defineInterface, requireArguments, toDictionary } from "./idl.ts";

type Convert = (value: unknown) => unknown;
interface Field {
  convert: Convert;
  /** Absent for a required member. */
  initial?: unknown;
}

type Values = Record<string, unknown>;
const valuesOf = eventInternals.data;

const any: Field = { convert: (value) => value, initial: null };
const undefinedByDefault: Field = { convert: (value) => value, initial: undefined };
const string: Field = { convert: (value) => `${value as string}`, initial: "" };
const bool: Field = { convert: Boolean, initial: false };
const ulong: Field = { convert: (value) => Number(value) >>> 0, initial: 0 };
const ushort: Field = { convert: (value) => Number(value) & 0xffff, initial: 0 };
const double: Field = {
  convert: (value) => {
    const number = Number(value);
    if (!Number.isFinite(number)) throw new TypeError("The value is not a finite number");
    return number;
  },
  initial: 0,
};

/** Reads the members in alphabetical order, as WebIDL does. */
function readInit(name: string, fields: Record<string, Field>, init: Values, values: Values): void {
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key] as Field;
    const given = init[key];
    if (given !== undefined) values[key] = field.convert(given);
    else if ("initial" in field) values[key] = field.initial;
    else throw new TypeError(`${name} constructor: the member ${key} is required`);
  }
}

export interface DataEventConstructor {
  new (type: string, init?: object): Event & Record<string, unknown>;
  prototype: Event;
}

function dataEvent(name: string, fields: Record<string, Field>): DataEventConstructor {
  const length = Object.values(fields).every((field) => "initial" in field) ? 1 : 2;
  const cls = class extends Event {
    constructor(type: string, init?: unknown) {
      requireArguments(arguments.length, length, `${name} constructor`);
      super(type, init);
      readInit(name, fields, toDictionary(init, "Event init"), valuesOf(this));
    }
  };
  for (const key of Object.keys(fields)) {
    const { get } = Object.getOwnPropertyDescriptor(
      {
        get [key](): unknown {
          const values = valuesOf(this);
          if (!(key in values)) throw new TypeError("Illegal invocation");
          return values[key];
        },
      },
      key,
    ) as PropertyDescriptor;
    Object.defineProperty(cls.prototype, key, { get, configurable: true } as PropertyDescriptor);
  }
  defineInterface(cls, name, length);
  return cls as unknown as DataEventConstructor;
}

export const CustomEvent = dataEvent("CustomEvent", { detail: any });
export const ErrorEvent = dataEvent("ErrorEvent", {
  message: string,
  filename: string,
  lineno: ulong,
  colno: ulong,
  error: undefinedByDefault,
});
const ports: Field = {
  convert: (value) => Object.freeze([...(value as Iterable<unknown>)]),
  initial: Object.freeze([]),
};
export const MessageEvent = dataEvent("MessageEvent", {
  data: any,
  origin: string,
  lastEventId: string,
  source: any,
  ports,
});
export const CloseEvent = dataEvent("CloseEvent", { wasClean: bool, code: ushort, reason: string });
export const ProgressEvent = dataEvent("ProgressEvent", {
  lengthComputable: bool,
  loaded: double,
  total: double,
});
export const PromiseRejectionEvent = dataEvent("PromiseRejectionEvent", {
  promise: {
    convert: (value) => {
      if (typeof value !== "object" || value === null)
        throw new TypeError("The promise member is not an object");
      return value;
    },
  },
  reason: undefinedByDefault,
});

/** Legacy initialisers; each does nothing while the event is dispatched. */
function addInit(
  cls: DataEventConstructor,
  name: string,
  keys: string[],
  fields: Record<string, Field>,
): void {
  const method = {
    [name](this: Event, type: string, bubbles: unknown = false, cancelable: unknown = false): void {
      requireArguments(arguments.length, 1, name);
      const values = valuesOf(this);
      if (this.eventPhase !== 0) return;
      this.initEvent(type, bubbles, cancelable);
      keys.forEach((key, index) => {
        // oxlint-disable-next-line prefer-rest-params
        const given: unknown = arguments[index + 3];
        const field = fields[key] as Field;
        values[key] = given === undefined ? field.initial : field.convert(given);
      });
    },
  }[name] as unknown as (type: string) => void;
  Object.defineProperty(method, "length", { value: 1, configurable: true });
  Object.defineProperty(cls.prototype, name, {
    value: method,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
addInit(CustomEvent, "initCustomEvent", ["detail"], { detail: any });
addInit(MessageEvent, "initMessageEvent", ["data", "origin", "lastEventId", "source", "ports"], {
  data: any,
  origin: string,
  lastEventId: string,
  source: any,
  ports,
});
