/** events.once, events.on and their kin: they take emitters and EventTargets alike. */
import { invalidType } from "../node-buffer/errors.ts";
import { type Emitter, EventEmitter, type Listener } from "./emitter.ts";

interface Signal {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: string, listener: () => void, options?: object): void;
  removeEventListener(type: string, listener: () => void): void;
}
interface Target {
  addEventListener(type: unknown, listener: Listener, options?: object): void;
  removeEventListener(type: unknown, listener: Listener): void;
}

const isTarget = (value: unknown): value is Target =>
  typeof (value as Target | null)?.addEventListener === "function";
const isEmitter = (value: unknown): value is Emitter =>
  typeof (value as Emitter | null)?.on === "function";

function listen(
  source: unknown,
  name: string | symbol,
  listener: Listener,
  once: boolean,
): () => void {
  if (isEmitter(source)) {
    if (once) source.once(name, listener);
    else source.on(name, listener);
    return () => source.removeListener(name, listener);
  }
  if (!isTarget(source)) throw invalidType("emitter", "an instance of EventEmitter", source);
  source.addEventListener(name, listener, { once });
  return () => source.removeEventListener(name, listener);
}

const abortError = (signal: Signal): Error => {
  const error = new Error("The operation was aborted", { cause: signal.reason });
  return Object.assign(error, { name: "AbortError", code: "ABORT_ERR" });
};

export async function once(
  source: unknown,
  name: string | symbol,
  options: { signal?: Signal } = {},
): Promise<unknown[]> {
  const { signal } = options;
  if (signal?.aborted === true) throw abortError(signal);
  const undo: (() => void)[] = [];
  try {
    return await new Promise((resolve, reject) => {
      undo.push(listen(source, name, (...args: unknown[]) => resolve(args), true));
      if (isEmitter(source) && name !== "error")
        undo.push(listen(source, "error", (error: unknown) => reject(error), true));
      const abort = (): void => reject(abortError(signal as Signal));
      signal?.addEventListener("abort", abort, { once: true });
      undo.push(() => signal?.removeEventListener("abort", abort));
    });
  } finally {
    for (const step of undo) step();
  }
}

interface OnOptions {
  signal?: Signal;
  close?: string[];
}

/** An async iterator over an event's arguments. */
export function on(
  source: unknown,
  name: string | symbol,
  options: OnOptions = {},
): AsyncIterableIterator<unknown[]> {
  const { signal } = options;
  if (signal?.aborted === true) throw abortError(signal);
  const queue: unknown[][] = [];
  let waiting: {
    resolve(result: IteratorResult<unknown[]>): void;
    reject(error: unknown): void;
  }[] = [];
  let failure: { error: unknown } | null = null;
  let ended = false;
  const undo: (() => void)[] = [];
  const end = (): void => {
    ended = true;
    for (const step of undo.splice(0)) step();
    for (const { resolve } of waiting.splice(0)) resolve({ done: true, value: undefined });
  };
  const fail = (error: unknown): void => {
    const next = waiting.shift();
    if (next === undefined) failure = { error };
    else next.reject(error);
    end();
  };
  const push = (...args: unknown[]): void => {
    const next = waiting.shift();
    if (next === undefined) queue.push(args);
    else next.resolve({ done: false, value: args });
  };
  undo.push(listen(source, name, push, false));
  if (isEmitter(source) && name !== "error") undo.push(listen(source, "error", fail, false));
  for (const close of options.close ?? []) undo.push(listen(source, close, end, true));
  const abort = (): void => fail(abortError(signal as Signal));
  signal?.addEventListener("abort", abort, { once: true });
  undo.push(() => signal?.removeEventListener("abort", abort));
  waiting = [];
  return {
    next() {
      const value = queue.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        return Promise.reject(error);
      }
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error: unknown) {
      fail(error);
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export function addAbortListener(signal: Signal, listener: () => void): object {
  if (signal.aborted) void Promise.resolve().then(listener);
  else signal.addEventListener("abort", listener, { once: true });
  const dispose = (): void => signal.removeEventListener("abort", listener);
  return Symbol.dispose === undefined ? { dispose } : { [Symbol.dispose]: dispose };
}

export const getEventListeners = (source: unknown, name: string | symbol): Listener[] =>
  isEmitter(source) ? source.listeners(name) : [];
export const getMaxListeners = (source: unknown): number =>
  isEmitter(source) ? source.getMaxListeners() : EventEmitter.defaultMaxListeners;
export function setMaxListeners(
  count = EventEmitter.defaultMaxListeners,
  ...sources: unknown[]
): void {
  if (sources.length === 0) EventEmitter.defaultMaxListeners = count;
  for (const source of sources) if (isEmitter(source)) source.setMaxListeners(count);
}
