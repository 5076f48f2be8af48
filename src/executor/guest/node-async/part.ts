/** node:async_hooks. */
import { defineModule, definePart } from "../registry.ts";
import { invalidType } from "../node-buffer/errors.ts";
import { bind, enter, resume, runIn, save, startTracking, type Store } from "./context.ts";

type AnyFunction = (...args: never[]) => unknown;

class AsyncLocalStorage {
  readonly name: string;
  readonly #default: unknown;

  constructor(options: { defaultValue?: unknown; name?: string } = {}) {
    this.#default = options.defaultValue;
    this.name = options.name ?? "";
    startTracking();
  }

  static bind<F extends AnyFunction>(callback: F): F {
    if (typeof callback !== "function") throw invalidType("fn", "of type function", callback);
    return bind(callback as never);
  }

  static snapshot(): (callback: AnyFunction, ...args: unknown[]) => unknown {
    const store = save();
    return (callback, ...args) => runIn(store, () => Reflect.apply(callback, undefined, args));
  }

  getStore(): unknown {
    const store = save();
    return store?.has(this) === true ? store.get(this) : this.#default;
  }

  run(value: unknown, callback: AnyFunction, ...args: unknown[]): unknown {
    return runIn(this.#with(value), () => Reflect.apply(callback, undefined, args));
  }

  exit(callback: AnyFunction, ...args: unknown[]): unknown {
    return runIn(this.#without(), () => Reflect.apply(callback, undefined, args));
  }

  enterWith(value: unknown): void {
    enter(this.#with(value));
  }

  disable(): void {
    enter(this.#without());
  }

  #with(value: unknown): Store {
    return new Map(save()).set(this, value);
  }

  #without(): Store {
    const store = new Map(save());
    store.delete(this);
    return store;
  }
}

let lastId = 1;

class AsyncResource {
  readonly type: string;
  readonly #store = save();
  readonly #id = ++lastId;

  constructor(type: string) {
    if (typeof type !== "string") throw invalidType("type", "of type string", type);
    this.type = type;
    startTracking();
  }

  static bind(callback: AnyFunction, _type?: string, receiver?: unknown): AnyFunction {
    const bound: AnyFunction = bind(callback as never);
    return receiver === undefined ? bound : bound.bind(receiver as never);
  }

  bind(callback: AnyFunction, receiver?: unknown): AnyFunction {
    const run = (self: unknown, args: unknown[]): unknown =>
      this.runInAsyncScope(callback, receiver ?? self, ...args);
    return function (this: unknown, ...args: unknown[]) {
      return run(this, args);
    };
  }

  runInAsyncScope(callback: AnyFunction, receiver?: unknown, ...args: unknown[]): unknown {
    return runIn(this.#store, () => Reflect.apply(callback, receiver, args));
  }

  emitDestroy(): this {
    return this;
  }

  asyncId(): number {
    return this.#id;
  }

  triggerAsyncId(): number {
    return 1;
  }
}

const hook = { enable: () => hook, disable: () => hook };

definePart("node-async", { AsyncLocalStorage });
defineModule("picloud:context", () => ({ save, enter, resume }));
defineModule("node:async_hooks", () => ({
  AsyncLocalStorage,
  AsyncResource,
  createHook: () => hook,
  executionAsyncId: () => 1,
  triggerAsyncId: () => 0,
  executionAsyncResource: () => ({}),
  asyncWrapProviders: {},
}));
