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
