/** What WebIDL says about every interface of the web platform core: members, their flags, lengths and brand checks. */
import type { CaseTable } from "./outcomes.ts";

const INTERFACES = [
  "Headers",
  "Request",
  "Response",
  "URL",
  "URLSearchParams",
  "URLPattern",
  "TextEncoder",
  "TextDecoder",
  "Blob",
  "File",
  "FormData",
];
/** Members that one runtime has before the others. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  Request: [
    "duplex",
    "isHistoryNavigation",
    "isReloadNavigation",
    "destination",
    "cache",
    "mode",
    "keepalive",
    "integrity",
    "referrer",
    "referrerPolicy",
    "credentials",
    "client",
    "priority",
  ],
  Response: ["trailers"],
  Blob: ["bytes", "formData", "json", "image"],
  File: ["webkitRelativePath"],
  FormData: ["from", "toJSON", "length"],
  Headers: ["toJSON", "getAll", "count"],
  URLSearchParams: ["toJSON", "length"],
  URLPattern: [],
};

type Interface = {
  new (...args: unknown[]): object;
  prototype: object;
  length: number;
  name: string;
};
const interfaceOf = (name: string): Interface =>
  (globalThis as unknown as Record<string, Interface>)[name] as Interface;

function shapeOf(holder: object, skip: readonly string[]): unknown {
  const members: Record<string, unknown> = {};
  for (const key of Reflect.ownKeys(holder)) {
    if (typeof key === "string" && skip.includes(key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
    const flags = `${descriptor.enumerable ? "e" : ""}${descriptor.configurable ? "c" : ""}${descriptor.writable ? "w" : ""}`;
    const kind = descriptor.get ? `get ${descriptor.set ? "set" : ""}` : typeof descriptor.value;
    const length = typeof descriptor.value === "function" ? descriptor.value.length : "";
    if (typeof key === "string" || key === Symbol.iterator || key === Symbol.toStringTag)
      members[String(key)] = `${kind} ${flags} ${length}`;
  }
  return members;
}

const threw = (run: () => unknown): unknown => {
  try {
    return { gave: String(run()) };
  } catch (error) {
    return (error as Error).name;
  }
};

const ITERABLE: Readonly<Record<string, () => object>> = {
  Headers: () => new Headers({ a: "b" }),
  URLSearchParams: () => new URLSearchParams("a=b"),
  FormData: () => {
    const form = new FormData();
    form.append("a", "b");
    return form;
  },
};

type Iterable2 = {
  entries(): Iterator<unknown>;
  keys(): Iterator<unknown>;
  values(): Iterator<unknown>;
  forEach(callback: unknown, thisArg?: unknown): void;
};

function iteratorCases(name: string, make: () => object): CaseTable {
  const fresh = (): Iterable2 => make() as Iterable2;
  const proto = (): object => Object.getPrototypeOf(fresh().entries()) as object;
  return {
    [`${name}: entries is Symbol.iterator`]: () =>
      (interfaceOf(name).prototype as Record<string | symbol, unknown>)["entries"] ===
      (interfaceOf(name).prototype as Record<symbol, unknown>)[Symbol.iterator],
    [`${name}: iterator prototype`]: () => [
      Object.prototype.toString.call(fresh().keys()),
      Object.getPrototypeOf(proto()) ===
        Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
      proto() === Object.getPrototypeOf(fresh().values()),
      Object.getOwnPropertyDescriptor(proto(), "next")?.enumerable,
      threw(() => (proto() as { next(): unknown }).next()),
    ],
    [`${name}: iterators give all kinds`]: () => [
      [...(fresh().entries() as never as unknown[])],
      [...(fresh().keys() as never as unknown[])],
      [...(fresh().values() as never as unknown[])],
    ],
    [`${name}: forEach order and this`]: () => {
      const seen: unknown[] = [];
      const target = fresh();
      const self = { self: true };
      target.forEach(function (this: unknown, value: unknown, key: unknown, whole: unknown) {
        seen.push(value, key, whole === target, this === self);
      }, self);
      return [
        seen,
        threw(() => target.forEach(1)),
        threw(() => (target as never as { forEach(): void }).forEach()),
      ];
    },
    [`${name}: foreign this`]: () => [
      threw(() => (interfaceOf(name).prototype as Iterable2).entries.call({})),
      threw(() => (interfaceOf(name).prototype as Iterable2).forEach.call({}, () => {})),
    ],
  };
}

const NAMESPACES = [
  "setTimeout",
  "setInterval",
  "clearTimeout",
  "clearInterval",
  "queueMicrotask",
  "atob",
  "btoa",
  "reportError",
];

function all(): CaseTable {
  const cases: Record<string, () => unknown> = {};
  for (const name of INTERFACES) {
    cases[`${name}: prototype members`] = () =>
      shapeOf(interfaceOf(name).prototype, OWN[name] ?? []);
    cases[`${name}: static members`] = () =>
      shapeOf(interfaceOf(name), [...(OWN[name] ?? []), "length"]);
    cases[`${name}: global property`] = () => {
      const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
      return [descriptor?.enumerable, descriptor?.configurable];
    };
    cases[`${name}: call without new`] = () =>
      threw(() => (interfaceOf(name) as unknown as () => unknown)());
    cases[`${name}: toString tag`] = () =>
      Object.prototype.toString.call(interfaceOf(name).prototype);
    cases[`${name}: getters refuse a foreign this`] = () => {
      const { prototype } = interfaceOf(name);
      const results: Record<string, unknown> = {};
      for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (descriptor.get && !(OWN[name] ?? []).includes(key))
          results[key] = threw(() => descriptor.get?.call({}));
      }
      return results;
    };
    cases[`${name}: subclass`] = () => {
      const Base = interfaceOf(name);
      class Derived extends Base {}
      const args: Record<string, unknown[]> = {
        Request: ["http://x.test/"],
        URL: ["http://x.test/"],
        File: [[], "n"],
        URLPattern: [{}],
      };
      const made = new Derived(...(args[name] ?? []));
      return [made instanceof Derived, made instanceof Base, Object.prototype.toString.call(made)];
    };
  }
  for (const [name, make] of Object.entries(ITERABLE))
    Object.assign(cases, iteratorCases(name, make));
  for (const name of NAMESPACES) {
    cases[`function ${name}`] = () => {
      const value = (globalThis as unknown as Record<string, { name: string; length: number }>)[
        name
      ];
      return [value?.name, value?.length, threw(() => (value as unknown as () => unknown)())];
    };
  }
  return cases;
}

export const cases: CaseTable = all();
