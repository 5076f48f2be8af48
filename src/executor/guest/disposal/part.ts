/** DisposableStack, AsyncDisposableStack and SuppressedError, which QuickJS does not have yet. */
import { definePart } from "../registry.ts";

type AnyFunction = (...args: unknown[]) => unknown;
interface Resource {
  value: unknown;
  dispose: AnyFunction;
}

const symbols = Symbol as unknown as { dispose: symbol; asyncDispose: symbol };

class SuppressedError extends Error {
  readonly error: unknown;
  readonly suppressed: unknown;

  constructor(error: unknown, suppressed: unknown, message?: string) {
    super(message);
    for (const [name, value] of [
      ["error", error],
      ["suppressed", suppressed],
    ] as const)
      Object.defineProperty(this, name, {
        value,
        writable: true,
        configurable: true,
        enumerable: false,
      });
  }
}
Object.defineProperty(SuppressedError.prototype, "name", {
  value: "SuppressedError",
  writable: true,
  configurable: true,
});

function method(value: unknown, async: boolean): AnyFunction | null {
  if (value === null || value === undefined) return null;
  const found =
    (async ? (value as Record<symbol, unknown>)[symbols.asyncDispose] : undefined) ??
    (value as Record<symbol, unknown>)[symbols.dispose];
  if (typeof found !== "function") throw new TypeError("The value is not disposable");
  return found as AnyFunction;
}

class Stack {
  protected resources: Resource[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  protected take(): Resource[] {
    this.#disposed = true;
    return this.resources.splice(0).reverse();
  }

  protected open(): void {
    if (this.#disposed) throw new ReferenceError("The stack is disposed already");
  }

  adopt<T>(value: T, onDispose: (value: T) => unknown): T {
    this.open();
    if (typeof onDispose !== "function") throw new TypeError("onDispose is not a function");
    this.resources.push({ value: undefined, dispose: () => onDispose(value) });
    return value;
  }

  defer(onDispose: () => unknown): void {
    this.open();
    if (typeof onDispose !== "function") throw new TypeError("onDispose is not a function");
    this.resources.push({ value: undefined, dispose: onDispose });
  }
}

class DisposableStack extends Stack {
  use<T>(value: T): T {
    this.open();
    const dispose = method(value, false);
    if (dispose !== null) this.resources.push({ value, dispose });
    return value;
  }

  dispose(): void {
    if (this.disposed) return;
    let failure: { error: unknown } | null = null;
    for (const { value, dispose } of this.take()) {
      try {
        Reflect.apply(dispose, value, []);
      } catch (error) {
        failure = { error: failure === null ? error : new SuppressedError(error, failure.error) };
      }
    }
    if (failure !== null) throw failure.error;
  }

  move(): DisposableStack {
    this.open();
    const moved = new DisposableStack();
    moved.resources = this.take().reverse();
    return moved;
  }
}

class AsyncDisposableStack extends Stack {
  use<T>(value: T): T {
    this.open();
    const dispose = method(value, true);
    if (dispose !== null) this.resources.push({ value, dispose });
    return value;
  }

  async disposeAsync(): Promise<void> {
    if (this.disposed) return;
    let failure: { error: unknown } | null = null;
    for (const { value, dispose } of this.take()) {
      try {
        await Reflect.apply(dispose, value, []);
      } catch (error) {
        failure = { error: failure === null ? error : new SuppressedError(error, failure.error) };
      }
    }
    if (failure !== null) throw failure.error;
  }

  move(): AsyncDisposableStack {
    this.open();
    const moved = new AsyncDisposableStack();
    moved.resources = this.take().reverse();
    return moved;
  }
}

for (const [Class, symbol, name] of [
  [DisposableStack, symbols.dispose, "dispose"],
  [AsyncDisposableStack, symbols.asyncDispose, "disposeAsync"],
] as const) {
  const value = (Class.prototype as unknown as Record<string, unknown>)[name];
  Object.defineProperty(Class.prototype, symbol, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  Object.defineProperty(Class.prototype, Symbol.toStringTag, {
    value: Class.name,
    configurable: true,
  });
}

definePart("disposal", { DisposableStack, AsyncDisposableStack, SuppressedError });
