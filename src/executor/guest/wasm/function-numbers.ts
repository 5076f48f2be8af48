/** Exported wasm functions: one object for each number of the host's. */
export type Callable = (...args: unknown[]) => unknown;

const byNumber = new Map<number, Callable>();
const numbers = new WeakMap<Callable, number>();

export const functionOf = (number: number): Callable | undefined => byNumber.get(number);

export function setFunction(number: number, callable: Callable): void {
  byNumber.set(number, callable);
  numbers.set(callable, number);
}

export function functionNumber(value: unknown): number {
  const number = typeof value === "function" ? numbers.get(value as Callable) : undefined;
  if (number === undefined)
    throw new TypeError("Cannot use the value as a funcref: it is no exported wasm function");
  return number;
}

export const exportedNumber = (value: Callable): number | undefined => numbers.get(value);

/** Set by functions.ts, which knows how to make one. */
export const maker: { make: ((number: number) => Callable) | undefined } = { make: undefined };

/** The function of a number that came from the host. */
export function functionFor(number: number): Callable {
  const found = byNumber.get(number) ?? maker.make?.(number);
  if (!found) throw new TypeError("Cannot use the wasm function: it is not known");
  return found;
}
