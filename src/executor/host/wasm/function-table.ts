/**
 * Numbers of the wasm functions that scripts hold. Those that come out of an export or a table get the same
 * number again when a fork repeats the steps; those that come out of a call get a negative one, which it does not know.
 */
import type { FunctionType, ModuleShape } from "./module-shape.ts";
import { runtimeError } from "./modules.ts";

export type Callable = (...args: unknown[]) => unknown;

export interface WasmFunction {
  run: Callable;
  type: FunctionType;
}

const sameType = (a: FunctionType, b: FunctionType): boolean =>
  a.params.join() === b.params.join() && a.results.join() === b.results.join();

export class FunctionTable {
  readonly #functions = new Map<number, WasmFunction>();
  readonly #numbers = new Map<unknown, number>();
  readonly #shapes = new Set<ModuleShape>();
  #repeatable = 0;
  #passing = 0;

  addModule(shape: ModuleShape): void {
    this.#shapes.add(shape);
  }

  get size(): number {
    return this.#functions.size;
  }

  get(id: number): WasmFunction {
    const found = this.#functions.get(id);
    if (!found)
      throw runtimeError(
        "The wasm function is gone: it came out of a call before the image was made",
      );
    return found;
  }

  numberOf(callable: unknown, repeatable: boolean, known?: FunctionType): number {
    const number = this.#numbers.get(callable);
    if (number !== undefined) return number;
    const type = known ?? this.#typeOf(callable as Callable);
    const id = repeatable ? this.#repeatable++ : --this.#passing;
    this.#functions.set(id, { run: callable as Callable, type });
    this.#numbers.set(callable, id);
    return id;
  }

  /** The engine names a function by its index in its module, and nothing else says what it takes. */
  #typeOf(callable: Callable): FunctionType {
    const index = callable.name === "" ? -1 : Number(callable.name);
    let found: FunctionType | undefined;
    for (const { functions, imported } of this.#shapes) {
      const type = index >= imported.function ? functions[index] : undefined;
      if (type === undefined || type.params.length !== callable.length) continue;
      if (found !== undefined && !sameType(found, type)) {
        throw runtimeError(
          "A function that two modules could have defined cannot leave wasm in PiCloud: export it",
        );
      }
      found = type;
    }
    if (found === undefined)
      throw runtimeError("An imported function that is not exported cannot leave wasm in PiCloud");
    return found;
  }
}
