/** Deno.inspect of what no script can look into: promises, proxies, iterators, and objects that only inherit from a built-in class. */
import type { CaseTable } from "./outcomes.ts";

declare const Deno: { inspect(value: unknown, options?: Record<string, unknown>): string };

const custom = Symbol.for("Deno.customInspect");
const rejected = (reason: unknown): Promise<never> => {
  const promise = Promise.reject(reason as Error);
  promise.catch(() => undefined);
  return promise;
};
const later = new Promise<never>(() => undefined);
class Task<T> extends Promise<T> {}
const ownResult = (): object => {
  const value: { promise?: Promise<unknown> } = {};
  value.promise = Promise.resolve(value);
  return value;
};
const proxy = (target: object, handler: ProxyHandler<object> = {}): object =>
  new Proxy(target, handler);
const refusing = (): never => {
  throw new Error("a trap");
};
const refuse: ProxyHandler<object> = {
  get: refusing,
  getPrototypeOf: refusing,
  ownKeys: refusing,
  getOwnPropertyDescriptor: refusing,
};
const heir = ({ prototype }: { prototype: object }): object => Object.create(prototype) as object;

const PROMISES: Readonly<Record<string, () => unknown>> = {
  "pending promises": () => [later, new Task(() => undefined)],
  "fulfilled promises": () => [Promise.resolve("done"), Promise.resolve(), Task.resolve([1, 2])],
  "rejected promises": () => [rejected(1), rejected("x"), { at: rejected(null) }],
  "promises of promises": () => [Promise.resolve(Promise.resolve(1)), Promise.resolve([later])],
  "a promise that holds what it is in": ownResult,
  "a promise with properties": () => Object.assign(Promise.resolve({ a: { b: 1 } }), { x: 1 }),
  "promises in collections": () => [new Map([[1, Promise.resolve(2)]]), new Set([later])],
};
const PROXIES: Readonly<Record<string, () => unknown>> = {
  "a proxy of an object": () => proxy({ a: 1 }, { get: () => 9 }),
  "a proxy of a list": () => [proxy([1, 2, 3, 4, 5, 6, 7], { get: () => 9 })],
  "proxies of functions": () => [proxy(function f() {}), proxy(Task)],
  "proxies of built-ins": () =>
    [
      /a/g,
      new Date(0),
      new Map([[1, 2]]),
      new Set([1]),
      new Uint8Array(2),
      Object(1) as object,
    ].map((target) => proxy(target)),
  "proxies of buffers": () =>
    [new ArrayBuffer(2), new DataView(new ArrayBuffer(1))].map((target) => proxy(target)),
  "a proxy of a promise": () => proxy(Promise.resolve(1)),
  "a proxy of a proxy": () => proxy(proxy({ a: 1 }), refuse),
  "a proxy whose traps throw": () => proxy({ a: 1 }, refuse),
  "a proxy whose target tells its own text": () => proxy({ [custom]: () => "own" }),
};
const map = (): Map<unknown, unknown> =>
  new Map<unknown, unknown>([
    [1, "a"],
    [{ k: 1 }, [2]],
    ["x", null],
  ]);
const after = <T extends Iterator<unknown>>(iterator: T, steps: number): T => {
  for (let i = 0; i < steps; i++) iterator.next();
  return iterator;
};
/** The iterator has given an entry that is then removed. */
const removed = (): object => {
  const of = map();
  const iterator = after(of.keys(), 1);
  of.delete(1);
  of.delete("x");
  return iterator;
};
const ITERATORS: Readonly<Record<string, () => unknown>> = {
  "iterators of a map": () => [map().keys(), map().values(), map().entries()],
  "iterators of a set": () => [new Set([1, [2]]).values(), new Set([1, [2]]).entries()],
  "iterators that have begun": () => [after(map().entries(), 1), after(new Set("ab").keys(), 1)],
  "iterators at their end": () => [after(map().keys(), 3), after(map().keys(), 4)],
  "an iterator of what changes": removed,
  "a long iterator": () => new Set(Array.from({ length: 120 }, (_, i) => i)).values(),
  "an iterator with properties": () => Object.assign(map().keys(), { x: 1 }),
};

/** Deno cannot write a URL's proxy with showProxy. */
const ofTheWeb = (): object[] => [new Headers({ a: "b" }), new URL("http://a/b")];

export const cases: CaseTable = Object.fromEntries([
  ...Object.entries({ ...PROMISES, ...PROXIES, ...ITERATORS }).map(([name, value]) => [
    name,
    () => Deno.inspect(value()),
  ]),
  ...Object.entries(PROXIES).map(([name, value]) => [
    `${name}, with showProxy`,
    () => Deno.inspect(value(), { showProxy: true }),
  ]),
  ...["fulfilled promises", "rejected promises", "pending promises"].map((name) => [
    `${name}, in colors`,
    () => Deno.inspect(PROMISES[name]?.(), { colors: true }),
  ]),
  ["proxies of the web", () => Deno.inspect(ofTheWeb().map((value) => proxy(value)))],
  [
    "heirs of built-ins",
    () =>
      [RegExp, Promise, ArrayBuffer, DataView, Date, Map, Set].map((made) =>
        Deno.inspect(heir(made)),
      ),
  ],
] as [string, () => unknown][]);
