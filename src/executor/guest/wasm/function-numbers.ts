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

export function functionFor(number: number): Callable {
  const found = byNumber.get(number);
  if (!found) throw new TypeError("Cannot use the wasm function: no instance exports it");
  return found;
}
