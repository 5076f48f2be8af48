/** The members of underlying sources, sinks and transformers, as WebIDL callbacks. */
import { rejectedWith, resolvedWith } from "./promises.ts";

const { apply } = Reflect;

export type Callback = (...args: unknown[]) => unknown;

export function readCallback(source: Record<string, unknown>, name: string): Callback | undefined {
  const member = source[name];
  if (member === undefined) return undefined;
  if (typeof member !== "function") throw new TypeError(`The member ${name} is not a function`);
  return member as Callback;
}

/** A callback that returns a promise: what it throws rejects, what it returns resolves. */
export function promiseCall(callback: Callback, self: unknown, args: unknown[]): Promise<unknown> {
  try {
    return resolvedWith(apply(callback, self, args));
  } catch (error) {
    return rejectedWith(error);
  }
}

/** The callback bound to its dictionary; without one, an algorithm that succeeds. */
export function algorithm(
  callback: Callback | undefined,
  self: unknown,
): (...args: unknown[]) => Promise<unknown> {
  if (callback === undefined) return () => resolvedWith(undefined);
  return (...args) => promiseCall(callback, self, args);
}
