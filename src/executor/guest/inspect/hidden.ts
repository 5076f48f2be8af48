/** What a script cannot see of promises, proxies and iterators, but a reader of its log may. */
import { kernel } from "../bridge.ts";

/** As PEEK in engine/abi.ts. */
const KIND = 0;
const RESULT = 1;
const TARGET = 2;
const HANDLER = 3;
const LEFT = 4;

export type PromiseState = "pending" | "fulfilled" | "rejected";
const STATES: readonly PromiseState[] = ["pending", "fulfilled", "rejected"];

/** Null for what is no promise, such as an object that inherits from one. */
export function promiseState(value: object): PromiseState | null {
  const kind = kernel.peek(value, KIND);
  return typeof kind === "number" ? (STATES[kind] ?? null) : null;
}

/** What a settled promise holds. */
export const promiseResult = (promise: object): unknown => kernel.peek(promise, RESULT);

export function isProxy(value: object): boolean {
  const kind = kernel.peek(value, KIND);
  return kind === "proxy" || kind === "revoked";
}

/** The object behind a proxy, and behind all proxies that stand between; null if one is revoked. */
export function targetOf(proxy: object): object | null {
  let value = proxy;
  for (;;) {
    const kind = kernel.peek(value, KIND);
    if (kind === "revoked") return null;
    if (kind !== "proxy") return value;
    value = kernel.peek(value, TARGET) as object;
  }
}

/** Target and handler; null if revoked. */
export const proxyParts = (proxy: object): [target: unknown, handler: unknown] | null =>
  kernel.peek(proxy, KIND) === "revoked"
    ? null
    : [kernel.peek(proxy, TARGET), kernel.peek(proxy, HANDLER)];

export interface Remaining {
  of: "Map" | "Set";
  /** Whether the iterator gives pairs. */
  pairs: boolean;
  count: number;
  /** The first of them. */
  items: unknown[];
}

type Lister = (this: never) => Iterable<unknown>;
const LISTERS: Readonly<Record<string, Lister>> = {
  "map keys": Map.prototype.keys,
  "map values": Map.prototype.values,
  "map entries": Map.prototype.entries,
  "set keys": Set.prototype.keys,
  "set values": Set.prototype.values,
  "set entries": Set.prototype.entries,
};

/** What an iterator over a Map or Set has still to give; null for anything else. The iterator stays as it is. */
export function remainingOf(iterator: object, limit: number): Remaining | null {
  const kind = kernel.peek(iterator, KIND);
  const lister = typeof kind === "string" ? LISTERS[kind] : undefined;
  if (lister === undefined) return null;
  const count = kernel.peek(iterator, LEFT) as number;
  const items: unknown[] = [];
  if (count > 0) {
    const all = [...lister.call(kernel.peek(iterator, TARGET) as never)];
    items.push(...all.slice(all.length - count).slice(0, limit));
  }
  const [collection, given] = String(kind).split(" ");
  return { of: collection === "map" ? "Map" : "Set", pairs: given === "entries", count, items };
}
