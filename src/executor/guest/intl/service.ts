/** What all of Intl's constructors share: an object whose only content is the key of a host formatter. */
import { canonicalize, localesOf, optionsOf } from "./arguments.ts";
import { host } from "./host.ts";

const keys = new WeakMap<
  object,
  { kind: string; key: string; bound?: (...args: never[]) => unknown }
>();

export interface ServiceDefinition {
  name: string;
  options: readonly string[];
  /** Without `new`, as the oldest three allow. */
  callable?: boolean;
  length?: number;
  /** Options have to be an object when they are given. */
  strict?: boolean;
  /** DisplayNames cannot do without. */
  needsOptions?: boolean;
  readOptions?: (given: unknown) => Record<string, unknown>;
  methods: Record<string, (this: object, ...args: never[]) => unknown>;
  /** Name of the accessor whose function is bound to the formatter. */
  bound?: string;
}

type Constructor = ((locales?: unknown, options?: unknown) => object) & { prototype: object };

const hide = (value: unknown): PropertyDescriptor => ({
  value,
  writable: true,
  configurable: true,
  enumerable: false,
});

function slotsOf(
  self: unknown,
  kind: string,
): { key: string; bound?: (...args: never[]) => unknown } {
  const slots = typeof self === "object" && self !== null ? keys.get(self) : undefined;
  if (slots === undefined || slots.kind !== kind)
    throw new TypeError(`Cannot use this method: the object is not an Intl.${kind}`);
  return slots;
}

/** The host's key of `self`, which must be of this kind. */
export const keyOf = (self: unknown, kind: string): string => slotsOf(self, kind).key;

export const parseAnswer = <T>(answer: unknown): T => JSON.parse(answer as string) as T;

function construct(
  definition: ServiceDefinition,
  prototype: object,
  locales: unknown,
  given: unknown,
): object {
  const { name, options: names, strict = false } = definition;
  if (definition.needsOptions && given === undefined)
    throw new TypeError(`Cannot make an Intl.${name} without options`);
  const tags = localesOf(locales);
  const options = definition.readOptions?.(given) ?? optionsOf(names, given, strict);
  const key = JSON.stringify([name, tags, options]);
  host.check(key);
  const self = Object.create(prototype) as object;
  keys.set(self, { kind: name, key });
  return self;
}

function bindAccessor(
  constructor: Constructor,
  { name, bound = "", methods }: ServiceDefinition,
): void {
  const method = methods[bound] as (this: object, ...args: unknown[]) => unknown;
  const get = function (this: object): unknown {
    const slots = slotsOf(this, name);
    const length = bound === "compare" ? 2 : 1;
    slots.bound ??= Object.defineProperties((...args: unknown[]) => method.apply(this, args), {
      name: { value: "", configurable: true },
      length: { value: length, configurable: true },
    });
    return slots.bound;
  };
  Object.defineProperty(get, "name", { value: `get ${bound}`, configurable: true });
  Object.defineProperty(constructor.prototype, bound, {
    get,
    configurable: true,
    enumerable: false,
  });
}

/** Makes one constructor of Intl. */
export function defineService(definition: ServiceDefinition): Constructor {
  const { name, methods, bound, callable = false, length = 0 } = definition;
  const constructor = function (locales?: unknown, options?: unknown): object {
    if (new.target === undefined && !callable) throw new TypeError(`Intl.${name} needs new`);
    const own = new.target === undefined ? undefined : (new.target.prototype as unknown);
    const prototype = typeof own === "object" && own !== null ? own : constructor.prototype;
    return construct(definition, prototype, locales, options);
  } as unknown as Constructor;
  Object.defineProperties(constructor, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
    prototype: { writable: false },
    supportedLocalesOf: hide(supportedLocalesOf(name)),
  });
  for (const [method, run] of Object.entries(methods)) {
    if (method !== bound) Object.defineProperty(constructor.prototype, method, hide(run));
  }
  if (bound !== undefined) bindAccessor(constructor, definition);
  const resolved = {
    resolvedOptions(this: unknown): object {
      return parseAnswer(host.invoke(keyOf(this, name), "resolvedOptions"));
    },
  };
  Object.defineProperty(constructor.prototype, "resolvedOptions", hide(resolved.resolvedOptions));
  Object.defineProperty(constructor.prototype, "constructor", hide(constructor));
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, {
    value: `Intl.${name}`,
    configurable: true,
  });
  return constructor;
}

function supportedLocalesOf(kind: string): (locales: unknown) => string[] {
  const holder = {
    supportedLocalesOf(locales: unknown, options?: unknown): string[] {
      const read = optionsOf(["localeMatcher"], options, false);
      return parseAnswer(
        host.supportedLocales(kind, JSON.stringify(canonicalize(locales)), JSON.stringify(read)),
      );
    },
  };
  Object.defineProperty(holder.supportedLocalesOf, "length", { value: 1, configurable: true });
  return holder.supportedLocalesOf;
}
