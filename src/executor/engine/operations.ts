/** Host operations by number: names are sorted, so that the numbers in an image hold for the whole runtime build. */
import type { HostFunction } from "../host/host-function.ts";
import { HostError } from "../host/host-function.ts";

export class OperationTable {
  readonly #numbers = new Map<string, number>();
  readonly #functions: HostFunction[] = [];

  constructor(operations: Readonly<Record<string, HostFunction>>) {
    for (const name of Object.keys(operations).sort()) {
      const found = operations[name];
      if (found === undefined) continue;
      this.#numbers.set(name, this.#functions.length);
      this.#functions.push(found);
    }
  }

  /** A name that no area provides gets a number whose call fails, so that parts load all the same. */
  number(name: string): number {
    const found = this.#numbers.get(name);
    if (found !== undefined) return found;
    const number = this.#functions.length;
    this.#numbers.set(name, number);
    this.#functions.push(() => {
      throw new HostError("NotSupported", `Host operation "${name}" does not exist in this build`);
    });
    return number;
  }

  get(number: number): HostFunction {
    const found = this.#functions[number];
    if (found === undefined)
      throw new HostError("Error", `No host operation has the number ${number}`);
    return found;
  }
}
