/**
 * The async context: which value each AsyncLocalStorage has where the code runs now. Promise callbacks, timers and
 * microtasks are wrapped once the first storage is made; awaits are rewritten by the builder to call `picloud:context`.
 */
import { kernel } from "../bridge.ts";

export type Store = ReadonlyMap<object, unknown>;

let current: Store | undefined;
/** Whose context it is: in a reused sandbox requests take turns. */
let owner = 0;

export const save = (): Store | undefined =>
  owner === kernel.currentRequest ? current : undefined;

export function enter(store: Store | undefined): void {
  current = store;
  owner = kernel.currentRequest;
}

export function resume(store: Store | undefined, value: unknown): unknown {
  enter(store);
  return value;
}

export function runIn<T>(store: Store | undefined, callback: () => T): T {
  const before = save();
  enter(store);
  try {
    return callback();
  } finally {
    enter(before);
  }
}

type AnyFunction = (...args: unknown[]) => unknown;

/** The function, to run in the context of now. */
export function bind<F extends AnyFunction>(callback: F): F {
  const store = save();
  return function (this: unknown, ...args: unknown[]) {
    return runIn(store, () => Reflect.apply(callback, this, args));
  } as F;
}

const bound = (value: unknown): unknown =>
  typeof value === "function" ? bind(value as AnyFunction) : value;

let tracking = false;

export function startTracking(): void {
  if (tracking) return;
  tracking = true;
  const original = Promise.prototype.then as unknown as AnyFunction;
  replace(Promise.prototype, "then", function (this: unknown, ...args: unknown[]) {
    return Reflect.apply(original, this, [bound(args[0]), bound(args[1])]);
  });
  for (const name of ["queueMicrotask", "setTimeout", "setInterval"]) {
    const scheduler = (globalThis as unknown as Record<string, AnyFunction>)[name];
    if (scheduler === undefined) continue;
    replace(globalThis, name, function (...args: unknown[]) {
      return scheduler(bound(args[0]), ...args.slice(1));
    });
  }
}

function replace(target: object, name: string, value: AnyFunction): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(value, "name", { value: name });
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    enumerable: descriptor?.enumerable ?? true,
    value,
  });
}
