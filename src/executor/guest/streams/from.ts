/** ReadableStream.from: iterables and async iterables as streams. */
import { rejectedWith, resolvedWith, then } from "./promises.ts";
import { createReadable } from "./create.ts";

type Method = (...args: unknown[]) => unknown;
const { apply } = Reflect;
const isObject = (value: unknown): value is Record<string, unknown> =>
  (typeof value === "object" && value !== null) || typeof value === "function";

function getMethod(value: unknown, key: PropertyKey): Method | undefined {
  const method = (value as Record<PropertyKey, unknown>)[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function")
    throw new TypeError(`The member ${String(key)} is not a function`);
  return method as Method;
}

interface IteratorRecord {
  iterator: Record<string, unknown>;
  next: unknown;
  sync: boolean;
}

function openIterator(iterable: unknown): IteratorRecord {
  if (iterable === undefined || iterable === null)
    throw new TypeError("The argument is not iterable");
  let method = getMethod(iterable, Symbol.asyncIterator);
  const sync = method === undefined;
  method ??= getMethod(iterable, Symbol.iterator);
  if (method === undefined) throw new TypeError("The argument is not iterable");
  const iterator = apply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError("The iterator is not an object");
  return { iterator, next: iterator["next"], sync };
}

/** A step of a synchronous iterator, as an async one gives it: the value is awaited. */
function awaitStep(
  step: unknown,
  iterator: Record<string, unknown>,
  closes: boolean,
): Promise<unknown> {
  if (!isObject(step)) throw new TypeError("The iterator's result is not an object");
  const done = Boolean(step["done"]);
  return then(
    resolvedWith(step["value"]),
    (value: unknown) => ({ done, value }),
    (reason) => {
      if (!done && closes) {
        try {
          const method = getMethod(iterator, "return");
          if (method !== undefined) apply(method, iterator, []);
        } catch {
          // The first error counts.
        }
      }
      throw reason;
    },
  );
}

export function readableFrom(iterable: unknown): object {
  const { iterator, next, sync } = openIterator(iterable);
  const pull = (): Promise<unknown> => {
    let step: Promise<unknown>;
    try {
      const result = apply(next as Method, iterator, []);
      step = sync ? awaitStep(result, iterator, true) : resolvedWith(result);
    } catch (error) {
      return rejectedWith(error);
    }
    return then(step, (result: unknown) => {
      if (!isObject(result)) throw new TypeError("The iterator's result is not an object");
      if (result["done"]) controller.close();
      else controller.enqueue(result["value"]);
    });
  };
  const cancel = (reason: unknown): Promise<unknown> => {
    let step: Promise<unknown>;
    try {
      const method = getMethod(iterator, "return");
      if (method === undefined) return resolvedWith(undefined);
      const result = apply(method, iterator, [reason]);
      step = sync ? awaitStep(result, iterator, false) : resolvedWith(result);
    } catch (error) {
      return rejectedWith(error);
    }
    return then(step, (result: unknown) => {
      if (!isObject(result)) throw new TypeError("The iterator's result is not an object");
    });
  };
  const { stream, controller } = createReadable(() => undefined, pull, cancel, 0);
  return stream;
}
