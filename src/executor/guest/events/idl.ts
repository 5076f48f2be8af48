/** WebIDL's view of a class: names that survive minification, enumerable members, a string tag. */
// oxlint-disable-next-line typescript/no-unsafe-function-type
export type AnyClass = Function & { prototype: object };

const { defineProperty, getOwnPropertyDescriptor } = Object;
const { ownKeys } = Reflect;

function enumerate(holder: object, skip: string): void {
  for (const key of ownKeys(holder)) {
    if (typeof key === "symbol" || key === skip) continue;
    const descriptor = getOwnPropertyDescriptor(holder, key);
    if (descriptor?.configurable !== true) continue;
    descriptor.enumerable = true;
    defineProperty(holder, key, descriptor);
  }
}

const CLASS_OWN = new Set<PropertyKey>(["length", "name", "prototype"]);

/** Call once per interface, after its class body. */
export function defineInterface(cls: AnyClass, name: string, length?: number): void {
  defineProperty(cls, "name", { value: name, configurable: true });
  if (length !== undefined) defineProperty(cls, "length", { value: length, configurable: true });
  enumerate(cls.prototype, "constructor");
  for (const key of ownKeys(cls)) {
    if (CLASS_OWN.has(key) || typeof key === "symbol") continue;
    const descriptor = getOwnPropertyDescriptor(cls, key);
    if (descriptor !== undefined) defineProperty(cls, key, { ...descriptor, enumerable: true });
  }
  defineProperty(cls.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** Read-only constants on the class and on its prototype. */
export function defineConstants(cls: AnyClass, constants: Record<string, number>): void {
  for (const [key, value] of Object.entries(constants)) {
    const descriptor = { value, enumerable: true };
    defineProperty(cls, key, descriptor);
    defineProperty(cls.prototype, key, descriptor);
  }
}

/** WebIDL conversion to a dictionary: undefined and null are empty, other primitives are refused. */
export function toDictionary(value: unknown, what: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function")
    throw new TypeError(`${what} is not an object`);
  return value as Record<string, unknown>;
}

/** `what`: `Interface.method`, `Interface constructor` or the name of a function. */
export function requireArguments(count: number, needed: number, what: string): void {
  if (count < needed) {
    const [owner = "", member] = what.split(/[. ]/);
    let failed = `execute '${owner}'`;
    if (member === "constructor") failed = `construct '${owner}'`;
    else if (member !== undefined) failed = `execute '${member}' on '${owner}'`;
    const wanted = `${needed} argument${needed === 1 ? "" : "s"} required`;
    throw new TypeError(`Failed to ${failed}: ${wanted}, but only ${count} present`);
  }
}

export const illegalConstructor = (): never => {
  throw new TypeError("Illegal constructor");
};
