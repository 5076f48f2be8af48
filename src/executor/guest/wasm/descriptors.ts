/** The dictionaries that Memory, Table, Global and Tag are made from. */
type Dictionary = Record<string, unknown>;

export function dictionaryOf(value: unknown, what: string): Dictionary {
  if (value === null || (typeof value !== "object" && typeof value !== "function"))
    throw new TypeError(`Cannot make a ${what}: the descriptor is not an object`);
  return value as Dictionary;
}

/** [EnforceRange] unsigned long. */
export function unsigned(value: unknown, what: string): number {
  if (typeof value === "bigint" || typeof value === "symbol")
    throw new TypeError(`Cannot use ${what}: it is not a number`);
  const number = Math.trunc(Number(value));
  if (!(number >= 0 && number <= 0xffff_ffff))
    throw new TypeError(`Cannot use ${what}: ${String(value)} is not an unsigned 32-bit integer`);
  return number + 0;
}

/** `initial` (or its newer name `minimum`) and `maximum`, each converted before the next is read. */
export function limitsOf(
  descriptor: Dictionary,
  what: string,
): { initial: number; maximum: number | null } {
  const read = (name: string): number | null => {
    const value = descriptor[name];
    return value === undefined ? null : unsigned(value, name);
  };
  const given = read("initial");
  const maximum = read("maximum");
  const initial = given ?? read("minimum");
  if (initial === null) throw new TypeError(`Cannot make a ${what}: initial is missing`);
  if (maximum !== null && initial > maximum)
    throw new RangeError(
      `Cannot make a ${what}: initial ${initial} is more than maximum ${maximum}`,
    );
  return { initial, maximum };
}

const VALUE_TYPES = ["i32", "i64", "f32", "f64", "externref", "funcref"];

/** `anyfunc` is the older name of funcref. */
export function valueTypeOf(value: unknown, what: string): string {
  const text = String(value);
  const type = text === "anyfunc" ? "funcref" : text;
  if (!VALUE_TYPES.includes(type))
    throw new TypeError(
      `Cannot make a ${what}: '${type}' is not a value type that is available here`,
    );
  return type;
}

/** What a value is when none is given. */
export const defaultOf = (type: string): unknown =>
  type === "i64"
    ? 0n
    : type === "externref"
      ? undefined
      : type === "funcref" || type === "ref"
        ? null
        : 0;

export function defineWasmInterface(
  Class: { prototype: object },
  name: string,
  length: number,
): void {
  const { prototype } = Class;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key !== "constructor")
      Object.defineProperty(prototype, key, { ...descriptor, enumerable: true });
  }
  Object.defineProperty(Class, "name", { value: name, configurable: true });
  Object.defineProperty(Class, "length", { value: length, configurable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: `WebAssembly.${name}`,
    configurable: true,
  });
}
