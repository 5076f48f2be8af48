/** Guest values that wasm holds: it knows their numbers only. Kept as long as the sandbox lives. */
const values: unknown[] = [];
const numbers = new Map<unknown, number>();

/** null is a value of its own in wasm. */
export function referenceTo(value: unknown): number | null {
  if (value === null) return null;
  let number = numbers.get(value);
  if (number === undefined) {
    number = values.push(value) - 1;
    numbers.set(value, number);
  }
  return number;
}

export const referenced = (number: number): unknown => values[number];

const opaques: object[] = [];
const opaqueNumbers = new WeakMap<object, number>();

const refuse = (): never => {
  throw new TypeError("Objects of wasm cannot be changed by a script");
};
const HANDLER: ProxyHandler<object> = {
  set: refuse,
  defineProperty: refuse,
  deleteProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
};

/** What a script sees of a struct or an array of wasm: nothing but who it is. */
export function opaque(number: number): object {
  let object = opaques[number];
  if (object === undefined) {
    object = new Proxy(Object.freeze(Object.create(null) as object), HANDLER);
    opaques[number] = object;
    opaqueNumbers.set(object, number);
  }
  return object;
}

export const opaqueNumber = (value: unknown): number | undefined =>
  typeof value === "object" && value !== null ? opaqueNumbers.get(value) : undefined;
